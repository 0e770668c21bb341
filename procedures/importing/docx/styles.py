"""Styles and numbering of a Word document: what a paragraph is by its style, and the number Word prints before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from procedures.importing.docx.package import W
from procedures.importing.language import fold

_MAX_CHAIN = 20
_BODY_LEVEL = 9
_HEADING_NAME = re.compile(
    r"(?:heading|titre|uberschrift|kop|titulo|titolo|rubrik|overskrift|naglowek|otsikko|nadpis) ?(?P<level>[1-9])"
)
_TITLE_NAMES = frozenset({"title", "titre", "titel", "titulo", "titolo", "document title", "titre du document"})
_CONTENTS_NAME = re.compile(
    r"toc (?:\d|heading)|table of (?:figures|contents|authorities)|tm \d|inhopg ?\d"
    r"|verzeichnis \d"
)
_CODE_NAME = re.compile(r"source code|html preformatted|plain text code|code(?: block)?|macro text")
_CODE_CHARACTERS = re.compile(r"verbatim char|html (?:code|keyboard|sample|typewriter)|code(?: char)?|inline code")
_LIST_NAME = re.compile(r"list (?:paragraph|continue)(?: \d)?|paragraphe de liste|listenabsatz|lijstalinea")
_UNNUMBERED = frozenset({"bullet", "none"})
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """One style as the file defines it, without what it inherits."""

    name: str
    based_on: str
    properties: Element | None
    look: Element | None


@dataclass(slots=True)
class Styles:
    """All styles by id; questions are answered through the chain of styles they are based on."""

    styles: dict[str, Style] = field(default_factory=dict)
    default: str = ""

    @classmethod
    def of(cls, tree: Element | None) -> "Styles":
        found = cls()
        for style in tree.iter(f"{W}style") if tree is not None else ():
            key = style.get(f"{W}styleId", "")
            name = value_of(style.find(f"{W}name"))
            parent = value_of(style.find(f"{W}basedOn"))
            found.styles[key] = Style(fold(name), parent, style.find(f"{W}pPr"), style.find(f"{W}rPr"))
            if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true"):
                found.default = key
        return found

    def chain(self, key: str) -> Iterator[Style]:
        """The style and those it is based on, nearest first."""
        for _step in range(_MAX_CHAIN):
            style = self.styles.get(key)
            if style is None:
                return
            yield style
            key = style.based_on

    def property(self, paragraph: Element, name: str) -> Element | None:
        """A property of a paragraph: its own, else that of its style."""
        own = paragraph.find(f"{W}pPr/{W}{name}")
        if own is not None:
            return own
        for style in self.chain(self.style_of(paragraph)):
            found = style.properties.find(f"{W}{name}") if style.properties is not None else None
            if found is not None:
                return found
        return None

    def style_of(self, paragraph: Element) -> str:
        return value_of(paragraph.find(f"{W}pPr/{W}pStyle")) or self.default

    def heading_level(self, paragraph: Element) -> int:
        """1 to 9 for a heading, 0 for a paragraph that is none: by outline level, else by the name of the style."""
        key = self.style_of(paragraph)
        if self.is_contents(key):
            return 0
        level = self.property(paragraph, "outlineLvl")
        number = integer(value_of(level), _BODY_LEVEL) if level is not None else _BODY_LEVEL
        if number < _BODY_LEVEL:
            return number + 1
        if level is not None:
            return 0
        names = (_HEADING_NAME.fullmatch(style.name) for style in self.chain(key))
        return next((int(match["level"]) for match in names if match), 0)

    def is_title(self, key: str) -> bool:
        return any(style.name in _TITLE_NAMES for style in self.chain(key))

    def is_contents(self, key: str) -> bool:
        return any(_CONTENTS_NAME.fullmatch(style.name) for style in self.chain(key))

    def is_code(self, key: str) -> bool:
        return any(_CODE_NAME.fullmatch(style.name) for style in self.chain(key))

    def is_inline_code(self, key: str) -> bool:
        return any(_CODE_CHARACTERS.fullmatch(style.name) for style in self.chain(key))

    def continues_list(self, key: str) -> bool:
        return any(_LIST_NAME.fullmatch(style.name) for style in self.chain(key))

    def look(self, key: str, name: str) -> bool:
        """Whether a character style is bold, italic … ("b", "i")."""
        for style in self.chain(key):
            found = style.look.find(f"{W}{name}") if style.look is not None else None
            if found is not None:
                return is_on(found)
        return False


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a numbering: the kind of number, the text around it, where its text begins (in twips)."""

    kind: str
    text: str
    start: int
    left: int
    style: str

    @property
    def ordered(self) -> bool:
        return self.kind not in _UNNUMBERED

    @property
    def silent(self) -> bool:
        """A mark that nobody sees: the paragraph goes on with the entry before it."""
        return not self.ordered and not self.text.strip()


@dataclass(frozen=True, slots=True)
class _Numbering:
    abstract: str
    starts: dict[int, int]
    levels: dict[int, Level]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paragraph stands in a list. `number` is 0 and `label` empty for bullets."""

    numbering: str
    depth: int
    level: Level
    number: int = 0
    label: str = ""


@dataclass(slots=True)
class Numberings:
    """Counts through a document: ask once for every paragraph, in order."""

    styles: Styles
    _abstract: dict[str, dict[int, Level]] = field(default_factory=dict)
    _numberings: dict[str, _Numbering] = field(default_factory=dict)
    _counters: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, tree: Element | None, styles: Styles) -> "Numberings":
        found = cls(styles)
        if tree is None:
            return found
        linked: dict[str, str] = {}
        by_style: dict[str, str] = {}
        for abstract in tree.iter(f"{W}abstractNum"):
            key = abstract.get(f"{W}abstractNumId", "")
            found._abstract[key] = dict(map(_level, abstract.findall(f"{W}lvl")))
            linked[key] = value_of(abstract.find(f"{W}numStyleLink"))
            by_style.setdefault(value_of(abstract.find(f"{W}styleLink")), key)
        for key, style in linked.items():
            if style in by_style and not found._abstract[key]:
                found._abstract[key] = found._abstract[by_style[style]]
        for row in tree.findall(f"{W}num"):
            starts, levels = {}, {}
            for override in row.findall(f"{W}lvlOverride"):
                depth = integer(override.get(f"{W}ilvl"), 0)
                start = override.find(f"{W}startOverride")
                if start is not None:
                    starts[depth] = integer(value_of(start), 1)
                own = override.find(f"{W}lvl")
                if own is not None:
                    levels[depth] = _level(own)[1]
            abstract_key = value_of(row.find(f"{W}abstractNumId"))
            found._numberings[row.get(f"{W}numId", "")] = _Numbering(abstract_key, starts, levels)
        return found

    def place(self, paragraph: Element) -> Place | None:
        """Where the paragraph stands in its list, without counting; None for a paragraph without number or bullet."""
        key, depth = self._named(paragraph)
        numbering = self._numberings.get(key)
        if numbering is None:
            return None
        level = self._level_at(numbering, depth)
        return Place(key, depth, level) if level else None

    def counted(self, place: Place) -> Place:
        """The same place with its number, and the counters moved on."""
        numbering = self._numberings[place.numbering]
        counters = self._counters.setdefault(numbering.abstract, {})
        if place.numbering not in self._begun:
            self._begun.add(place.numbering)
            for depth, start in numbering.starts.items():
                counters[depth] = start - 1
        for depth in range(place.depth):
            above = self._level_at(numbering, depth)
            counters.setdefault(depth, above.start if above else 1)
        number = counters.get(place.depth, place.level.start - 1) + 1
        counters[place.depth] = number
        for depth in [depth for depth in counters if depth > place.depth]:
            del counters[depth]
        if not place.level.ordered:
            return place
        return Place(place.numbering, place.depth, place.level, max(number, 0), self._label(numbering, place, counters))

    def _label(self, numbering: _Numbering, place: Place, counters: dict[int, int]) -> str:
        def shown(match: re.Match[str]) -> str:
            depth = int(match[1]) - 1
            level = self._level_at(numbering, depth)
            return _formatted(counters.get(depth, 1), level.kind if level else "decimal")

        return re.sub(r"%([1-9])", shown, place.level.text)

    def _level_at(self, numbering: _Numbering, depth: int) -> Level | None:
        return numbering.levels.get(depth) or self._abstract.get(numbering.abstract, {}).get(depth)

    def _named(self, paragraph: Element) -> tuple[str, int]:
        """The numbering and the level: the paragraph's own, else those of the nearest style that has one."""
        own = paragraph.find(f"{W}pPr/{W}numPr")
        key, depth = _numbers(own)
        if key:
            return key, depth if depth is not None else 0
        style_key = self.styles.style_of(paragraph)
        for style in self.styles.chain(style_key):
            row = style.properties.find(f"{W}numPr") if style.properties is not None else None
            key, at = _numbers(row)
            if key:
                return key, self._depth_of_style(key, style_key, depth if depth is not None else at)
        return "", 0

    def _depth_of_style(self, key: str, style: str, stated: int | None) -> int:
        """A numbering names the style that each of its levels belongs to."""
        numbering = self._numberings.get(key)
        if stated is not None or numbering is None:
            return stated or 0
        levels = self._abstract.get(numbering.abstract, {})
        return next((depth for depth, level in levels.items() if level.style == style), 0)


def value_of(element: Element | None) -> str:
    """The value of <w:x w:val="…"/>, "" when there is no such element."""
    return element.get(f"{W}val", "") if element is not None else ""


def is_on(element: Element | None) -> bool:
    """Whether a switch such as <w:b/> is on: it is there and not switched off."""
    return element is not None and element.get(f"{W}val", "1") not in ("0", "false", "off", "none")


def integer(text: str | None, default: int) -> int:
    """A number of the file; what is no number, or beyond any sense, counts as `default`."""
    return int(text) if text and re.fullmatch(r"-?\d{1,7}", text, re.ASCII) else default


def left_of(indentation: Element | None, default: int = 0) -> int:
    """How far the text of a paragraph stands from the margin, in twips."""
    if indentation is None:
        return default
    return integer(indentation.get(f"{W}left") or indentation.get(f"{W}start"), default)


def _numbers(row: Element | None) -> tuple[str, int | None]:
    if row is None:
        return "", None
    depth = row.find(f"{W}ilvl")
    key = value_of(row.find(f"{W}numId"))
    return key, min(integer(value_of(depth), 0), 8) if depth is not None else None


def _level(row: Element) -> tuple[int, Level]:
    level = Level(
        kind=value_of(row.find(f"{W}numFmt")) or "decimal",
        text=value_of(row.find(f"{W}lvlText")),
        start=integer(value_of(row.find(f"{W}start")), 1),
        left=left_of(row.find(f"{W}pPr/{W}ind")),
        style=value_of(row.find(f"{W}pStyle")),
    )
    return integer(row.get(f"{W}ilvl"), 0), level


def _formatted(number: int, kind: str) -> str:
    if kind in ("lowerLetter", "upperLetter") and number > 0:
        text = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 5)
    elif kind in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        text, left = "", number
        for value, letters in _ROMAN:
            text += letters * (left // value)
            left %= value
    else:
        return str(number)
    return text.upper() if kind.startswith("upper") else text
