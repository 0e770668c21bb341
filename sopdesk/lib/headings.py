"""Levels of headings within a document that is put together from texts."""

import re

from django.utils.safestring import SafeString, mark_safe

LOWEST = 6
_HEADING = re.compile(r"<(/?)h([1-6])(?=[\s>])")


def headings_below(html: SafeString, level: int) -> SafeString:
    """`html`, which is safe, with its headings one below the other from `level` + 1 on: none is left out, whatever
    levels the author chose."""
    open_levels: list[int] = []

    def moved(match: re.Match[str]) -> str:
        closing, wanted = match[1], int(match[2])
        if not closing:
            while open_levels and open_levels[-1] >= wanted:
                open_levels.pop()
            open_levels.append(wanted)
        return f"<{closing}h{min(level + len(open_levels), LOWEST)}"

    return mark_safe(_HEADING.sub(moved, html))  # noqa: S308  safe before, digits changed  # nosec B308 B703
