"""The title and the code of a document, and the fields it states about itself."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from django.utils.translation import gettext as _

from procedures.importing.blocks import Block, SourceDocument
from procedures.importing.document import TitleSource
from procedures.importing.frontmatter import as_text
from procedures.importing.language import fold, strip_numeral
from procedures.importing.tokens import plain_text
from procedures.importing.vocabulary import METADATA_ALIASES, section_kind

MAX_CODE = 40

_BOLD_LINE = re.compile(r"^(?:\*\*|__)(?P<title>[^\n]+?)(?:\*\*|__)$")
_CODE_AT_HEAD = re.compile(
    r"^(?P<code>[A-Z]{2,8}(?:-[A-Z]{1,8})*-?\d{1,5}(?:\.\d+)?)(?:\s*[:–—-]\s*|\s+|_+|$)(?P<rest>.*)$"
)
_CODE = re.compile(r"[A-Za-z]{1,12}[A-Za-z0-9._/-]*\d[A-Za-z0-9._/-]*")
_FIELD_LINE = re.compile(
    r"^(?:[-*+]\s+)?(?:\*\*|__|\*|_)?(?P<name>[^\W\d][^:*_|\n]{0,40}?)\s*(?::(?:\*\*|__|\*|_)?|(?:\*\*|__|\*|_)\s*:)\s*(?P<value>.*)$"
)

Fields = dict[str, str]


def known_field(name: str) -> str:
    """Our name for a field of a document, "" for a field we do not know."""
    folded = fold(name).strip(" :.*")
    return METADATA_ALIASES.get(folded, METADATA_ALIASES.get(name.strip().casefold(), ""))


def title_of(document: SourceDocument) -> tuple[str, TitleSource, list[Block]]:
    """The title, where it comes from, and the blocks without the heading or line that was used up.

    In order: front matter, first heading of level 1, a bold line or a lone heading at the very beginning, file name.
    """
    blocks = list(document.blocks)
    stated = as_text(document.fields.get("title", "")) or as_text(document.fields.get("name", ""))
    if "about" in document.fields and document.fields.get("name"):
        # A template for issues: its title is a pattern to fill in, its name says what it is for.
        stated = as_text(document.fields["name"])
    if stated:
        return stated, "front matter", blocks
    top = [block for block in blocks if block.kind == "heading" and block.level == 1 and block.plain]
    first = blocks[0] if blocks else None
    if top and (len(top) == 1 or (top[0] is first and not _is_chapter(top[0]))):
        return top[0].plain, "heading", [block for block in blocks if block is not top[0]]
    bold = _BOLD_LINE.match(first.text) if first and first.kind == "paragraph" else None
    if bold:
        return plain_text(bold["title"]), "bold line", blocks[1:]
    if first and first.kind == "heading" and _is_lone(first, blocks):
        return first.plain, "heading", blocks[1:]
    return title_of_file(document.file_name), "file name", blocks


def _is_chapter(heading: Block) -> bool:
    """True for "1. Introduction" and "Purpose": the first of several chapters, not the name of the whole."""
    return bool(strip_numeral(heading.plain)[0] or section_kind(heading.plain))


def _is_lone(first: Block, blocks: Sequence[Block]) -> bool:
    """True when no other heading is as high as the first: then it stands above the whole document."""
    return all(block.level > first.level for block in blocks if block.kind == "heading" and block is not first)


def title_of_file(file_name: str) -> str:
    """ "fin-003_payroll-run.md" → "Fin 003 payroll run"."""
    stem = re.sub(r"[-_\s]+", " ", PurePath(file_name).stem).strip()
    return stem[:1].upper() + stem[1:] or _("Untitled")


def code_at_head(title: str) -> tuple[str, str]:
    """Part a code from a title: "FIN-003: Payroll" → ("FIN-003", "Payroll"); no code gives "" and the title."""
    match = _CODE_AT_HEAD.match(title)
    if not match or not match["rest"]:
        return "", title
    return match["code"], match["rest"]


def looks_like_code(value: str) -> bool:
    """True for "GDI-SOP0002" and "QA/12", false for a word such as "offboard"."""
    return len(value) <= MAX_CODE and bool(_CODE.fullmatch(value))


def front_matter_fields(document: SourceDocument, *, title: str) -> tuple[Fields, Fields]:
    """The fields of the front matter: those we know under our names, the rest under their own, without the title."""
    known: Fields = {}
    others: Fields = {}
    for name, value in document.fields.items():
        ours, text = known_field(name), as_text(value)
        if not text or (ours == "title" and text == title):
            continue
        if ours and ours != "title" and ours not in known:
            known[ours] = text
        else:
            others[name] = text
    return known, others


def table_fields(block: Block) -> list[tuple[str, str]]:
    """The fields of a table "name | value", [] for a table of anything else.

    At least two names and half of all must be known, so that a table of terms or prices is left alone.
    """
    if block.kind != "table" or not block.rows or max(map(len, block.rows)) not in (2, 4):
        return []
    pairs = [(row[at], row[at + 1]) for row in block.rows for at in range(0, len(row) - 1, 2)]
    named = [(plain_text(name), _value(value)) for name, value in pairs if name.strip()]
    known = sum(bool(known_field(name)) for name, _ in named)
    if known < 2 or 2 * known < len(named) - 1:
        return []
    return named


def paragraph_fields(block: Block) -> list[tuple[str, str]]:
    """The fields of a paragraph or list of lines "Name: value", [] when one line is anything else."""
    if block.kind == "paragraph":
        lines = block.text.split("\n")
    elif block.kind == "bullets" and all(len(item.blocks) == 1 for item in block.items):
        lines = [item.blocks[0].text for item in block.items]
    else:
        return []
    matches = [_FIELD_LINE.match(line.strip()) for line in lines]
    fields = [(match["name"].strip(), _value(match["value"])) for match in matches if match]
    if len(fields) < len(lines) or not all(known_field(name) for name, _ in fields):
        return []
    return fields


def _value(markdown: str) -> str:
    return re.sub(r"`+([^`]*)`+", r"\1", markdown).strip().rstrip("\\").strip()
