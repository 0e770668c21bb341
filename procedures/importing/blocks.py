"""The document between the file and the procedure: blocks, lists and sections, whatever format they came from.

Readers of files produce `Block`s; the recogniser of sections and steps reads nothing else. All `text` is Markdown
that can stand alone: items are without their marker and indentation, references are resolved.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from procedures.importing.document import Note
from procedures.importing.language import strip_numeral
from procedures.importing.vocabulary import SectionKind, section_kind

BlockKind = Literal["heading", "paragraph", "ordered", "bullets", "table", "code", "quote", "rule"]

_CHECKBOX = re.compile(r"^\[(?P<mark>[ xX]?)\](?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list. `checked` is None for an entry without a box."""

    blocks: tuple["Block", ...]
    line: int
    number: int = 0
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One block with the line of the file on which it starts.

    `plain` is the text of a heading or paragraph without markup, on one line. `level` belongs to headings, `items`
    to lists, `rows` (the head first, cells as Markdown) to tables, `info` (the language) to code.
    """

    kind: BlockKind
    text: str
    line: int
    plain: str = ""
    level: int = 0
    items: tuple[Item, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    info: str = ""

    @property
    def start(self) -> int:
        return self.items[0].number if self.items else 0

    @property
    def is_checklist(self) -> bool:
        boxes = sum(item.checked is not None for item in self.items)
        return boxes > 0 and boxes * 2 >= len(self.items)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a reader counted in the file itself, before any of it became blocks.

    `found` goes by the keys of COUNTED; `otherwise` was kept in another form, `dropped` was left out for a reason
    that the notes give, `dropped_text` is the text of it.
    """

    found: Counter[str] = field(default_factory=Counter)
    otherwise: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    dropped_text: str = ""


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A file as its reader understood it, before anything is recognised. Front matter values are YAML's own types.

    Without a `tally` the blocks themselves are what the file held.
    """

    blocks: tuple[Block, ...]
    file_name: str
    language: str
    fields: dict[str, Any] = field(default_factory=dict)
    unread_fields: str = ""
    unresolved: tuple[Note, ...] = ()
    dropped: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    tally: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Section:
    """A heading with what stands under it. The root has no heading and level 0."""

    heading: Block | None
    number: str = ""
    title: str = ""
    kind: SectionKind = ""
    blocks: list[Block] = field(default_factory=list)
    children: list["Section"] = field(default_factory=list)

    @property
    def level(self) -> int:
        return self.heading.level if self.heading else 0

    @property
    def line(self) -> int:
        return self.heading.line if self.heading else 0

    def walk(self) -> Iterator["Section"]:
        """This section and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.walk()

    def own_and_below(self) -> Iterator[Block]:
        """All blocks under the heading, with the headings of the sections below."""
        yield from self.blocks
        for child in self.children:
            if child.heading:
                yield child.heading
            yield from child.own_and_below()


def sections_of(blocks: Iterable[Block]) -> Section:
    """The tree of sections; a level that was skipped hangs under the nearest heading above."""
    root = Section(None)
    path = [root]
    for block in blocks:
        if block.kind != "heading":
            path[-1].blocks.append(block)
            continue
        # A table of contents never holds the sections behind it, whatever their level.
        while path[-1].level >= block.level or path[-1].kind == "contents":
            path.pop()
        number, title = strip_numeral(block.plain)
        section = Section(block, number, title, section_kind(block.plain))
        path[-1].children.append(section)
        path.append(section)
    return root


def checkbox_of(text: str) -> tuple[bool | None, str]:
    """Part the box from an entry: "[x] Done" → (True, "Done"), "Text" → (None, "Text")."""
    match = _CHECKBOX.match(text)
    if not match:
        return None, text
    return match["mark"].lower() == "x", text[match.end() :]


def markdown_of(blocks: Iterable[Block]) -> str:
    """The blocks as Markdown, an empty line between any two.

    Lists are written anew in the form on which all Markdown programs agree: four columns of indentation, code in
    an entry by indentation instead of fences. Everything else is the text of the source.
    """
    return "\n\n".join(filter(None, (_markdown(block) for block in blocks))).strip("\n")


def _markdown(block: Block) -> str:
    if block.kind not in ("ordered", "bullets"):
        return block.text
    entries = []
    loose = False
    for number, item in enumerate(block.items, start=block.start):
        marker = f"{number}." if block.kind == "ordered" else "-"
        box = "" if item.checked is None else "[x] " if item.checked else "[ ] "
        content = _item_markdown(item)
        first, *others = content.split("\n") if content else [""]
        lines = [
            f"{marker} {box}{first}" if first else f"{marker} {box}".rstrip(),
            *(f"    {line}" if line.strip() else "" for line in others),
        ]
        entries.append("\n".join(lines))
        loose = loose or any(not line.strip() for line in others)
    return ("\n\n" if loose else "\n").join(entries)


def _item_markdown(item: Item) -> str:
    """A list directly below one paragraph needs no empty line; anything else does."""
    if len(item.blocks) == 2 and item.blocks[0].kind == "paragraph" and item.blocks[1].kind in ("ordered", "bullets"):
        return f"{_markdown(item.blocks[0])}\n{_markdown(item.blocks[1])}"
    parts = [
        _indented_code(block) if index and block.kind == "code" else _markdown(block)
        for index, block in enumerate(item.blocks)
    ]
    return "\n\n".join(filter(None, parts)).strip("\n")


def _indented_code(block: Block) -> str:
    """Code without its fences; a diagram keeps them, because its language says what it is."""
    if block.info.startswith("mermaid"):
        return block.text
    return "\n".join(f"    {line}" if line.strip() else "" for line in block.text.split("\n")[1:-1])
