"""What somebody pastes into the editor → steps: plain lines, lists of any kind, HTML from Word or the web.

Pure: no database, nothing is fetched. Pictures do not travel with a paste; their alternative text does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from procedures.importing.blocks import Block, Section, checkbox_of
from procedures.importing.document import MAX_STEP_BODY, MAX_STEP_TITLE, MAX_STEPS, Note, ParsedStep, UnreadableDocument
from procedures.importing.language import strip_numeral
from procedures.importing.rich.blocks import TreeReader
from procedures.importing.rich.inline import escaped
from procedures.importing.rich.parsing import parse_html
from procedures.importing.rich.word import lists_of_paragraphs
from procedures.importing.stepmaking import StepMaker
from procedures.importing.steps import Draft, units_of
from procedures.importing.tokens import plain_text

MAX_PASTE = 8_000_000
MAX_LINES = 20_000
MAX_BRACKETS = 500

_HTML = re.compile(
    r"<(?:!--|!doctype|/?(?:html|body|p|div|span|ul|ol|li|table|tr|td|br|b|i|em|strong|a|h[1-6]|meta|style)\b)", re.I
)
_MARKER = re.compile(
    r"^(?P<lead>[ \t\xa0]*)(?P<marker>(?:[-*+•·▪◦‣–—o§](?=[ \t\xa0])"
    r"|\(?\d{1,3}(?:\.\d{1,3})*[.)](?=\s|\D)|\(?[a-zA-Z][.)](?=[ \t\xa0])|[☐☑☒✓✔❏❑□]))[ \t\xa0]*(?P<text>\S.*)$"
)


def steps_from_paste(html_or_text: str) -> list[ParsedStep]:
    """The steps in a paste, in order; [] for one without text.

    A list gives a step an entry, what lies deeper or between entries becomes the text of the step above it; without
    a list every paragraph or line is a step. Raises UnreadableDocument for more than 8 MB or 500 steps.
    """
    if len(html_or_text) > MAX_PASTE:
        raise UnreadableDocument(_("This is more than %(limit)d MB. Import it as a file instead.") % {"limit": 8})
    is_html = _HTML.search(html_or_text)
    drafts = list(_drafts_of_html(html_or_text) if is_html else _drafts_of_lines(html_or_text))
    if len(drafts) > MAX_STEPS:
        message = _("This would make %(count)d steps; a procedure has at most %(limit)d.")
        raise UnreadableDocument(message % {"count": len(drafts), "limit": MAX_STEPS})
    notes: list[Note] = []
    maker = StepMaker(notes)
    steps: list[ParsedStep] = []
    for draft in drafts:
        step = maker.from_paragraph(
            draft.opening, draft.rest, source=draft.source, line=draft.line, section=draft.section, before=draft.before
        )
        expected = "\n\n".join(filter(None, (draft.expected, step.expected)))
        warning = "\n\n".join(filter(None, (draft.warning, step.warning)))
        step = replace(step, role=draft.role or step.role, expected=expected, warning=warning)
        if step.title:
            steps += maker.fitted(step)
    return steps


def _checked(text: str) -> str:
    """The text of one paragraph, when it is one that somebody wrote: the converter of others would take minutes."""
    if len(text) > MAX_STEP_BODY or text.count("[") > MAX_BRACKETS:
        raise UnreadableDocument(_("A paragraph is too long or has too many brackets; this is not a written text."))
    return text


def _checked_blocks(blocks: Sequence[Block]) -> Sequence[Block]:
    for block in blocks:
        if block.kind not in ("table", "code"):
            _checked(block.text)
        for row in block.rows:
            for cell in row:
                _checked(cell)
        for item in block.items:
            _checked_blocks(item.blocks)
    return blocks


def _drafts_of_html(text: str) -> Iterator[Draft]:
    root = parse_html(text)
    lists_of_paragraphs(root)
    reader = TreeReader(lambda image: escaped(" ".join((image.get("alt") or "").split())))
    yield from _drafts_of_blocks(_checked_blocks(reader.read(root)))


def _drafts_of_blocks(blocks: Sequence[Block]) -> Iterator[Draft]:
    """Entries and rows become steps; text behind one belongs to it, a heading names the section of those below."""
    units = units_of(Section(None, blocks=[_as_ordered(block) for block in blocks]))
    listed = any(isinstance(unit, list) for unit in units)
    last: Draft | None = None
    section = ""
    for at, unit in enumerate(units):
        if isinstance(unit, list):
            for draft in unit:
                last = replace(draft, section=section)
                yield from _flushed(last)
        elif unit.kind == "heading" and _something_follows(units, at):
            section, last = strip_numeral(unit.plain)[1][:MAX_STEP_TITLE], None
        elif unit.kind == "table":
            yield from _rows(unit, section)
            last = None
        elif unit.kind == "rule":
            continue
        elif last is not None and (listed or unit.kind in ("code", "quote")):
            last.rest.append(unit)
        else:
            last = _paragraph_draft(unit, section)
            yield from _flushed(last)


def _flushed(draft: Draft) -> Iterator[Draft]:
    """A draft is handed out at once and may still grow: nobody looks at it before all are there."""
    yield draft


def _something_follows(units: Sequence[list[Draft] | Block], at: int) -> bool:
    following = units[at + 1] if at + 1 < len(units) else None
    return isinstance(following, list) or (isinstance(following, Block) and following.kind != "heading")


def _as_ordered(block: Block) -> Block:
    """In a paste every list is a list of steps, bullets too."""
    return replace(block, kind="ordered") if block.kind == "bullets" else block


def _paragraph_draft(block: Block, section: str) -> Draft:
    if block.kind in ("paragraph", "heading"):
        text = block.text.lstrip("#").strip() if block.kind == "heading" else block.text
        bare = strip_numeral(text)[1]
        opening = replace(block, kind="paragraph", text=bare, plain=plain_text(bare))
        return Draft("typed", block.line, opening, section=section)
    return Draft("typed", block.line, None, [block], section=section)


def _rows(table: Block, section: str) -> Iterator[Draft]:
    """A table that does not say what its columns are: the first words of a row say what to do, the rest explains."""
    for offset, row in enumerate(table.rows):
        draft = _row_draft(list(row), table.line + offset)
        if draft:
            yield replace(draft, section=section)


def _row_draft(cells: Sequence[str], line: int) -> Draft | None:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) > 1 and re.fullmatch(r"\W*\d{1,3}(?:\.\d{1,3})*\W*", filled[0]):
        filled = filled[1:]
    if not filled:
        return None
    opening, *rest = [Block("paragraph", text, line, plain=plain_text(text)) for text in filled]
    return Draft("table", line, opening, rest)


def _drafts_of_lines(text: str) -> Iterator[Draft]:
    """Lines of plain text: marked ones are steps where there are any, else every line that is not indented."""
    lines = [_checked(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    if len(lines) > MAX_LINES:
        raise UnreadableDocument(
            _("This is more than %(limit)d lines. Import it as a file instead.") % {"limit": MAX_LINES}
        )
    marked = [_marker(line) for line in lines]
    widths = [_width(match["lead"]) for match in marked if match]
    outer = min(widths, default=0)
    if not widths and sum("\t" in line.strip() for line in lines) > 1:
        yield from filter(None, (_row_draft(_cells(line), at) for at, line in enumerate(lines, start=1)))
        return
    last: Draft | None = None
    inner: list[str] = []
    for at, (line, match) in enumerate(zip(lines, marked, strict=True), start=1):
        if not line.strip():
            inner.append("")
            continue
        if match and _width(match["lead"]) <= outer:
            begins, words = True, match["text"]
        else:
            indented = _width(line) > (outer if widths else 0)
            begins, words = last is None or (not widths and not indented), line.strip()
        if begins:
            _close(last, inner)
            inner = []
            last = _line_draft(words, at)
            yield last
        else:
            inner.append(_inner_line(line, match, outer))
    _close(last, inner)


def _marker(line: str) -> re.Match[str] | None:
    return _MARKER.match(line) or _STEP_WORD_LINE.match(line)


_STEP_WORD_LINE = re.compile(
    r"^(?P<lead>[ \t\xa0]*)(?P<marker>(?:step|étape|etape)\s*\d{1,3}\b\s*[:.)\-–—]*)\s*(?P<text>\S.*)$", re.IGNORECASE
)


def _line_draft(words: str, line: int) -> Draft:
    cells = _cells(words)
    text = escaped(checkbox_of(cells[0])[1])
    rest = [Block("paragraph", escaped(cell), line, plain=cell) for cell in cells[1:]]
    return Draft("typed", line, Block("paragraph", text, line, plain=plain_text(text)), rest)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().split("\t") if cell.strip()] or [""]


def _inner_line(line: str, match: re.Match[str] | None, outer: int) -> str:
    """A line below a step as Markdown: deeper entries become a list, one level for each further indentation."""
    if not match:
        return escaped(line.strip())
    depth = min((_width(match["lead"]) - outer - 1) // 4, 5)
    number = re.fullmatch(r"\(?(\d{1,3})[.)]", match["marker"])
    marker = f"{number[1]}." if number else "-"
    return f"{'    ' * depth}{marker} {escaped(match['text'].strip())}"


def _close(draft: Draft | None, lines: list[str]) -> None:
    """Give a step the lines that followed it; a list needs an empty line before it."""
    if draft is None:
        return
    out: list[str] = []
    for line in lines:
        is_entry = bool(re.match(r"\s*(?:-|\d{1,3}\.) ", line))
        was_entry = bool(out) and bool(re.match(r"\s*(?:-|\d{1,3}\.) ", out[-1]))
        if line and out and out[-1] and is_entry != was_entry:
            out.append("")
        out.append(line)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n")
    if text:
        draft.rest.append(Block("paragraph", text, draft.line + 1, plain=plain_text(text)))


def _width(text: str) -> int:
    bare = text.replace("\xa0", " ").expandtabs(4)
    return len(bare) - len(bare.lstrip())
