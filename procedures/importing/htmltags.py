"""HTML inside Markdown → Markdown: tables, lists and preformatted text as a whole, everything else tag by tag.

Tags that HTML does not know, such as `<your-name>`, are text to fill in and stay.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from procedures.importing.document import Note
from procedures.importing.source import SUBSCRIPT_TEXT, SUBSCRIPTS, SUPERSCRIPT_TEXT, SUPERSCRIPTS, Source

_MARKS = {
    "b": "**",
    "strong": "**",
    "i": "*",
    "em": "*",
    "cite": "*",
    "code": "`",
    "kbd": "`",
    "samp": "`",
    "tt": "`",
    "var": "*",
}
_WITHOUT_MARK = (
    "span|font|u|ins|del|s|strike|small|big|mark|abbr|acronym|label|time|center|wbr|bdi|bdo|dfn|q|o:p|button|picture"
    "|source|nobr"
)
_BLOCK_TAGS = (
    "details|div|p|section|article|aside|header|footer|main|nav|figure|figcaption|blockquote|address|form|fieldset"
    "|legend|dl|dt|dd|hgroup|body|html|head|thead|tbody|tfoot|table|tr|td|th|ul|ol|li|caption|colgroup|col"
)
# What stands between a tag and its end, without another of the same name: one look at every character is enough.
_INSIDE = r"(?:[^<]|<(?!/?(?P=name)\b))*"
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ITEM_LEAD = re.compile(r"^(?P<quote>[\s>]*)(?P<marker>(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?)?")


@dataclass(slots=True)
class HtmlReader:
    """Rewrites HTML in a document and remembers what the report must say about it."""

    unresolved: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)

    def read(self, source: Source) -> None:
        """Replace all HTML in `source` by Markdown or text."""
        self._left_align(source)
        source.replace(r"<!--(?P<comment>[\s\S]*?)(?:-->|\Z)", self._comment)
        source.replace(
            rf"<(?P<name>script|style|noscript|template|svg|math)\b[^<>]*>{_INSIDE}</(?P=name)\s*>",
            self._active,
            flags=re.I,
        )
        source.replace(
            rf"<(?P<name>iframe|video|audio|embed|object)\b(?P<attributes>[^<>]*)>(?:{_INSIDE}</(?P=name)\s*>)?",
            self._frame,
            flags=re.I,
        )
        source.replace(
            rf"<(?P<name>pre)\b(?P<attributes>[^<>]*)>(?P<code>{_INSIDE})</pre\s*>", _preformatted, flags=re.I
        )
        source.replace(rf"<(?P<name>table|ul|ol)\b[^<>]*>{_INSIDE}</(?P=name)\s*>", self._structure, flags=re.I)
        source.replace(r"<img\b(?P<attributes>[^<>]*?)/?>", _image, flags=re.I)
        source.replace(rf"<(?P<name>a)\b(?P<attributes>[^<>]*)>(?P<text>{_INSIDE})</a\s*>", self._link, flags=re.I)
        source.replace(r"<a\b(?P<attributes>[^<>]*?)/?>", self._link, flags=re.I)
        source.replace(r"<(?P<name>su[bp])\b[^<>]*>(?P<text>[^<\n]*)</(?P=name)\s*>", _raised, flags=re.I)
        source.replace(rf"<(?P<name>summary)\b[^<>]*>(?P<text>{_INSIDE})</summary\s*>", _summary, flags=re.I)
        source.replace(
            rf"<(?P<name>h(?P<level>[1-6]))\b[^<>]*>(?P<text>{_INSIDE})</(?P=name)\s*>", _heading, flags=re.I
        )
        source.replace(r"[ \t]{0,9}<br\s*/?>[ \t]*(?P<end>\n?)", _line_break, flags=re.I)
        source.replace(rf"</?(?P<name>{'|'.join(_MARKS)})(?:\s[^<>]*)?>", _mark, flags=re.I)
        source.replace(rf"</?(?:{_WITHOUT_MARK})(?:\s[^<>]*)?/?>", lambda match, number: "", flags=re.I)
        source.replace(r"<hr\b[^<>]*>", lambda match, number: "\n\n---\n\n", flags=re.I)
        source.replace(
            rf"[ \t]{{0,9}}</?(?:{_BLOCK_TAGS})(?:\s[^<>]*)?/?>[ \t]*", lambda match, number: "\n\n", flags=re.I
        )

    @staticmethod
    def _left_align(source: Source) -> None:
        """Indentation inside HTML means nothing, but would make code of the text once the tags are gone."""
        html = source.html_lines()
        preformatted = False
        for index, line in enumerate(source.lines):
            preformatted = (preformatted or "<pre" in line.lower()) and "</pre" not in line.lower()
            if index in html and not preformatted:
                source.lines[index] = line.lstrip()

    def _comment(self, match: re.Match[str], number: int) -> str:
        text = " ".join(match["comment"].split())
        if text:
            what = _("comment: %(text)s") % {"text": text[:200]}
            self.dropped.append(Note(number, what, _("A comment is not visible to readers."), loss=False))
        return ""

    def _active(self, match: re.Match[str], number: int) -> str:
        name = match["name"].lower()
        self.dropped.append(Note(number, f"<{name}>", _("Scripts, styles and drawings in HTML are not imported.")))
        return ""

    def _frame(self, match: re.Match[str], number: int) -> str:
        address = _attributes(match["attributes"]).get("src", "")
        self.unresolved.append(
            Note(number, f"<{match['name'].lower()}> {address}", _("Embedded media; kept as a link."))
        )
        return f"<{address}>" if re.match(r"https?://\S+$", address) else f"`{match['name'].lower()}: {address}`"

    @staticmethod
    def _structure(match: re.Match[str], number: int) -> str:
        parser = _StructureParser()
        parser.feed(match[0])
        parser.close()
        return f"\n\n{parser.markdown()}\n\n"

    def _link(self, match: re.Match[str], number: int) -> str:
        attributes = _attributes(match["attributes"])
        name = attributes.get("name") or attributes.get("id")
        if name:
            self.anchors.add(name)
        text = match["text"].strip() if "text" in match.re.groupindex else ""
        if not attributes.get("href"):
            return match["text"] if "text" in match.re.groupindex else ""
        return f"[{text or attributes['href']}]({_destination(attributes['href'])})"


class _StructureParser(HTMLParser):
    """A table or a flat list of HTML, as a pipe table or a Markdown list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._rows: list[list[str]] = []
        self._items: list[str] = []
        self._ordered = False
        self._text: list[str] = []
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "li"):
            self._text = []
        elif tag == "ol":
            self._ordered = True
        elif tag == "br":
            self._text.append(" / " if self._rows else " ")
        elif tag == "img":
            self._text.append(f"![{attributes.get('alt', '')}]({_destination(attributes.get('src', ''))})")
        elif tag == "a" and attributes.get("href"):
            self._link = attributes["href"]
            self._text.append("[")
        elif tag in _MARKS:
            self._text.append(_MARKS[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append(self._taken().replace("|", "\\|"))
        elif tag == "li":
            self._items.append(self._taken())
        elif tag == "a" and self._link:
            self._text.append(f"]({_destination(self._link)})")
            self._link = ""
        elif tag in _MARKS:
            self._text.append(_MARKS[tag])
        elif tag == "p":
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def markdown(self) -> str:
        rows = [row for row in self._rows if row]
        if rows:
            width = max(map(len, rows))
            lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
            return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])
        rest = self._taken()
        items = [*self._items, *([rest] if rest else [])]
        return "\n".join(
            f"{f'{number}.' if self._ordered else '-'} {item}" for number, item in enumerate(items, start=1)
        )

    def _taken(self) -> str:
        text = " ".join("".join(self._text).split())
        self._text = []
        return text


def _attributes(text: str) -> dict[str, str]:
    return {name.lower(): unescape(double or single or bare) for name, double, single, bare in _ATTRIBUTE.findall(text)}


def _destination(address: str) -> str:
    address = address.strip()
    return f"<{address}>" if re.search(r"[\s()]", address) else address


def _preformatted(match: re.Match[str], number: int) -> str:
    """Code; the tags that only colour it go, all others are part of it."""
    language = _attributes(match["attributes"]).get("lang", "")
    code = re.sub(r"</?(?:code|span|b|i|em|strong|a|u|font|kbd|samp)\b[^<>]*>", "", match["code"], flags=re.I)
    return f"\n\n```{language}\n{unescape(code).strip(chr(10))}\n```\n\n"


def _image(match: re.Match[str], number: int) -> str:
    attributes = _attributes(match["attributes"])
    alt = " ".join(attributes.get("alt", attributes.get("title", "")).split())
    return f"![{alt}]({_destination(attributes.get('src', ''))})"


def _raised(match: re.Match[str], number: int) -> str:
    """10<sup>3</sup> must not become 103: real superscripts where Unicode has them, a caret where not."""
    text = match["text"].strip()
    if match["name"].lower() == "sup":
        return text.translate(SUPERSCRIPTS) if SUPERSCRIPT_TEXT.fullmatch(text) else f"^({text})" if text else ""
    return text.translate(SUBSCRIPTS) if SUBSCRIPT_TEXT.fullmatch(text) else f"_({text})" if text else ""


def _summary(match: re.Match[str], number: int) -> str:
    text = " ".join(re.sub(r"</?\w+[^<>]*>", "", match["text"]).split()).strip("*_ ")
    return f"\n\n**{text}**\n\n" if text else ""


def _heading(match: re.Match[str], number: int) -> str:
    return f"\n\n{'#' * int(match['level'])} {' '.join(match['text'].split())}\n\n"


def _line_break(match: re.Match[str], number: int) -> str:
    """Two spaces at the end of the line; inside a table, where a line cannot break, a slash."""
    before = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
    if before.lstrip().startswith("|") or before.count("|") > 1:
        return f" / {match['end']}"
    if not before.strip(" >"):
        return match["end"]
    lead = _ITEM_LEAD.match(before)
    if match["end"] or not lead:
        return f"  {match['end']}"
    return f"  \n{lead['quote']}{' ' * len(lead['marker'] or '')}"


def _mark(match: re.Match[str], number: int) -> str:
    return _MARKS[match["name"].lower()]
