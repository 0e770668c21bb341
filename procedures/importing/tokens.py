"""Markdown text → blocks, by the tokens of markdown-it and the lines they came from."""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from procedures.importing.blocks import Block, BlockKind, Item, checkbox_of
from procedures.importing.source import Source, tokenizer

_parser = tokenizer()
_MARKER = re.compile(r"^(?P<lead>\s*)(?P<marker>[-*+]|\d{1,9}[.)])(?P<gap>\s*)")

_KINDS: dict[str, BlockKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "ordered_list_open": "ordered",
    "bullet_list_open": "bullets",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "blockquote_open": "quote",
    "hr": "rule",
    "html_block": "paragraph",
}


def blocks_of(source: Source) -> tuple[Block, ...]:
    """The blocks of `source`, which must be free of dialects: what is no CommonMark comes out as paragraphs."""
    blocks = []
    tokens = _parser.parse(source.text)
    index = 0
    while index < len(tokens):
        end = _end_of(tokens, index)
        kind = _KINDS.get(tokens[index].type)
        if kind:
            blocks.append(_block(kind, tokens[index:end], source))
        index = end
    return tuple(block for block in blocks if block.text.strip())


def plain_text(markdown: str) -> str:
    """One line of text without markup: "**Open** the [form](x)" → "Open the form". Unknown tags stay visible."""
    return " ".join(_plain(token) for token in _parser.parseInline(markdown)).strip()


def _end_of(tokens: Sequence[Token], index: int) -> int:
    level = tokens[index].level
    if tokens[index].nesting <= 0:
        return index + 1
    for end in range(index + 1, len(tokens)):
        if tokens[end].level == level and tokens[end].nesting < 0:
            return end + 1
    return len(tokens)


def _block(kind: BlockKind, tokens: Sequence[Token], source: Source) -> Block:
    opening = tokens[0]
    start, end = opening.map or (0, 0)
    lines = source.cut(start, end)
    while lines.lines and not lines.lines[-1].strip():
        lines = lines.cut(0, len(lines.lines) - 1)
    line = source.number(start)
    if kind == "heading":
        return _heading(tokens, line)
    if kind == "paragraph":
        return Block(kind, _dedented(lines.text), line, plain=_plain_of(tokens) or " ".join(lines.text.split()))
    if kind in ("ordered", "bullets"):
        items = _items(tokens, source, first=int(opening.attrGet("start") or 1) if kind == "ordered" else 0)
        return Block(kind, lines.text, line, items=items)
    if kind == "table":
        return Block(kind, _dedented(lines.text), line, rows=_rows(tokens))
    if kind == "code":
        return Block(kind, _code(opening), line, info=opening.info.strip())
    return Block(kind, _dedented(lines.text), line)


def _heading(tokens: Sequence[Token], line: int) -> Block:
    """Always in the form with `#`, which stays a heading wherever it is put."""
    level = int(tokens[0].tag[1])
    content = " ".join(" ".join(token.content.split()) for token in tokens if token.type == "inline")
    text = f"{'#' * level} {content}".strip()
    return Block("heading", text, line, plain=_plain_of(tokens), level=level)


def _dedented(text: str) -> str:
    """Without the indentation of the first line; continuation lines lose theirs, which means nothing in them."""
    return "\n".join(line.lstrip() for line in text.split("\n"))


def _code(token: Token) -> str:
    """The code between fences: also for a fence that was never closed and for code marked by indentation."""
    longest = max((len(run) for run in re.findall(r"`+", token.content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{token.info.strip()}\n{token.content.rstrip(chr(10))}\n{fence}"


def _items(tokens: Sequence[Token], source: Source, *, first: int) -> tuple[Item, ...]:
    items: list[Item] = []
    for token in tokens:
        if token.type != "list_item_open" or token.level != tokens[0].level + 1 or not token.map:
            continue
        content = _item_source(source.cut(*token.map))
        checked, content.lines[0] = checkbox_of(content.lines[0])
        items.append(Item(blocks_of(content), source.number(token.map[0]), first + len(items), checked))
    return tuple(items)


def _item_source(lines: Source) -> Source:
    """An item without its marker, every line moved left by the width of the marker."""
    match = _MARKER.match(lines.lines[0])
    if not match:
        return lines
    gap = len(match["gap"])
    width = len(match["lead"]) + len(match["marker"]) + (gap if 1 <= gap <= 4 else 1)
    first, *others = lines.lines
    return Source([first[width:], *(_moved_left(line, width) for line in others)], lines.numbers)


def _moved_left(line: str, width: int) -> str:
    indentation = len(line) - len(line.lstrip())
    return line[min(width, indentation) :]


def _rows(tokens: Sequence[Token]) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    cells: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            cells = []
        elif token.type == "inline":
            cells.append(token.content.strip())
        elif token.type == "tr_close":
            rows.append(tuple(cells))
    return tuple(rows)


def _plain_of(tokens: Sequence[Token]) -> str:
    return " ".join(_plain(token) for token in tokens if token.type == "inline")


def _plain(token: Token) -> str:
    parts = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(_plain(child))
        else:
            parts.append(child.content)
    return " ".join("".join(parts).split())
