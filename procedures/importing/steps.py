"""Finding the steps: which headings, list entries, table rows and typed numbers of a document are things to do.

Works on sections and blocks only, so that every file format gets the same answer.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from procedures.importing.blocks import Block, Item, Section, checkbox_of
from procedures.importing.document import StepSource
from procedures.importing.language import fold, has_step_word, reads_as_action, strip_numeral
from procedures.importing.tokens import plain_text
from procedures.importing.vocabulary import (
    EXPECTED_LABEL,
    NUMBER_COLUMN,
    ROLE_COLUMN,
    STEP_COLUMN,
    WARNING_COLUMN,
    SectionKind,
)

FIELD_KINDS: frozenset[SectionKind] = frozenset(
    {"purpose", "scope", "prerequisites", "definitions", "tools", "records", "references", "roles", "history"}
)
_NEVER_STEPS = FIELD_KINDS | {"contents", "metadata"}
_ANCHOR_LINK = re.compile(r"\s*\[[\s\S]*\]\(#[^\n]*\)\s*")
_LETTER = re.compile(r"^(?:[A-Za-z]|[ivx]{2,4})[.)]\s+")
_IMAGE_ONLY = re.compile(r"(?:!\[[^\]]*\]\([^)]*\)\s*)+")


@dataclass(slots=True)
class Draft:
    """A step before its title is made: the paragraph that says what to do, what stands before and behind it.

    For the report: `counts` says what of the source became this step, `labels` holds its words that need no place
    any more, such as the heads of a table.
    """

    source: StepSource
    line: int
    opening: Block | None
    rest: list[Block] = field(default_factory=list)
    before: list[Block] = field(default_factory=list)
    section: str = ""
    number: int = 0
    role: str = ""
    expected: str = ""
    warning: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    labels: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Which sections are steps themselves and in which ones lists are read as steps."""

    step_headings: frozenset[int]
    listing: frozenset[int]

    def is_step(self, section: Section) -> bool:
        return id(section) in self.step_headings

    def lists_are_steps(self, section: Section) -> bool:
        return id(section) in self.listing

    def has_steps(self, section: Section) -> bool:
        """True when this section or one below it gives at least one step."""
        if self.is_step(section):
            return True
        if self.lists_are_steps(section) and any(drafts_of(section)):
            return True
        return any(self.has_steps(child) for child in section.children)


def plan_steps(root: Section, language: str, *, title: str) -> StepPlan:
    """Decide where the steps of a document are.

    Sections under a plain "Procedure" heading come first: where they hold at least half of all steps, lists
    elsewhere stay prose. Otherwise every list counts that is not in a section of its own field ("Scope",
    "References"); those in "Troubleshooting", "Appendix" and the like only when there are no others.
    """
    headings = frozenset(_step_headings(root, language, procedural=_names_a_procedure(title)))
    inside = {id(below) for section in _steps_of(root, headings) for below in section.walk()}
    candidates = [section for section in _reachable(root) if id(section) not in inside]

    procedures = {id(below) for section in root.children if section.kind == "procedure" for below in section.walk()}
    asides = {id(below) for aside in root.walk() if aside.kind == "aside" for below in aside.walk()}
    main = [section for section in candidates if id(section) not in asides]
    everywhere = _number_of_drafts(main)
    chosen = [section for section in main if id(section) in procedures]
    if 2 * _number_of_drafts(chosen) < max(everywhere, 2):
        chosen = main
    if not everywhere and not headings:
        chosen = candidates
    return StepPlan(headings, frozenset(id(section) for section in chosen))


def _number_of_drafts(sections: Iterable[Section]) -> int:
    return sum(len(drafts_of(section)) for section in sections)


def _names_a_procedure(title: str) -> bool:
    return bool(
        re.search(
            r"\b(procedures?|sop|how[ -]?to|process|protocol|guide|checklist|steps|runbook|playbook|etapes"
            r"|mode operatoire|instructions?|werkwijze|procedimentos?|passos|leaving|offboarding|onboarding)\b",
            fold(title),
        )
    )


def _reachable(section: Section) -> Iterable[Section]:
    """This section and those below that may hold steps: no fields, no table of contents."""
    yield section
    for child in section.children:
        if child.kind not in _NEVER_STEPS:
            yield from _reachable(child)


def _steps_of(root: Section, headings: frozenset[int]) -> list[Section]:
    return [section for section in root.walk() if id(section) in headings]


def _step_headings(section: Section, language: str, *, procedural: bool) -> list[int]:
    """The sections that are steps by their heading, outermost first."""
    procedural = procedural or section.kind == "procedure"
    found = [id(child) for child in _chosen_siblings(section.children, language, procedural=procedural)]
    for child in section.children:
        if id(child) not in found and child.kind not in _NEVER_STEPS:
            found += _step_headings(child, language, procedural=procedural and child.kind != "aside")
    return found


def _chosen_siblings(siblings: Sequence[Section], language: str, *, procedural: bool) -> list[Section]:
    worded = [child for child in siblings if has_step_word(child.heading.plain if child.heading else "")]
    if len(worded) > 1 or (worded and procedural):
        return [] if _are_chapters(worded) else worded

    numbered = [child for child in siblings if child.number]
    own_fields = any(child.kind in _NEVER_STEPS or child.kind == "summary" for child in numbered)
    if len(numbered) > 1 and not own_fields and not _are_chapters(numbered):
        actions = sum(reads_as_action(child.title, language, gerund=True) for child in numbered)
        outline = any("." in child.number for child in numbered)
        enough = actions * 4 >= len(numbered) if not outline else actions * 2 >= len(numbered)
        if procedural or enough:
            return numbered

    told = [
        child
        for child in siblings
        if child.kind in ("", "procedure") and reads_as_action(child.title, language) and _has_text(child)
    ]
    plain = [child for child in siblings if child.kind not in _NEVER_STEPS]
    if len(told) >= 3 and 2 * len(told) >= len(plain) and not _are_chapters(told):
        return told
    return []


def _has_text(section: Section) -> bool:
    return any(block.kind != "heading" for block in section.own_and_below())


def _are_chapters(sections: Sequence[Section]) -> bool:
    """Headings over lists of steps are chapters: more than half of them have such a list, or the lists are long."""
    lengths = [[len(drafts_of(below, typed=False)) for below in section.walk()] for section in sections]
    with_lists = sum(max(own) > 1 for own in lengths)
    return 2 * with_lists > len(sections) or sum(map(sum, lengths)) >= 2 * len(sections)


def drafts_of(section: Section, *, typed: bool = True) -> list[Draft]:
    """The steps directly under a heading, without the text between them."""
    return [draft for unit in units_of(section, typed=typed) if isinstance(unit, list) for draft in unit]


def units_of(section: Section, *, typed: bool = True) -> list[list[Draft] | Block]:
    """What stands under a heading in order: a list of steps, or a block that is none."""
    units: list[list[Draft] | Block] = []
    numbered = _typed_lines(section) if typed else set()
    for block in section.blocks:
        if id(block) in numbered:
            units.append(_typed_drafts(block))
        elif block.kind == "ordered" and not is_contents(block):
            drafts = [_item_draft(item, "list") for item in block.items]
            for draft in drafts:
                draft.counts["ordered items"] += 1
            units.append(drafts)
        elif block.kind == "bullets" and block.is_checklist:
            units.append([_item_draft(item, "list" if item.checked is None else "checkbox") for item in block.items])
        elif block.kind == "bullets" and _is_numbered_by_hand(block, letters=section.kind == "procedure"):
            units.append([_draft_without_number(item) for item in block.items])
        elif block.kind == "table" and (rows := _table_drafts(block)):
            units.append(rows)
        else:
            units.append(block)
    return units


def is_contents(block: Block) -> bool:
    """True for a list of links to places in the same document, nested or not."""
    if block.kind not in ("ordered", "bullets"):
        return False
    openings = [item.blocks[0].text for item in _all_items(block) if item.blocks]
    links = sum(bool(_ANCHOR_LINK.fullmatch(text)) for text in openings)
    return links > 1 and links * 5 >= len(openings) * 4


def _all_items(block: Block) -> Iterable[Item]:
    for item in block.items:
        yield item
        for inner in item.blocks:
            yield from _all_items(inner)


def belongs_to_previous(block: Block) -> bool:
    """Code, pictures, boxes and tables behind a step belong to it; a paragraph may open something new."""
    return block.kind in ("code", "quote", "table") or bool(_IMAGE_ONLY.fullmatch(block.text))


def _item_draft(item: Item, source: StepSource) -> Draft:
    opening, rest = _opening(item.blocks)
    counts = Counter({"list items": 1, "checkboxes": int(item.checked is not None)})
    labels = ["x"] if item.checked else []
    return Draft(source, item.line, opening, rest, number=item.number, counts=counts, labels=labels)


def _opening(blocks: Sequence[Block]) -> tuple[Block | None, list[Block]]:
    """The first paragraph with text, and the rest; an entry that opens with a picture keeps it in the rest."""
    for index, block in enumerate(blocks):
        if block.kind in ("paragraph", "heading") and not _IMAGE_ONLY.fullmatch(block.text):
            text = block.text.lstrip("#").strip() if block.kind == "heading" else block.text
            return Block("paragraph", text, block.line, plain=block.plain), [*blocks[:index], *blocks[index + 1 :]]
    return None, list(blocks)


def _is_numbered_by_hand(block: Block, *, letters: bool) -> bool:
    """True when every entry begins with "Step 1", or with a letter where letters are to be trusted."""
    openings = [item.blocks[0].plain if item.blocks else "" for item in block.items]
    return len(openings) > 1 and (
        all(map(has_step_word, openings)) or (letters and all(_LETTER.match(opening) for opening in openings))
    )


def _draft_without_number(item: Item) -> Draft:
    draft = _item_draft(item, "typed")
    if draft.opening:
        text = _LETTER.sub("", _without_typed_number(draft.opening.text))
        draft.labels.append(draft.opening.text.split(maxsplit=1)[0])
        draft.opening = Block("paragraph", text, item.line, plain=plain_text(text))
    return draft


def _typed_lines(section: Section) -> set[int]:
    """The paragraphs with a number typed before them, when they count 1, 2, … through the section."""
    found: list[Block] = []
    expected = 1
    for block in section.blocks:
        if block.kind != "paragraph":
            continue
        numbers = [_typed_number(line) for line in _numbered_lines(block)]
        if numbers and numbers == list(range(expected, expected + len(numbers))):
            found.append(block)
            expected += len(numbers)
    return {id(block) for block in found} if expected > 2 else set()


def _numbered_lines(block: Block) -> list[str]:
    """The lines of a paragraph when each has a number, else its first line alone."""
    lines = block.text.split("\n")
    return lines if all(_typed_number(line) for line in lines) else lines[:1]


def _typed_number(line: str) -> int:
    bare = line.strip().strip("*_")
    number = strip_numeral(bare)[0]
    last = re.search(r"(\d+)[a-z]?$", number)
    return int(last[1]) if last else 0


def _typed_drafts(block: Block) -> list[Draft]:
    lines = _numbered_lines(block)
    texts = lines if len(lines) > 1 else [block.text]
    drafts = []
    for offset, text in enumerate(texts):
        bold = re.match(r"^(\*\*|__)", text)
        text = _without_typed_number(text.removeprefix(bold[1]) if bold else text)
        text = (
            f"{bold[1]}{text}"
            if bold and not text.startswith(bold[1])
            else text.removeprefix(bold[1])
            if bold
            else text
        )
        text = text.strip()
        opening = Block("paragraph", text, block.line + offset, plain=plain_text(text))
        drafts.append(Draft("typed", block.line + offset, opening, number=_typed_number(lines[offset])))
    return drafts


def _without_typed_number(text: str) -> str:
    first, _, others = text.partition("\n")
    bare = strip_numeral(first)[1]
    return f"{bare}\n{others}" if others else bare


def _table_drafts(table: Block) -> list[Draft]:
    """A table with a column for what to do and one for its number, its role or its result, row by row."""
    head = [fold(plain_text(cell)) for cell in table.rows[0]] if table.rows else []
    rows = [row for row in table.rows[1:] if any(row)]
    columns = _columns(head, rows)
    if "step" not in columns or len(columns) < 2 or len(rows) < 2:
        return []
    drafts = []
    for offset, row in enumerate(rows, start=2):
        cell = {name: row[index].replace("<br>", " ").strip() for name, index in columns.items() if index < len(row)}
        line = table.line + offset
        others = [
            f"**{plain_text(name)}:** {value}" if plain_text(name) else value
            for index, (name, value) in enumerate(zip(table.rows[0], row, strict=False))
            if index not in columns.values() and value.strip()
        ]
        text = checkbox_of(cell.get("step", ""))[1]
        drafts.append(
            Draft(
                "table",
                line,
                Block("paragraph", text, line, plain=plain_text(text)) if text else None,
                [Block("paragraph", other, line, plain=plain_text(other)) for other in others],
                role=plain_text(cell.get("role", "")),
                expected=cell.get("expected", ""),
                warning=cell.get("warning", ""),
                labels=[cell.get("number", "")],
            )
        )
    drafts[0].counts["tables"] += 1
    drafts[0].labels += [plain_text(cell) for cell in table.rows[0]]
    return drafts


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, name in enumerate(head):
        numbers = all(re.fullmatch(r"\W*\d+(?:\.\d+)*\W*", row[index]) for row in rows if index < len(row))
        for column, pattern in (
            ("number", NUMBER_COLUMN if numbers else r"(?!)"),
            ("step", STEP_COLUMN),
            ("role", ROLE_COLUMN),
            ("expected", EXPECTED_LABEL),
            ("warning", WARNING_COLUMN),
        ):
            if column not in columns and re.fullmatch(pattern, name):
                columns[column] = index
                break
    return columns
