"""Tables and lists of roles, and the history of revisions."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from procedures.importing.blocks import Block, Section, markdown_of
from procedures.importing.frontmatter import as_text
from procedures.importing.language import fold
from procedures.importing.tokens import plain_text
from procedures.importing.vocabulary import HISTORY_COLUMNS

MAX_ROLE_NAME = 80
_ROLE_HEAD = re.compile(
    r"roles?|roles? .*|.* roles?|function|position|job title|who|responsible|fonction|acteurs?|qui|intervenant"
    r"|rol|functie|papel|funcao|responsavel|responsable"
)
_ROLE_ITEM = re.compile(
    r"^(?:\*\*|__)(?P<name>[^*_\n]{2,80}?)\s*:?\s*(?:\*\*|__)\s*[:–—-]?\s*(?P<what>[\s\S]*)$|^(?P<bare>[^:\n*_\[]{2,60}):\s+(?P<told>\S[\s\S]*)$"
)


@dataclass(slots=True)
class Taken:
    """What of a section became roles, for the report: counts by kind and the words of column heads."""

    counts: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)


def roles_of(section: Section, blocks: Sequence[Block]) -> tuple[list[tuple[str, str]], list[Block], Taken]:
    """The roles named in a section, the blocks that name none, and what was taken.

    Read are tables whose first column is a role, lists of which every entry is "Role: what it does", and sections
    below with the role as heading.
    """
    roles: list[tuple[str, str]] = []
    rest: list[Block] = []
    taken = Taken()
    headed = _headed_roles(section)
    own = list(blocks) if not headed else [block for block in blocks if not _is_below(section, block)]
    for block in own:
        rows = _rows_of_roles(block)
        items = [] if rows else _items_of_roles(block)
        roles += rows or items
        if rows:
            taken.counts["tables"] += 1
            taken.words += [plain_text(cell) for cell in block.rows[0]]
        elif items:
            taken.counts["list items"] += len(items)
        else:
            rest.append(block)
    taken.counts["headings"] += len(headed)
    return [*roles, *headed], rest, taken


def _is_below(section: Section, block: Block) -> bool:
    below = {id(inner) for child in section.children for inner in child.own_and_below()}
    below |= {id(child.heading) for child in section.children}
    return id(block) in below


def _headed_roles(section: Section) -> list[tuple[str, str]]:
    """Sections below as roles, when each is short of name, has text and no sections of its own."""
    children = section.children
    fit = all(
        child.blocks and not child.children and not child.kind and len(child.title) <= MAX_ROLE_NAME
        for child in children
    )
    return [(child.title, markdown_of(child.blocks)) for child in children] if fit else []


def _rows_of_roles(block: Block) -> list[tuple[str, str]]:
    if block.kind != "table" or len(block.rows) < 2 or not _ROLE_HEAD.fullmatch(fold(plain_text(block.rows[0][0]))):
        return []
    head = [plain_text(cell) for cell in block.rows[0]]
    roles = []
    for row in block.rows[1:]:
        others = [(name, value.strip()) for name, value in zip(head[1:], row[1:], strict=False) if value.strip()]
        told = others[0][1] if len(head) == 2 and others else "; ".join(f"{name}: {value}" for name, value in others)
        if row[0].strip():
            roles.append((plain_text(row[0]), told))
        elif roles and told:
            roles[-1] = (roles[-1][0], f"{roles[-1][1]}; {told}")
    return roles


def _items_of_roles(block: Block) -> list[tuple[str, str]]:
    if block.kind != "bullets":
        return []
    roles = []
    for item in block.items:
        match = _ROLE_ITEM.match(item.blocks[0].text) if item.blocks and item.blocks[0].kind == "paragraph" else None
        if not match:
            return []
        told = [match["what"] or match["told"] or "", markdown_of(item.blocks[1:])]
        roles.append((plain_text(match["name"] or match["bare"]), "\n\n".join(filter(None, told))))
    return roles


def history_of(block: Block) -> list[dict[str, str]]:
    """The rows of a table of revisions, [] for any other block. Columns we do not know keep their own name."""
    if block.kind != "table" or len(block.rows) < 2:
        return []
    head = [plain_text(cell) for cell in block.rows[0]]
    names = [HISTORY_COLUMNS.get(fold(cell).strip(" ."), cell) for cell in head]
    if not {"version", "date"} & set(names):
        return []
    return [_row(names, row) for row in block.rows[1:] if any(row)]


def _row(names: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    entry: dict[str, str] = {}
    for name, value in zip(names, row, strict=False):
        text = re.sub(r"`+([^`]*)`+", r"\1", value).strip()
        if text:
            entry[name] = f"{entry[name]}; {text}" if name in entry else text
    return entry


def history_of_fields(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    """A history kept in the front matter: a list of maps with a date or a version."""
    for value in fields.values():
        if not isinstance(value, list) or not value or not all(isinstance(entry, dict) for entry in value):
            continue
        rows = [
            {HISTORY_COLUMNS.get(fold(name), name): as_text(text) for name, text in entry.items()} for entry in value
        ]
        if all({"date", "version"} & row.keys() for row in rows):
            return rows
    return []
