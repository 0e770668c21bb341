"""From the blocks of a document to a procedure: title, fields, sections, steps, and what is left as background.

The one place that decides where each part of a document goes; it knows no file format.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from procedures.importing import roles, titles
from procedures.importing.blocks import Block, Section, SourceDocument, markdown_of, sections_of
from procedures.importing.document import Note
from procedures.importing.language import fold
from procedures.importing.reporting import Recognised
from procedures.importing.stepmaking import StepMaker, links_and_images
from procedures.importing.steps import (
    FIELD_KINDS,
    Draft,
    StepPlan,
    belongs_to_previous,
    is_contents,
    plan_steps,
    units_of,
)
from procedures.importing.tokens import plain_text

MAX_INTRODUCTION = 1_500
MAX_SUMMARY = 1_500
MAX_SECTION = 200


def recognise(document: SourceDocument) -> Recognised:
    """Understand `document`; every block ends in a field, a step, the background or among the dropped."""
    return _Recogniser(document).run()


class _Recogniser:
    def __init__(self, document: SourceDocument) -> None:
        self.document = document
        self.found = Recognised()
        self.maker = StepMaker(self.found.notes)
        self.drafts: list[Draft] = []
        self.waiting: list[Block] = []
        self.shown_headings: set[int] = set()
        self.plan = StepPlan(frozenset(), frozenset())

    def run(self) -> Recognised:
        found = self.found
        found.title, found.title_from, blocks = titles.title_of(self.document)
        self._used_for_title(blocks)
        found.metadata, found.other_metadata = titles.front_matter_fields(self.document, title=found.title)
        found.history += roles.history_of_fields(self.document.fields)
        root = sections_of(blocks)
        self._hoist_only_title(root)
        self._read_code()
        self._read_head(root)
        self.plan = plan_steps(root, self.document.language, title=found.title)
        self._introduction(root)
        for child in root.children:
            self._section(child, path=())
        if self.document.unread_fields:
            self._keep("background", f"```yaml\n{self.document.unread_fields}\n```")
        self._make_steps()
        self._settle_summary()
        found.labels += self.maker.labels
        return found

    def _used_for_title(self, left: Sequence[Block]) -> None:
        """Account for the heading or line that became the title; its links, if any, go to the background."""
        self.found.read["headings"] += self.found.title_from == "heading"
        ids = {id(block) for block in left}
        for block in self.document.blocks:
            if id(block) not in ids:
                self._keep("background", links_and_images(block.text))

    def _hoist_only_title(self, root: Section) -> None:
        """With a title from elsewhere, one heading over the whole document is no section of it."""
        if len(root.children) != 1 or root.blocks or root.children[0].level != 1:
            return
        only = root.children[0]
        heading = only.heading.plain if only.heading else ""
        self.found.read["headings"] += 1
        if fold(heading) != fold(self.found.title):
            self.found.other_metadata.setdefault("heading", heading)
            why = _("The document's own heading differs: “%(heading)s”.") % {"heading": heading}
            self.found.notes.append(Note(only.line, _("title"), why))
        root.blocks, root.children = only.blocks, only.children

    def _read_code(self) -> None:
        found = self.found
        stated = found.metadata.get("code", "")
        if stated and titles.looks_like_code(stated):
            found.code = stated
            return
        code, title = titles.code_at_head(found.title)
        if code:
            found.code, found.title = code, title

    def _read_head(self, root: Section) -> None:
        """Take the fields that the document states about itself before its first section."""
        metadata_sections = [child for child in root.children if child.kind == "metadata"]
        for section in (root, *metadata_sections):
            kept = []
            for block in section.blocks:
                pairs = titles.table_fields(block) or titles.paragraph_fields(block)
                if not pairs:
                    kept.append(block)
                    continue
                self._count_read(block)
                if block.rows and not titles.known_field(pairs[0][0]):
                    self.found.labels += pairs.pop(0)
                for name, value in pairs:
                    self._state(name, value)
            section.blocks = kept
        if not self.found.code and titles.looks_like_code(self.found.metadata.get("code", "")):
            self.found.code = self.found.metadata["code"]

    def _state(self, name: str, value: str) -> None:
        ours = titles.known_field(name)
        if ours == "title" and fold(value) == fold(self.found.title):
            self.found.labels.append(name)
        elif ours and value and not self.found.metadata.get(ours):
            self.found.metadata[ours] = value
            self.found.labels.append(name)
        else:
            self.found.other_metadata.setdefault(name, value)

    def _count_read(self, block: Block) -> None:
        if block.kind == "table":
            self.found.read["tables"] += 1
        self.found.read["list items"] += len(block.items)

    def _introduction(self, root: Section) -> None:
        """The text before the first heading: its first paragraph sums the document up, steps may follow at once."""
        first_list = next((at for at, unit in enumerate(units_of(root)) if isinstance(unit, list)), None)
        head = root.blocks if first_list is None or not self.plan.lists_are_steps(root) else root.blocks[:first_list]
        prose = [block for block in head if not self._dropped_as_contents(block)]
        paragraph = next((at for at, block in enumerate(prose) if _sums_up(block)), None)
        if paragraph is not None and len(prose[paragraph].text) <= MAX_SUMMARY:
            self._keep("summary", prose.pop(paragraph).text)
        self._keep("background", markdown_of(prose))
        if len(head) == len(root.blocks):
            self._note_lists_kept(root)
        else:
            root.blocks = root.blocks[len(head) :]
            self._own_blocks(root, path=())

    def _section(self, section: Section, *, path: tuple[Section, ...]) -> None:
        if self.plan.is_step(section):
            self._heading_step(section, path)
        elif section.kind == "contents" and all(map(is_contents, section.blocks)) and not section.children:
            self._drop_contents(section)
        elif section.kind in FIELD_KINDS or self._is_summary(section):
            self._field(section, path)
        else:
            self._own_blocks(section, path=path)
            for child in section.children:
                self._section(child, path=(*path, section))
            self._leave_waiting(section, path)

    def _is_summary(self, section: Section) -> bool:
        """A short "Overview" without steps, when the document has not summed itself up before."""
        if section.kind != "summary" or self.plan.has_steps(section):
            return False
        return "summary" not in self.found.texts and len(markdown_of(section.own_and_below())) <= MAX_SUMMARY

    def _field(self, section: Section, path: tuple[Section, ...]) -> None:
        """A section that has a field of its own; sections below it that have another one go there."""
        heading = section.heading.plain if section.heading else ""
        name = section.kind
        blocks = [*_heading_links(section), *section.blocks]
        others: list[Section] = []
        for child in section.children:
            if child.kind in FIELD_KINDS and child.kind != name:
                others.append(child)
            elif child.heading:
                blocks += [child.heading, *child.own_and_below()]
        if name == "roles":
            blocks = self._read_roles(section, blocks)
        elif name == "history":
            blocks = self._read_history(blocks)
        if name in ("roles", "history") and blocks:
            self._keep_section(section, blocks, path)
        elif name in self.found.found_under and section.heading:
            self._keep(name, markdown_of([section.heading, *blocks]))
        else:
            self.found.read["headings"] += 1
            self._keep(name, markdown_of(blocks))
        self.found.found_under.setdefault(name, heading)
        lists = sum(len(block.items) for block in blocks if block.kind == "ordered" and not is_contents(block))
        if lists:
            self.found.notes.append(
                Note(
                    section.line,
                    _("%(count)d numbered entries") % {"count": lists},
                    _("They stand under “%(heading)s” and are kept there, not as steps.") % {"heading": heading},
                )
            )
        for other in others:
            self._section(other, path=(*path, section))

    def _read_roles(self, section: Section, blocks: Sequence[Block]) -> list[Block]:
        pairs, rest, taken = roles.roles_of(section, blocks)
        self.found.roles += pairs
        self.found.read.update(taken.counts)
        self.found.labels += taken.words
        return rest

    def _read_history(self, blocks: Sequence[Block]) -> list[Block]:
        rest = []
        for block in blocks:
            rows = roles.history_of(block)
            if not rows:
                rest.append(block)
                continue
            self.found.history += rows
            self.found.labels += [plain_text(cell) for cell in block.rows[0]]
            self._count_read(block)
        return rest

    def _drop_contents(self, section: Section) -> None:
        self.found.read["headings"] += 1
        self.found.labels.append(section.heading.plain if section.heading else "")
        for block in section.blocks:
            self._dropped_as_contents(block)

    def _dropped_as_contents(self, block: Block) -> bool:
        if not is_contents(block):
            return False
        self.found.dropped.append(
            Note(block.line, _("table of contents"), _("Made anew from the headings."), loss=False)
        )
        self.found.dropped_blocks.append(block)
        return True

    def _own_blocks(self, section: Section, *, path: tuple[Section, ...]) -> None:
        """The blocks directly under a heading: steps where the plan says so, the text around them kept in place."""
        lists = self.plan.lists_are_steps(section)
        pending: list[Block] = []
        before_first = True
        label = self._label(section, path)
        for unit in units_of(section):
            if isinstance(unit, list) and lists:
                if before_first:
                    self.waiting += _heading_links(section)
                if not before_first and _continues(self._last_draft(), unit[0]):
                    self._last_draft().rest += pending
                elif before_first and len(markdown_of(pending)) > MAX_INTRODUCTION:
                    self._keep_section(section, pending, path)
                else:
                    self.waiting += pending
                pending = []
                before_first = False
                self._show_path(section, path)
                for draft in unit:
                    draft.section = label
                    draft.before, self.waiting = [*self.waiting, *draft.before], []
                    self.drafts.append(draft)
            elif isinstance(unit, list):
                pending += _blocks_again(section, unit)
            elif self._dropped_as_contents(unit) or unit.kind == "rule":
                continue
            elif not before_first and not pending and belongs_to_previous(unit):
                self._last_draft().rest.append(unit)
            else:
                pending.append(unit)
        if not before_first:
            self._last_draft().rest += pending
        elif any(self.plan.has_steps(child) for child in section.children) and _is_short(pending):
            self.waiting += [*_heading_links(section), *pending]
            self._show_path(section, path)
        else:
            self._keep_section(section, pending, path)
        if not lists:
            self._note_lists_kept(section)

    def _note_lists_kept(self, section: Section) -> None:
        if any(isinstance(unit, list) for unit in units_of(section)):
            what = _("numbered entries under “%(heading)s”") % {"heading": section.title or self.found.title}
            self.found.notes.append(Note(section.line, what, _("The steps stand elsewhere; these are kept as text.")))

    def _heading_step(self, section: Section, path: tuple[Section, ...]) -> None:
        before, self.waiting = self.waiting, []
        self.found.read["headings"] += 1
        label = ""
        if path:
            self._show_path(path[-1], path[:-1])
            label = self._label(path[-1], path[:-1])
        draft = Draft("heading", section.line, section.heading, list(section.own_and_below()), before, section=label)
        self.drafts.append(draft)

    def _last_draft(self) -> Draft:
        return self.drafts[-1]

    def _leave_waiting(self, section: Section, path: tuple[Section, ...]) -> None:
        """Text that waited for a step of its section which never came."""
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            self._keep_section(section, waiting, path)

    def _label(self, section: Section, path: tuple[Section, ...]) -> str:
        """What a step's section is called: the headings above it but for a bare "Procedure"."""
        titles_above = [above.title for above in (*path, section) if above.heading and not _is_bare_procedure(above)]
        label = " – ".join(titles_above)
        if len(label) > MAX_SECTION and titles_above:
            label = titles_above[-1]
        return label[:MAX_SECTION]

    def _show_path(self, section: Section, path: tuple[Section, ...]) -> None:
        """Account for headings that are kept as the section of a step; one that does not fit goes to the background."""
        label = self._label(section, path)
        for above in (*path, section):
            if not above.heading or id(above) in self.shown_headings:
                continue
            self.shown_headings.add(id(above))
            if _is_bare_procedure(above):
                self.found.found_under.setdefault("steps", above.heading.plain)
                self.found.labels.append(above.heading.plain)
                self.found.read["headings"] += 1
            elif above.title in label:
                self.found.labels.append(above.title)
                self.found.read["headings"] += 1
            else:
                self._keep("background", above.heading.text)

    def _keep_section(self, section: Section, blocks: Sequence[Block], path: tuple[Section, ...]) -> None:
        """Keep text as background, under its heading and those above it that stand nowhere else."""
        headings = []
        for above in (*path, section):
            if above.heading and id(above) not in self.shown_headings:
                self.shown_headings.add(id(above))
                headings.append(above.heading)
            elif above is section and above.heading and blocks:
                headings.append(above.heading)
        self._keep("background", markdown_of([*headings, *(block for block in blocks if block.kind != "rule")]))

    def _keep(self, name: str, markdown: str) -> None:
        if markdown.strip():
            self.found.texts.setdefault(name, []).append(markdown)

    def _make_steps(self) -> None:
        for draft in self.drafts:
            if draft.source == "heading" and draft.opening:
                step = self.maker.from_heading(draft.opening, draft.rest, section=draft.section, before=draft.before)
            else:
                step = self.maker.from_paragraph(
                    draft.opening,
                    draft.rest,
                    source=draft.source,
                    line=draft.line,
                    section=draft.section,
                    before=draft.before,
                )
            step = replace(
                step,
                role=draft.role or step.role,
                expected="\n\n".join(filter(None, (draft.expected, step.expected))),
                warning="\n\n".join(filter(None, (draft.warning, step.warning))),
            )
            self.found.read.update(draft.counts)
            self.found.labels += draft.labels
            if step.title:
                self.found.steps += self.maker.fitted(step)
            else:
                self.found.notes.append(Note(draft.line, _("empty entry"), _("An entry without any text is no step.")))

    def _settle_summary(self) -> None:
        """The description of the front matter sums up better than an opening paragraph; neither is lost."""
        described = self.found.metadata.get("description", "")
        opening = self.found.text("summary")
        if not described:
            return
        if opening and fold(described)[:60] not in fold(opening) and fold(opening)[:60] not in fold(described):
            self.found.texts["background"] = [opening, *self.found.texts.get("background", [])]
            opening = ""
        if len(described) > len(opening):
            self.found.texts["summary"] = [described]


def _sums_up(block: Block) -> bool:
    """A paragraph of text: no lone tag or picture, and no mere opening of a list."""
    if block.kind != "paragraph" or block.text.startswith(("`", "![", "<")):
        return False
    return len(block.plain.split()) > 4 and not block.plain.endswith(":")


def _continues(last: Draft, following: Draft) -> bool:
    """True when a list takes up the number of the one before: something stood in the middle of one list."""
    return following.number > 1 and following.number == last.number + 1


def _is_short(blocks: Sequence[Block]) -> bool:
    return len(markdown_of(blocks)) <= MAX_INTRODUCTION


def _is_bare_procedure(section: Section) -> bool:
    """True for a heading that says "Procedure" and nothing about what is done."""
    return section.kind == "procedure" and len(section.title.split()) <= 3 and " for " not in section.title.casefold()


def _heading_links(section: Section) -> list[Block]:
    """Links and pictures of a heading that becomes plain text."""
    if not section.heading:
        return []
    links = links_and_images(section.heading.text)
    return [Block("paragraph", links, section.line, plain=plain_text(links))] if links else []


def _blocks_again(section: Section, drafts: Sequence[Draft]) -> list[Block]:
    """The block that drafts were read from, where they turn out to be no steps."""
    lines = {draft.line for draft in drafts}
    return [block for block in section.blocks if block.line in lines or _holds_line(block, lines)]


def _holds_line(block: Block, lines: set[int]) -> bool:
    if block.kind == "table":
        return block.line + 2 in lines
    return any(item.line in lines for item in block.items)
