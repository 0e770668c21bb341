"""Markdown read as sentences: code, addresses, tables and headings are left out, every character keeps its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from procedures.advice.findings import Sentence
from sopdesk.lib.markdown_blocks import block_tokens

OPAQUE = "￼"
"""Stands in a sentence for code, addresses and codes of procedures: a thing with a name that is nobody's prose."""

_INLINE = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<image>!\[[^\[\]]*\]\([^()]*(?:\([^()]*\)[^()]*)*\))"
    r"|(?P<standard>\[\[[^\[\]]*\]\])"
    r"|(?P<note>\[\^[^\[\]]*\])"
    r"|(?P<link>\[(?P<words>[^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\]))"
    r"|(?P<address><(?:https?|mailto):[^<>\s]*>|\b(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)\]»”\"']|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<tag></?[A-Za-z][^<>]*>)"
    r"|(?P<marks>\*{1,3}|~~|(?<!\w)_{1,3}|_{1,3}(?!\w))"
    r"|(?P<blank>\s+)",
    re.DOTALL,
)
_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"]*\"|„[^„“”]*[“”]")
_TASK = re.compile(r"\[[ xX]\]\s+")
_END = re.compile(r"[.!?…]+[\"”»)\]*]*\s+(?=[\"“«(\[]*\s?[A-ZÀ-ÖØ-ÞŒ0-9￼])")
_NOT_AN_END = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|cf|vs|approx|no|nos|fig|figs|mr|mrs|ms|dr|inc|ltd|co|dept|st|p|pp|sec|ch|vol|ed|art|al|min|max|tel"
    r"|p\.\s?ex|ex|c\.-à-d|m|mm|mme|mlle|env|réf|ref|tél|boul|av|chap|n°|n|[A-Za-z]|\d+)\.$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Prose:
    """The sentences of a field, and the alternative texts of its pictures with their places."""

    sentences: list[Sentence] = field(default_factory=list)
    pictures: list[tuple[str, int, int]] = field(default_factory=list)


def read_line(text: str) -> Prose:
    """A field of one line: a title, an item of a checklist."""
    prose = Prose()
    _read(text, range(len(text)), prose)
    return prose


def read_markdown(text: str) -> Prose:
    """A field of Markdown: its paragraphs and list items."""
    prose = Prose()
    if not text.strip():
        return prose
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    before = ""
    for token in block_tokens(text):
        if token.type == "inline" and before == "paragraph_open" and token.map:
            _read_paragraph(token.content, token.map[0], lines, starts, prose)
        before = token.type
    return prose


def _read_paragraph(content: str, first: int, lines: list[str], starts: list[int], prose: Prose) -> None:
    """One paragraph, whose lines stand in the source behind marks of lists and quotations."""
    places: list[int] = []
    rows = content.split("\n")
    for number, row in enumerate(rows, start=first):
        column = lines[number].rfind(row) if number < len(lines) else -1
        if column < 0:  # a tab that the parser widened: without its place there is nothing to advise on
            return
        places.extend(range(starts[number] + column, starts[number] + column + len(row)))
        places.append(starts[number] + len(lines[number]))
    task = _TASK.match(content)
    skipped = task.end() if task else 0
    _read(content[skipped:], places[skipped : len(content)], prose)


def _read(source: str, places: "range | list[int]", prose: Prose) -> None:
    text, at, quiet = _cleaned(source, places, prose)
    quiet += [match.span() for match in _QUOTED.finditer(text)]
    for start, end in _split(text):
        inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in quiet if a < end and b > start)
        prose.sentences.append(Sentence(text[start:end], tuple(at[start:end]), inside))


def _cleaned(source: str, places: "range | list[int]", prose: Prose) -> tuple[str, list[int], list[tuple[int, int]]]:
    """`source` without its marks, the place of each character that is left, and the words of links."""
    characters: list[str] = []
    at: list[int] = []
    quiet: list[tuple[int, int]] = []

    def add(text: str, start: int) -> None:
        for offset, character in enumerate(text):
            characters.append(character)
            at.append(places[start + offset])

    position = 0
    for match in _INLINE.finditer(source):
        add(source[position : match.start()], position)
        position = match.end()
        match match.lastgroup:
            case "escape":
                add(match[0][1], match.start() + 1)
            case "image":
                alternative = match[0][2 : match[0].index("]")]
                prose.pictures.append((alternative, places[match.start()], places[match.end() - 1] + 1))
            case "link":
                start = len(characters)
                inner, inner_at, _none = _cleaned(
                    match["words"], [places[match.start("words") + i] for i in range(len(match["words"]))], prose
                )
                characters.extend(inner)
                at.extend(inner_at)
                quiet.append((start, len(characters)))
            case "blank":
                if characters and characters[-1] != " ":
                    add(" ", match.start())
            case "note" | "tag" | "marks":
                pass
            case _:  # code, address, standard: one sign for the whole
                add(OPAQUE, match.start())
    add(source[position:], position)
    return "".join(characters), at, quiet


def _split(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of `text` begin and end, without the blanks around them."""
    start = 0
    for match in _END.finditer(text):
        if _NOT_AN_END.search(text[start : match.end()].rstrip()):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalpha() for character in text[start:end]):
        yield start, end
