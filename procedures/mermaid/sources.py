"""Which diagrams a content holds, and how the renderer of its texts learns where their pictures are."""

import hashlib
from collections.abc import Callable, Iterator

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.mermaid.drawing import FORBIDDEN, TOO_LONG, TOO_MUCH, title_of
from procedures.mermaid.keeping import kept_errors
from procedures.models import Revision
from sopdesk.lib.markup import DrawnBlock, render_markdown

Hook = Callable[[str], DrawnBlock | None]

WORD = "mermaid"
TEXTS = ("purpose", "scope", "outcome", "prerequisites", "definitions", "background", "references")
STEP_TEXTS = ("body", "expected", "warning")
MOST = 20
"""Diagrams of one document that are drawn; what comes after stays source."""


def key_of(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()


def draft_may_hold_diagrams(revision: Revision) -> bool:
    """Whether it is worth reading the whole draft for them; one query."""
    in_steps = Q()
    for name in STEP_TEXTS:
        in_steps |= Q(**{f"{name}__contains": WORD})
    return any(WORD in getattr(revision, name) for name in TEXTS) or revision.steps.filter(in_steps).exists()


def diagram_sources(content: dict) -> dict[str, str]:
    """Hash → source of the diagrams in `content`, in order: exactly those that rendering it comes across."""
    found: dict[str, str] = {}

    def note(source: str) -> None:
        if len(found) < MOST:
            found.setdefault(key_of(source), source)

    for text in _texts(content):
        if WORD in text:
            render_markdown(text, diagrams=note)
    return found


def hook_of(content: dict) -> Hook | None:
    """What the renderer asks for the picture of a block; None when `content` holds no diagram, at no cost.

    A source that has not been drawn yet gets an address all the same: it is drawn when a browser asks for it.
    """
    if not (sources := diagram_sources(content)) or not content.get("number"):
        return None
    why_not = kept_errors(sources)

    def find(source: str) -> DrawnBlock | None:
        key = key_of(source)
        if key not in sources:
            return DrawnBlock(error=_("This document has too many diagrams: %(limit)d are drawn.") % {"limit": MOST})
        if error := why_not.get(key, ""):
            return DrawnBlock(error=explained(error))
        url = reverse("diagram", args=[content["code"], content["number"], key])
        return DrawnBlock(url=url, alt=title_of(source) or _("Diagram; its source follows as text."))

    return find


def explained(error: str) -> str:
    """Why there is no picture, in plain words."""
    match error:
        case _ if error == TOO_LONG:
            return _("This diagram is not drawn: its source is too long. Divide it.")
        case _ if error == TOO_MUCH:
            return _("This diagram is not drawn: it is too large or too complicated. Divide it.")
        case _ if error == FORBIDDEN:
            return _("This diagram is not drawn: it holds something that is not allowed, such as an outside address.")
    return _("This diagram is not drawn, because it contains a mistake: %(reason)s") % {"reason": error}


def _texts(content: dict) -> Iterator[str]:
    yield from (content.get(name, "") for name in TEXTS)
    for step in content["steps"]:
        yield from (step[name] for name in STEP_TEXTS)
    yield from (part["note"] for part in content.get("parts", []))
