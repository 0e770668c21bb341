"""A redline as it is shown: what was a table in the text is a table, compared row by row and cell by cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from procedures.redline.words import ADDED, REMOVED, Run, redline
from sopdesk.lib.markdown_blocks import block_tokens

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Either `words`, or the `rows` of a table: each a list of cells, the heads of the columns first."""

    words: Sequence[Run] = ()
    rows: Sequence[Sequence[Sequence[Run]]] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of one text: a table, whose `rows` are the cells of each, or what stands between tables."""

    text: str
    rows: tuple[Cells, ...] = ()

    @property
    def key(self) -> Cells:
        """Pieces with the same one are compared: tables with the same columns, whatever stands around them."""
        return self.rows[0] if self.rows else ()


def blocks(runs: Sequence[Run]) -> list[Block]:
    """The redline `runs` of a Markdown text, cut at its tables; a text without tables is one block."""
    before = _pieces("".join(run.words for run in runs if run.kind != ADDED))
    after = _pieces("".join(run.words for run in runs if run.kind != REMOVED))
    if not any(piece.rows for piece in (*before, *after)):
        return [Block(words=runs)] if runs else []
    return [_compared(old, new) for old, new in _pairs(before, after)]


def blocks_without(kind: str, given: Sequence[Block]) -> list[Block]:
    """`given` without the words of `kind`, and without what is empty then."""
    found = []
    for block in given:
        words = [run for run in block.words if run.kind != kind]
        kept = [[[run for run in cell if run.kind != kind] for cell in row] for row in block.rows]
        rows = [row for row in kept if any(row)]
        if words or rows:
            found.append(Block(words, rows))
    return found


def _pieces(text: str) -> list[_Piece]:
    if "|" not in text:
        return [_Piece(text)] if text else []
    lines = text.split("\n")
    pieces: list[_Piece] = []
    at = 0
    for start, end, rows in _tables(text):
        pieces += [_Piece("\n".join(lines[at:start]).strip("\n")), _Piece("\n".join(lines[start:end]), rows)]
        at = end
    pieces.append(_Piece("\n".join(lines[at:]).strip("\n")))
    return [piece for piece in pieces if piece.text]


def _tables(text: str) -> Iterator[tuple[int, int, tuple[Cells, ...]]]:
    """First line, the line after the last, and the rows of each table that stands in no list or quotation."""
    rows: list[list[str]] = []
    span = None
    for token in block_tokens(text):
        if token.type == "table_open" and token.level == 0 and token.map:
            span, rows = token.map, []
        elif span and token.type == "tr_open":
            rows.append([])
        elif span and token.type == "inline":
            rows[-1].append(token.content)
        elif span and token.type == "table_close":
            yield span[0], span[1], tuple(map(tuple, rows))
            span = None


def _pairs(before: list[_Piece], after: list[_Piece]) -> Iterator[tuple[_Piece | None, _Piece | None]]:
    """What is compared with what, in the order in which it is read; None for nothing."""
    keys = [piece.key for piece in before], [piece.key for piece in after]
    for tag, i, j, k, m in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        old, new = before[i:j], after[k:m]
        alike = [bool(piece.rows) for piece in old] == [bool(piece.rows) for piece in new]
        if tag == "equal" or alike:
            yield from zip(old, new, strict=True)
        else:
            yield from ((piece, None) for piece in old)
            yield from ((None, piece) for piece in new)


def _compared(old: _Piece | None, new: _Piece | None) -> Block:
    if (old or new or _Piece("")).rows:
        return Block(rows=list(_compared_rows(old.rows if old else (), new.rows if new else ())))
    return Block(words=redline(old.text if old else "", new.text if new else ""))


def _compared_rows(before: tuple[Cells, ...], after: tuple[Cells, ...]) -> Iterator[list[list[Run]]]:
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = list(before[i:j]), list(after[k:m])
        if tag != "replace" or len(old) == len(new):
            yield from (_row(*pair) for pair in _aligned(old, new))
            continue
        for row in new:  # a row is the same as one with the same first cell
            while any(one[:1] == row[:1] for one in old):
                was = old.pop(0)
                yield _row(was, row if was[:1] == row[:1] else ())
                if was[:1] == row[:1]:
                    break
            else:
                yield _row((), row)
        yield from (_row(row, ()) for row in old)


def _aligned(old: list[Cells], new: list[Cells]) -> Iterator[tuple[Cells, Cells]]:
    longest = max(len(old), len(new))
    return zip(old or [()] * longest, new or [()] * longest, strict=True)


def _row(old: Cells, new: Cells) -> list[list[Run]]:
    longest = max(len(old), len(new))
    old, new = (row + ("",) * (longest - len(row)) for row in (old, new))
    return [redline(was, now) for was, now in zip(old, new, strict=True)]
