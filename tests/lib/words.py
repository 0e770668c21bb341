"""The words of rendered text, with which tests see that nothing typed is lost."""

import re
from html.parser import HTMLParser


def html_to_text(markup: str) -> str:
    """The words of HTML that `render_markdown` made, one line per block, pictures by their alt text."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    """Every block starts a line."""

    WITHIN_LINES = frozenset({"a", "code", "em", "img", "span", "strong", "sup", "td", "th"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = False
        self._verbatim = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        # Numbers and arrows of footnotes are no words; glued to one they would spoil it for search.
        self._skipping = values.get("class") in ("footnote-ref", "footnote-backref")
        if tag == "img":
            self.parts.append(values.get("alt") or "")
        self._mark_border(tag, opens=True)

    def handle_endtag(self, tag: str) -> None:
        self._skipping = False
        self._mark_border(tag, opens=False)

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.parts.append(data if self._verbatim else re.sub(r"\s+", " ", data))

    def _mark_border(self, tag: str, *, opens: bool) -> None:
        if tag == "pre":
            self._verbatim = opens
        if tag not in self.WITHIN_LINES:
            self.parts.append("\n")
