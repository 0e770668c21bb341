"""The parts of a manual as HTML for `procedures/pdf/work.py`: front, chapters, index."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from procedures.content import revision_content
from procedures.manuals.selecting import Selection, in_words
from procedures.models import Manual, RenditionKind, Revision
from procedures.pdf.document import context_of
from procedures.pdf.renderer import FIRST_PAGE, LAST_PAGE, page_mark
from procedures.phrases import labels_language
from procedures.references import address_of_reference
from procedures.rendering import step_anchor
from roles.firm import logo_url
from roles.models import Firm
from roles.queries import today
from sopdesk.lib.sorting import sort_key


@dataclass(frozen=True, slots=True)
class Place:
    """Something that stands on a page: its anchor, and the mark that becomes the number of the page."""

    anchor: str
    text: str

    @property
    def page(self) -> str:
        return page_mark(self.anchor)


@dataclass(slots=True)
class RoleEntry:
    """A role in one procedure: the steps that name it."""

    procedure: Place
    steps: list[Place] = field(default_factory=list)


def chapter_html(revision: Revision, *, firm: Firm, included: frozenset[str]) -> str:
    """A procedure as a chapter: links to those that are `included`, by their codes, stay within the manual."""

    def reference(code: str, part: str) -> str:
        if code not in included:
            return address_of_reference(code, part)
        return f"#{code}-part-{part}" if part else f"#{code}"

    is_emergency = revision.is_emergency(today())
    kind = RenditionKind.PDF_EMERGENCY if is_emergency else RenditionKind.PDF
    with translation.override(labels_language(revision_content(revision))):
        context = context_of(revision, kind=kind, firm=firm, at=f"{revision.procedure.code}-", references=reference)
        return render_to_string("pdf/procedure.html", {**context, "first_page": FIRST_PAGE})


def front_html(manual: Manual, revisions: Sequence[Revision], *, firm: Firm) -> str:
    """Cover and contents, in the language of the person who asked."""
    with translation.override(manual.person.language):
        context = {
            **_frame(manual, firm),
            "selection": in_words(Selection.from_json(manual.selection)),
            "chapters": [(row, Place(row.procedure.code, row.title)) for row in revisions],
            "last_page": page_mark(LAST_PAGE),
            "index_page": page_mark("index-by-role"),
        }
        return render_to_string("pdf/manual_front.html", context)


def index_html(manual: Manual, revisions: Sequence[Revision], *, firm: Firm) -> str:
    """Who finds what where: every role with the procedures and steps that name it."""
    context = {**_frame(manual, firm), "roles": roles_in(revisions), "first_page": FIRST_PAGE}
    with translation.override(manual.person.language):
        return render_to_string("pdf/manual_index.html", context)


def roles_in(revisions: Sequence[Revision]) -> list[tuple[str, list[RoleEntry]]]:
    """Roles by name, each with its procedures by code and there the steps that it does or is named at."""
    found: dict[str, dict[str, RoleEntry]] = defaultdict(dict)

    def entry(role: dict, revision: Revision) -> RoleEntry:
        code = revision.procedure.code
        return found[role["name"]].setdefault(code, RoleEntry(Place(code, f"{code} {revision.title}")))

    for revision in revisions:
        content = revision_content(revision)
        for row in content["responsibilities"]:
            entry(row["role"], revision)
        for step in content["steps"]:
            roles = [step["role"]] if step["role"] else []
            roles += [row["role"] for row in step["responsibilities"]]
            place = Place(
                f"{revision.procedure.code}-{step_anchor(step['number'])}", f"{step['number']}. {step['title']}"
            )
            for role in {role["name"]: role for role in roles}.values():
                entry(role, revision).steps.append(place)
    return [(name, list(entries.values())) for name, entries in sorted(found.items(), key=lambda row: sort_key(row[0]))]


def _frame(manual: Manual, firm: Firm) -> dict:
    return {
        "at": "manual",
        "manual": manual,
        "firm": firm,
        "logo": logo_url(firm),
        "language": manual.person.language,
        "base_url": settings.BASE_URL,
    }
