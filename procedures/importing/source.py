"""The lines of a text while they are being rewritten, each with its number in the file."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

Replacement = Callable[[re.Match[str], int], str]

# A code span may run over a line break but never over an empty line.
_CODE_SPAN = r"(?P<code_span>(?P<ticks>(?<!`)`+(?!`))(?:(?!\n[ \t]*\n)[\s\S])*?(?<!`)(?P=ticks)(?!`))"

# Tags of template languages; one that is not closed within 1,000 characters is text.
TEMPLATE_TAG = (
    r"(?:\{%[^%]{0,1000}?(?:%(?!\})[^%]{0,1000}?){0,20}%\}|\{\{[^{}]{0,1000}\}\}|<%[^%]{0,1000}%>|\{#-?\s[^#]{0,1000}#\}"
    r"|\{![^!\n]{1,200}!\})"
)
# `[!include [title](path)]` and the like.
INCLUDE = (
    r"(?:\[!(?i:include|code|video)\b[^\[\]\n]{0,200}(?:\[[^\[\]\n]{0,200}\](?:\([^()\n]{0,300}\))?[^\[\]\n]{0,50})?\]"
    r"(?:\([^()\n]{0,300}\))?)"
)

SUPERSCRIPTS = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
SUPERSCRIPT_TEXT = re.compile(r"[0-9+\-−=()ni]+")
SUBSCRIPT_TEXT = re.compile(r"[0-9+\-−=()]+")


def tokenizer() -> MarkdownIt:
    """CommonMark with pipe tables: the one grammar by which documents are read and counted."""
    return MarkdownIt("commonmark").enable(["table"])


_blocks_only = tokenizer()
_blocks_only.core.ruler.disable(["inline", "text_join"])


@dataclass(slots=True)
class Source:
    """Lines and the number each had in the file. Rewriting may join or add lines; the numbers follow."""

    lines: list[str]
    numbers: list[int]

    @classmethod
    def of(cls, text: str, *, first_line: int = 1) -> "Source":
        lines = text.split("\n")
        return cls(lines, list(range(first_line, first_line + len(lines))))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def number(self, index: int) -> int:
        """The line in the file of line `index`, also for an index just past the end."""
        if not self.numbers:
            return 1
        return self.numbers[min(index, len(self.numbers) - 1)]

    def cut(self, start: int, end: int) -> "Source":
        return Source(self.lines[start:end], self.numbers[start:end])

    def code_lines(self) -> set[int]:
        """Indexes of the lines inside code blocks, fenced or indented, at any depth."""
        return {
            index
            for token in _blocks_only.parse(self.text)
            if token.type in ("fence", "code_block") and token.map
            for index in range(*token.map)
        }

    def html_lines(self) -> set[int]:
        """Indexes of the lines of HTML blocks that do not stand inside a list or a quotation."""
        return {
            index
            for token in _blocks_only.parse(self.text)
            if token.type == "html_block" and token.level == 0 and token.map
            for index in range(*token.map)
        }

    def replace(self, pattern: str, replacement: Replacement, *, flags: int = 0) -> None:
        """Rewrite every match outside code blocks and code spans.

        `replacement` gets the match and the number of the line on which it starts. A pattern may match over
        several lines, but not over a code block.
        """
        if not re.search(pattern, self.text, flags):
            return
        compiled = re.compile(f"{_CODE_SPAN}|{pattern}", flags)
        lines: list[str] = []
        numbers: list[int] = []
        for part, is_code in self._parts():
            if not is_code:
                part = part._replaced(compiled, replacement)
            lines += part.lines
            numbers += part.numbers
        self.lines, self.numbers = lines, numbers

    def _parts(self) -> Iterator[tuple["Source", bool]]:
        code = self.code_lines()
        start = 0
        for index in range(1, len(self.lines) + 1):
            if index < len(self.lines) and (index in code) == (start in code):
                continue
            yield self.cut(start, index), start in code
            start = index

    def _replaced(self, compiled: re.Pattern[str], replacement: Replacement) -> "Source":
        text = self.text
        lines, numbers = [""], [self.number(0)]
        at = 0
        index = 0

        def copy(piece: str) -> None:
            nonlocal index
            first, *others = piece.split("\n")
            lines[-1] += first
            for line in others:
                index += 1
                lines.append(line)
                numbers.append(self.number(index))

        for match in compiled.finditer(text):
            if match["code_span"] is not None:
                continue
            copy(text[at : match.start()])
            number = self.number(index)
            first, *others = replacement(match, number).split("\n")
            lines[-1] += first
            lines += others
            numbers += [number] * len(others)
            index += match[0].count("\n")
            at = match.end()
        copy(text[at:])
        return Source(lines, numbers)
