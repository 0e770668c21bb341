"""References by code: `[[FIN-S01]]` in a text and the procedures that steps carry out.

A reference becomes a plain link, whatever it points at and whoever reads it: the stored text is the same for everybody,
and what may not be seen answers 404 at the other end.
"""

from collections.abc import Iterator

from django.urls import reverse

from sopdesk.lib.markup import render_markdown

TEXTS = ("purpose", "scope", "outcome", "prerequisites", "definitions", "background", "references")
STEP_TEXTS = ("body", "expected", "warning")


def address_of_reference(code: str, part: str = "") -> str:
    """Where `[[code#part]]` leads: to the procedure's page, and there to the part of the standard."""
    address = reverse("procedure", args=[code])
    return f"{address}#part-{part}" if part else address


def codes_in_text(text: str) -> list[str]:
    """The codes that one Markdown text refers to, each once; exactly those that become links when it is shown."""
    if "[[" not in text:
        return []
    found: dict[str, None] = {}

    def collect(code: str, part: str) -> str:
        found[code] = None
        return address_of_reference(code, part)

    render_markdown(text, references=collect)
    return list(found)


def references_in(content: dict) -> Iterator[tuple[str | None, str]]:
    """The codes that a content refers to, with the uid of the step or None for the rest; each pair once."""
    around = [content[name] for name in TEXTS] + [part["note"] for part in content["parts"]]
    yield from ((None, code) for code in dict.fromkeys(code for text in around for code in codes_in_text(text)))
    for step in content["steps"]:
        codes = [code for name in STEP_TEXTS for code in codes_in_text(step[name])]
        if step["subprocedure"]:
            codes.append(step["subprocedure"])
        yield from ((step["uid"], code) for code in dict.fromkeys(codes))
