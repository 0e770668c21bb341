"""The block of fields at the head of a Markdown file: between two `---` lines, or closed by one and never opened."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from procedures.importing.document import Note

MAX_FRONT_MATTER = 64_000
_CLOSING = re.compile(r"^(---|\.\.\.)\s*$")
_FIELD = re.compile(r"^[A-Za-z_][\w.\- ]*:(\s|$)")
_FIELD_OR_CONTINUATION = re.compile(r"^([A-Za-z_][\w.\- ]*:(\s|$)|\s+\S|- |#|\s*$)")
_SEARCHED_LINES = 400


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields, or the block as it stands in `unread` when it cannot be read. The body starts at `body_line`."""

    fields: dict[str, Any]
    body: str
    body_line: int
    unread: str = ""
    notes: list[Note] = field(default_factory=list)


def split_front_matter(text: str) -> FrontMatter:
    """Part the fields from the body. Values stay strings, so that version 1.10 does not become 1.1.

    Never raises: a block that is not valid YAML, uses aliases or is larger than 64,000 characters is handed back
    as text in `unread`, with a note.
    """
    lines = text.split("\n")
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    opened = lines[start].rstrip() == "---"
    first = start + 1 if opened else start
    end = _closing_line(lines, first, opened=opened)
    if end is None:
        return FrontMatter({}, text, 1)

    block = "\n".join(lines[first:end])
    body, body_line = "\n".join(lines[end + 1 :]), end + 2
    try:
        fields = _load(block)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if not opened:
            return FrontMatter({}, text, 1)
        cause = str(error).splitlines()[0]
        why = _("The front matter cannot be read (%(cause)s); it is kept as text.") % {"cause": cause}
        return FrontMatter({}, body, body_line, unread=block, notes=[Note(start + 1, _("front matter"), why)])
    unopened = Note(start + 1, _("front matter"), _("It is closed but never opened; read all the same."))
    notes = [] if opened else [unopened]
    return FrontMatter(fields, body, body_line, notes=notes)


def _closing_line(lines: list[str], first: int, *, opened: bool) -> int | None:
    for index in range(first, min(len(lines), first + _SEARCHED_LINES)):
        if _CLOSING.match(lines[index]):
            return _accepted(lines[first:index], first + (index - first), opened=opened)
        # Without an opening line, the first thing that is no field proves that this is text.
        if not opened and not _FIELD_OR_CONTINUATION.match(lines[index]):
            return None
    return None


def _accepted(block: list[str], end: int, *, opened: bool) -> int | None:
    """Two rules around a paragraph are no front matter, and neither is one rule below a text."""
    content = [line for line in block if line.strip() and not line.lstrip().startswith("#")]
    if not content:
        return end if opened else None
    return end if any(_FIELD.match(line) for line in content) and (opened or _FIELD.match(content[0])) else None


def _load(block: str) -> dict[str, Any]:
    if len(block) > MAX_FRONT_MATTER:
        raise ValueError("it is longer than 64,000 characters")
    # An alias can make a small block expand without limit.
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.SafeLoader)):
        raise ValueError("it uses aliases")
    # BaseLoader builds strings, lists and maps only.
    loaded = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 # nosec B506
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise ValueError("it holds no fields")
    return {str(key): value for key, value in loaded.items()}


def as_text(value: Any) -> str:
    """A field's value on one line: lists with commas, maps as "key: value"."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {as_text(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(as_text(inner) for inner in value)
    return " ".join(str(value).split())
