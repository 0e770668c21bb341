"""Formatted text within a paragraph → Markdown that means the same in every Markdown program."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lxml.etree import _Element as Element

from procedures.importing.source import SUBSCRIPT_TEXT, SUBSCRIPTS, SUPERSCRIPT_TEXT, SUPERSCRIPTS
from sopdesk.lib.links import is_safe_link

STRONG, EM, CODE = "strong", "em", "code"
MAX_DEPTH = 60

_MARKS = {
    "b": STRONG,
    "strong": STRONG,
    "i": EM,
    "em": EM,
    "cite": EM,
    "var": EM,
    "dfn": EM,
    "code": CODE,
    "kbd": CODE,
    "samp": CODE,
    "tt": CODE,
}
UNSEEN = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "head", "title", "meta", "link", "select", "textarea"}
    | {"datalist", "object", "embed", "iframe", "video", "audio", "canvas", "map", "xml"}
)
_SPACES = re.compile(r"[ \t\n\r\f\v]+|\xa0{2,}|(?:[ \t\n\r\f\v]\xa0|\xa0[ \t\n\r\f\v])[\s]*")
_BREAK = "\v"
_SPECIAL = re.compile(r"[\\`*_\[<&]")
_ENTITY = re.compile(r"&(?=#?\w{2,31};)")
_MARKUP = re.compile(
    r"\\(?=[\\`*_{}\[\]()>#+.!-])|[*`]|(?<![^\W_])_|_(?![^\W_])|\[(?=\^)|(?<=!)\[|\[(?=[^\[\]\n]{0,600}\](?:\(|\[|:))"
)
_LINE_HEAD = re.compile(r"^(#{1,6}(?= |$)|>|={3,} *$|-{3,} *$|~~~|<(?=[A-Za-z/!?]))", re.MULTILINE)
_COMMENT = re.compile(r"<(?=[!?])")
_OPENING = re.compile(r"^[\s(\[{«“\"'‘¿¡.,;:–—-]+")
_CLOSING = re.compile(r"[\s.,;:!?)\]}»”\"'’…–—-]+$")
_HEAVY = re.compile(r"font-weight:\s*(?:bold(?:er)?|[6-9]00)", re.IGNORECASE)
_LIGHT = re.compile(r"font-weight:\s*(?:normal|[1-4]00)", re.IGNORECASE)
_SLANTED = re.compile(r"font-style:\s*(?:italic|oblique)", re.IGNORECASE)
_UPRIGHT = re.compile(r"font-style:\s*normal", re.IGNORECASE)
_MARKER = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text with one look. `raw` text is Markdown already: a picture."""

    text: str
    marks: frozenset[str] = frozenset()
    href: str = ""
    raw: bool = False

    def of(self, text: str) -> "Span":
        """Other text with the same look."""
        return Span(text, self.marks, self.href, self.raw)


Picture = Callable[[Element], str]
"""Gives the Markdown for an <img>."""


def _spans(element: Element, look: Span, picture: Picture, depth: int) -> Iterator[Span]:
    if element.text:
        yield look.of(element.text)
    for child in element:
        yield from child_spans(child, look, picture, depth)
        if child.tail:
            yield look.of(child.tail)


def child_spans(child: Element, look: Span, picture: Picture, depth: int = 0) -> Iterator[Span]:
    """One element within a text, without what follows it."""
    tag = child.tag
    if not isinstance(tag, str) or tag in UNSEEN:
        return
    style = child.get("style", "")
    if style and (_MARKER.search(style) or _HIDDEN.search(style)):
        return
    if tag == "br":
        yield look.of(_BREAK)
    elif tag == "img":
        yield Span(picture(child), raw=True, href=look.href)
    elif tag == "input":
        return
    elif tag in ("sup", "sub"):
        text = text_of(child)
        yield look.of(_raised(text, sup=tag == "sup"))
    elif depth > MAX_DEPTH:
        yield look.of(text_of(child))
    else:
        yield from _spans(child, look_of(child, look), picture, depth + 1)


def look_of(child: Element, look: Span) -> Span:
    """How text directly in `child` looks when it stands in text that looks like `look`."""
    tag, style = child.tag, child.get("style", "")
    marks = look.marks
    if tag in _MARKS:
        marks |= {_MARKS[tag]}
    if style:
        if _HEAVY.search(style):
            marks |= {STRONG}
        elif _LIGHT.search(style):
            marks -= {STRONG}
        if _SLANTED.search(style):
            marks |= {EM}
        elif _UPRIGHT.search(style):
            marks -= {EM}
    href = look.href
    if tag == "a":
        href = usable_address(child.get("href", ""))
    return Span("", marks, href)


def text_of(element: Element) -> str:
    """All text within an element."""
    return "".join(map(str, element.itertext()))


def usable_address(address: str) -> str:
    """The address when it may stand in a text, else ""; a link into a local drive leads nowhere for others."""
    address = "".join(address.split()) if address.strip().lower().startswith("http") else address.strip()
    return address if is_safe_link(address) else ""


def _raised(text: str, *, sup: bool) -> str:
    """10<sup>3</sup> must not become 103: real superscripts where Unicode has them, a caret where not."""
    bare = text.strip()
    if not bare:
        return text
    if sup:
        return bare.translate(SUPERSCRIPTS) if SUPERSCRIPT_TEXT.fullmatch(bare) else f"^({bare})"
    return bare.translate(SUBSCRIPTS) if SUBSCRIPT_TEXT.fullmatch(bare) else f"_({bare})"


def markdown_of_spans(spans: Iterable[Span], *, line_break: str = "  \n", plain: bool = False) -> str:
    """The spans as Markdown. `plain` leaves out bold and italics, as in a heading."""
    collapsed = _collapsed(spans)
    if plain:
        collapsed = [replace(span, marks=span.marks - {STRONG, EM}) for span in collapsed]
    out = ""
    for href, group in groupby(collapsed, key=lambda span: span.href):
        inner = _marked(list(group), before=out[-1:])
        if not href:
            out += inner
            continue
        bare = inner.strip(f" \xa0{_BREAK}")
        head, _, tail = inner.partition(bare) if bare else ("", "", inner)
        out += f"{head}[{bare.replace(_BREAK, ' ')}]({destination(href)}){tail}" if bare else inner
    lines = [_LINE_HEAD.sub(_escaped_head, line.strip(" ")) for line in out.strip(f" \xa0{_BREAK}").split(_BREAK)]
    return line_break.join(line for line in lines if line)


def plain_of_spans(spans: Iterable[Span]) -> str:
    """The words on one line."""
    return " ".join("".join("" if span.raw else span.text for span in spans).split())


def destination(address: str) -> str:
    """An address as it stands in a Markdown link."""
    if re.search(r"[\s()<>]", address):
        address = address.replace("<", "%3C").replace(">", "%3E").replace("\n", " ")
        return f"<{address}>"
    return address


def picture_markdown(alt: str, address: str) -> str:
    """A picture with its alternative text; brackets in the text would end it too early."""
    words = " ".join(alt.split()).replace("\\", "").replace("[", "(").replace("]", ")")
    return f"![{words}]({destination(address)})"


def _escaped_head(match: re.Match[str]) -> str:
    return "&lt;" if match[0] == "<" else f"\\{match[0]}"


def _collapsed(spans: Iterable[Span]) -> list[Span]:
    """White space as a browser shows it, neighbours with the same look in one, no look for mere spaces."""
    result: list[Span] = []
    for span in spans:
        if span.raw:
            result.append(span)
            continue
        text = _BREAK if span.text == _BREAK else _SPACES.sub(" ", span.text.replace(_BREAK, " "))
        text = text.replace("\u200b", "").replace("\ufeff", "").replace("\xad", "")
        last = result[-1] if result else None
        if last and not last.raw and last.text.endswith((" ", _BREAK)) and text.startswith(" "):
            text = text[1:]
        if text == _BREAK and last and not last.raw:
            result[-1] = last.of(last.text.rstrip(" ") + _BREAK)
            continue
        if not text:
            continue
        if not text.strip(f" \xa0{_BREAK}"):
            marks = last.marks if last and not last.raw else frozenset()
            span = replace(span, marks=marks, href=span.href if last and last.href == span.href else "")
        if last and not last.raw and last.marks == span.marks and last.href == span.href:
            result[-1] = last.of(last.text + text)
        else:
            result.append(span.of(text))
    return result


def _marked(spans: Sequence[Span], *, before: str) -> str:
    """Spans of one link, or of none, with the marks for bold outside those for italics."""
    out = ""
    groups = [(strong, list(group)) for strong, group in groupby(spans, key=lambda span: STRONG in span.marks)]
    for at, (strong, group) in enumerate(groups):
        after = groups[at + 1][1][0].text[:1] if at + 1 < len(groups) else ""
        parts = [(em, list(part)) for em, part in groupby(group, key=lambda span: EM in span.marks)]
        inner = ""
        for place, (em, part) in enumerate(parts):
            following = parts[place + 1][1][0].text[:1] if place + 1 < len(parts) else after
            text = "".join(map(_written, part))
            inner += _wrapped(text, "*", before=(inner or out or before)[-1:], after=following) if em else text
        out += _wrapped(inner, "**", before=(out or before)[-1:], after=after) if strong else inner
    return out


def _written(span: Span) -> str:
    if span.raw:
        return span.text
    if CODE in span.marks and span.text.strip() and _BREAK not in span.text:
        return _as_code(span.text)
    return escaped(span.text)


def escaped(text: str) -> str:
    """Plain words in which no Markdown program sees any markup."""
    if not _SPECIAL.search(text):
        return text
    text = _ENTITY.sub("&amp;", text)
    text = _COMMENT.sub("&lt;", text)
    return _MARKUP.sub(lambda match: f"\\{match[0]}", text)


def _as_code(text: str) -> str:
    bare = text.strip()
    longest = max((len(run) for run in re.findall(r"`+", bare)), default=0)
    ticks = "`" * (longest + 1)
    code = f"{ticks} {bare} {ticks}" if longest else f"`{bare}`"
    return f"{' ' if text[0] in ' ' else ''}{code}{' ' if text[-1] in ' ' else ''}"


def _wrapped(text: str, mark: str, *, before: str, after: str) -> str:
    """The text between marks; they stand directly at words, and each line break ends and begins them anew."""
    lines = text.split(_BREAK)
    return _BREAK.join(
        _wrapped_line(
            line,
            mark,
            before="" if at else before,
            after="" if at < len(lines) - 1 else after,
        )
        for at, line in enumerate(lines)
    )


def _wrapped_line(text: str, mark: str, *, before: str, after: str) -> str:
    """A mark between punctuation and a letter is not seen as one: there the punctuation goes outside."""
    bare = text.strip(" \xa0")
    if not re.search(r"\w", bare):
        return text
    head, tail = text[: len(text) - len(text.lstrip(" \xa0"))], text[len(text.rstrip(" \xa0")) :]
    if before == "*" and not head:
        return text
    opening = _OPENING.match(bare) if before.isalnum() and not head else None
    if opening:
        head, bare = head + opening[0], bare[opening.end() :]
    closing = _CLOSING.search(bare) if after.isalnum() and not tail else None
    if closing:
        bare, tail = bare[: closing.start()], closing[0] + tail
    return f"{head}{mark}{bare}{mark}{tail}" if bare else text
