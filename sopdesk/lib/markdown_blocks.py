"""The blocks of a Markdown text: paragraphs, lists, tables. What stands within a line is not read."""

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table").disable("inline")


def block_tokens(text: str) -> list[Token]:
    """The tokens of `text`; the content of an `inline` one is as it was typed."""
    return _reader().parse(text)
