"""The document that readers see, made out of a revision's content.

The words around the author's text (headings, "You should see") are in the language of the document, not of the
person, because the result is stored with the frozen revision and shown to everybody as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from procedures.flowchart import Thumbnail, chart_of, has_chart, standalone_svg, thumbnail_of
from procedures.mermaid import WORD, hook_of
from procedures.models import DueUnit, Evidence, Letter, StepKind
from procedures.models.step import END
from procedures.partviews import PartView, part_views
from procedures.phrases import benchmark_target, labels_language
from procedures.references import address_of_reference
from procedures.standards.kinds import keyed
from sopdesk.lib.markup import render_markdown

Media = Callable[[str], str]
Reference = Callable[[str, str], str]

# Hashed names of static files change from release to release, stored documents do not.
ICON_SHEET = "sopdesk:icons.svg"

RACI_TABLE = re.compile(r'<table class="table raci">.*?</table>', re.S)
RACI_ROLE = re.compile(r'<th scope="col">(.*?)</th>', re.S)
RACI_CELL = re.compile(r"<td>")

BEFORE_STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("purpose", gettext_lazy("Purpose")),
    ("scope", gettext_lazy("Scope")),
    ("outcome", gettext_lazy("Expected result")),
    ("trigger", gettext_lazy("When")),
    ("prerequisites", gettext_lazy("Before you start")),
)
AFTER_STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("background", gettext_lazy("Background")),
    ("references", gettext_lazy("References")),
    ("contact", gettext_lazy("Contact")),
)
ONE_LINERS = {"trigger", "contact"}
"""Fields of one line: text as it was typed, not Markdown."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with text below it."""

    anchor: str
    title: str
    body: SafeString


@dataclass(frozen=True, slots=True)
class Branch:
    """One way out of a decision; `number` is that of the step it leads to, None for the other ways."""

    label: str
    number: int | None
    words: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its texts as HTML."""

    number: int
    title: str
    role: dict | None
    minutes: int | None
    is_hold: bool
    is_notice: bool
    items: list[str]
    subprocedure: str
    facts: list[tuple[str, str]]
    body: SafeString
    expected: SafeString
    warning: SafeString
    branches: list[Branch]

    @property
    def anchor(self) -> str:
        return step_anchor(self.number)


@dataclass(frozen=True, slots=True)
class StepGroup:
    """Neighbouring steps of one section; `title` is "Steps" for those outside any section."""

    anchor: str
    title: str
    steps: list[StepView]

    @property
    def start(self) -> int:
        return self.steps[0].number


@dataclass(frozen=True, slots=True)
class RaciRow:
    """The letters of the whole (`number` is None) or of one step, one cell per role, in reading order R A C I."""

    number: int | None
    title: str
    cells: list[list[Letter]]


@dataclass(frozen=True, slots=True)
class Raci:
    roles: list[dict]
    rows: list[RaciRow]


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that the templates of a document print, in its own language."""

    before: list[Section]
    after: list[Section]
    definitions: SafeString
    parts: list[PartView]
    groups: list[StepGroup]
    raci: Raci | None
    benchmarks: list[dict]
    content: dict


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the table of contents; `number` is None for what is not a step."""

    anchor: str
    title: str
    number: int | None = None


def render_document(content: dict, *, media: Media) -> SafeString:
    """The whole document of `content` as HTML, for `Revision.rendered`.

    `media` takes the key in `media:<key>` and returns the address of the picture, "" when there is none. The result
    is printed by the template tag `stored_document` only, which fills in the address of the icons.
    """
    with translation.override(labels_language(content)):
        context = {
            "document": document_of(content, media=media),
            "chart": chart_of(content),
            "icons": ICON_SHEET,
        }
        return render_to_string("procedures/_document.html", context)


def render_steps(content: dict, *, media: Media) -> SafeString:
    """The steps of `content` alone, to be read inside another procedure; never stored."""
    with translation.override(labels_language(content)):
        return render_to_string(
            "procedures/_steps_of_another.html", {"document": document_of(content, media=media)}
        )  # fmt: skip


def render_step(content: dict, *, number: int, media: Media) -> SafeString:
    """One step of `content` as it is written, to be read on a page about it; never stored."""
    with translation.override(labels_language(content)):
        steps = [step for group in document_of(content, media=media).groups for step in group.steps]
        groups = [{"steps": [step for step in steps if step.number == number]}]
        return render_to_string("procedures/_steps_of_another.html", {"document": {"groups": groups}})


def with_icons(rendered: str) -> str:
    """`rendered` with its symbols taken from today's icon sheet."""
    return rendered.replace(f'<use href="{ICON_SHEET}#', f'<use href="{static("icons.svg")}#')


def with_role_labels(rendered: str) -> str:
    """`rendered` with the role at each cell of its table of responsibilities, which a narrow page says beside the
    letters. Texts that were stored before have none, so it is put there when they are shown."""
    return RACI_TABLE.sub(_labelled, rendered)


def _labelled(table: re.Match[str]) -> str:
    roles = RACI_ROLE.findall(table[0])[1:]
    rows = table[0].split("<tr>")
    return "<tr>".join(rows[:2] + [_with_labels(row, roles) for row in rows[2:]])


def _with_labels(row: str, roles: list[str]) -> str:
    names = iter(roles)
    return RACI_CELL.sub(lambda _cell: f'<td data-label="{next(names, "")}">', row)


def step_anchor(number: int) -> str:
    return f"step-{number}"


def contents_of(content: dict) -> list[ContentsEntry]:
    """The lines of the table of contents, in the language of the document."""
    with translation.override(labels_language(content)):
        return list(_contents(content))


def _contents(content: dict) -> Iterator[ContentsEntry]:
    yield from (ContentsEntry(name, str(title)) for name, title in BEFORE_STEPS if content[name])
    if content["tools"]:
        yield ContentsEntry("tools", _("Tools and systems"))
    if content["definitions"]:
        yield ContentsEntry("definitions", _("Definitions"))
    yield from (ContentsEntry(f"part-{key}", part["name"]) for key, part in keyed(content["parts"]).items())
    section = ""
    for step in content["steps"]:
        if step["section"] and step["section"] != section:
            yield ContentsEntry(section_anchor(step["number"]), step["section"])
        section = step["section"]
        yield ContentsEntry(step_anchor(step["number"]), step["title"] or _("Step without a title"), step["number"])
    if has_chart(content):
        yield ContentsEntry("flowchart", _("Flowchart"))
    if has_raci(content):
        yield ContentsEntry("responsibilities", _("Responsibilities"))
    if content["records"]:
        yield ContentsEntry("records", _("Records"))
    if content["benchmarks"]:
        yield ContentsEntry("benchmarks", _("Benchmarks"))
    yield from (ContentsEntry(name, str(title)) for name, title in AFTER_STEPS if content[name])


def thumbnail(content: dict) -> Thumbnail | None:
    """What shows the chart of a rendered document a second time, small; None when it has none."""
    with translation.override(labels_language(content)):
        return thumbnail_of(content)


def flowchart_file(content: dict, *, steps_at: str) -> bytes:
    """The chart as an SVG file, in the language of the document; empty when there is nothing to draw."""
    with translation.override(labels_language(content)):
        return standalone_svg(content, steps_at=steps_at).encode()


def section_anchor(first_step: int) -> str:
    return f"steps-from-{first_step}"


def document_of(content: dict, *, media: Media, at: str = "", references: Reference = address_of_reference) -> Document:
    """What a document's template prints. Call it inside the language of the labels.

    at: how ids in the texts begin, where several documents stand in one.
    references: where `[[code#part]]` leads.
    """
    diagrams = hook_of(content)

    def html(text: str, prefix: str) -> SafeString:
        if not text:
            return SafeString("")
        more = {"diagrams": diagrams} if diagrams and WORD in text else {}
        return render_markdown(text, media=media, references=references, id_prefix=at + prefix, **more)

    def sections(names: tuple[tuple[str, str | Promise], ...]) -> list[Section]:
        return [Section(name, str(title), text(name)) for name, title in names if content[name]]

    def text(name: str) -> SafeString:
        return format_html("<p>{}</p>", content[name]) if name in ONE_LINERS else html(content[name], name)

    numbers = {step["uid"]: step["number"] for step in content["steps"]}
    return Document(
        before=sections(BEFORE_STEPS),
        after=sections(AFTER_STEPS),
        definitions=html(content["definitions"], "definitions"),
        parts=part_views(content["parts"], html),
        groups=[
            StepGroup(
                anchor=section_anchor(steps[0]["number"]),
                title=title or _("Steps"),
                steps=[_step_view(step, numbers, html) for step in steps],
            )
            for title, found in groupby(content["steps"], key=lambda step: step["section"])
            if (steps := list(found))
        ],
        raci=raci_of(content) if has_raci(content) else None,
        benchmarks=[{"name": row["name"], "target": benchmark_target(row)} for row in content["benchmarks"]],
        content=content,
    )


def _step_view(step: dict, numbers: dict[str, int], html: Callable[[str, str], SafeString]) -> StepView:
    anchor = step_anchor(step["number"])
    return StepView(
        number=step["number"],
        title=step["title"] or _("Step without a title"),
        role=step["role"],
        minutes=step["minutes"],
        is_hold=step["hold"],
        is_notice=step["kind"] == StepKind.NOTICE,
        items=step["items"],
        subprocedure=step["subprocedure"],
        facts=list(_step_facts(step)),
        body=html(step["body"], anchor),
        expected=html(step["expected"], f"{anchor}-expected"),
        warning=html(step["warning"], f"{anchor}-warning"),
        branches=[_branch(row, step["number"], numbers) for row in step["branches"]],
    )


def _step_facts(step: dict) -> Iterator[tuple[str, str]]:
    """What one needs for a step and leaves behind, each with its name."""
    if step["due"]:
        yield _("Done within"), _due(step["due"])
    if step["tool"]:
        yield _("With"), step["tool"]
    if step["record"]:
        yield _("Record or form"), step["record"]
    if step["evidence"] != Evidence.NONE:
        proof = str(Evidence(step["evidence"]).label)
        name = step["evidence_name"]
        yield _("Proof"), _("%(proof)s, named %(name)s") % {"proof": proof, "name": name} if name else proof


def _due(due: dict) -> str:
    after = due["after"]
    match due["unit"]:
        case DueUnit.HOURS:
            words = ngettext("%(count)d hour from the start", "%(count)d hours from the start", after)
        case DueUnit.WORKING_DAYS:
            words = ngettext("%(count)d working day from the start", "%(count)d working days from the start", after)
        case DueUnit.WEEKS:
            words = ngettext("%(count)d week from the start", "%(count)d weeks from the start", after)
        case _:
            words = ngettext("%(count)d day from the start", "%(count)d days from the start", after)
    return words % {"count": after}


def _branch(branch: dict, here: int, numbers: dict[str, int]) -> Branch:
    target = numbers.get(branch["target"])
    if branch["target"] == END:
        words = _("the procedure ends here")
    elif target is None:
        words = _("go on with the next step")
    elif target <= here:
        words = _("go back to step %(number)d") % {"number": target}
    else:
        words = _("go to step %(number)d") % {"number": target}
    return Branch(label=branch["label"], number=target, words=words)


def has_raci(content: dict) -> bool:
    """Whether a table says more than the badges at the steps: letters were given, or several roles take part."""
    given = content["responsibilities"] or any(step["responsibilities"] for step in content["steps"])
    return bool(given) or len({step["role"]["id"] for step in content["steps"] if step["role"]}) > 1


def raci_of(content: dict) -> Raci:
    """Who does, answers for, is asked and is told: roles across, the whole and the steps down.

    The role of a step is responsible for it without anybody writing the letter down.
    """
    whole = [(row["role"], row["letter"]) for row in content["responsibilities"]]
    by_step = [
        [(step["role"], Letter.RESPONSIBLE)] * bool(step["role"])
        + [(row["role"], row["letter"]) for row in step["responsibilities"]]
        for step in content["steps"]
    ]
    roles = {role["id"]: role for letters in [whole, *by_step] for role, _letter in letters}

    def cells(letters: list[tuple[dict, str]]) -> list[list[Letter]]:
        given = {(role["id"], letter) for role, letter in letters}
        return [[letter for letter in Letter if (role_id, letter) in given] for role_id in roles]

    rows = [RaciRow(None, _("The whole"), cells(whole))] if whole else []
    rows += [
        RaciRow(step["number"], step["title"], cells(letters))
        for step, letters in zip(content["steps"], by_step, strict=True)
        if letters
    ]
    return Raci(roles=list(roles.values()), rows=rows)
