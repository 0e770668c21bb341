"""Markdown of authors → HTML that is safe to print. Nothing else in sopdesk makes HTML out of user text.

Three layers, each enough against script on its own: the converter takes raw HTML for text and refuses bad
addresses; bleach applies the allow-list; nh3, which has another HTML parser, applies the same allow-list again.

A page of text costs some milliseconds, so the result is stored with the frozen revision, beside
SANITISER_VERSION. Words that the renderer adds ("Missing picture: …") are in the language that is active.
"""

import html
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import nh3
from bleach.sanitizer import Cleaner
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from markdown import Markdown
from markdown.extensions.tables import TableExtension

from sopdesk.lib.badinput import BadInput
from sopdesk.lib.links import ALLOWED_SCHEMES, is_safe_link
from sopdesk.lib.markdown_rules import MEDIA, HouseRules, NumberedFootnotes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

logger = logging.getLogger(__name__)

# Stored with rendered text: raise it when the allow-list or the output changes.
SANITISER_VERSION = 2

MAX_CHARACTERS = 20_000
MAX_CHAPTERS = 5
MAX_LINES = 2_000
MAX_BRACKETS = 500
MAX_BACKTICKS = 1_000
MAX_TABLE_CELLS = 3_000
MAX_NESTING = 20

ALLOWED_TAGS = frozenset(
    {
        "blockquote",
        "br",
        "code",
        "details",
        "div",
        "em",
        "hr",
        "h4",
        "h5",
        "h6",
        "p",
        "pre",
        "span",
        "strong",
        "summary",
        "sup",
    }
    | {"a", "img", "li", "ol", "ul", "table", "tbody", "td", "th", "thead", "tr"}
)
ALLOWED_ATTRIBUTES = {
    "a": {"href", "title", "class", "aria-label"},
    "code": {"class"},
    "div": {"class"},
    "img": {"src", "alt", "title"},
    "li": {"class", "id"},
    "ol": {"start"},
    "span": {"class", "role", "aria-label"},
    "sup": {"id"},
    "td": {"align"},
    "th": {"align"},
}
ALLOWED_VALUES = {
    "class": re.compile(
        r"diagram|diagram-error|footnote|footnote-ref|footnote-backref|task|task task-done|task-mark"
        r"|blocked-link|code-link|external-picture|missing-picture|language-[\w.+#-]{1,32}"
    ),
    "align": re.compile(r"left|center|right"),
    "start": re.compile(r"[0-9]{1,9}"),
    "role": re.compile(r"img"),
}

_ID_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKERS = re.compile(r"(?:[ ]*(?:>|[-*+](?=[ ])|\d+\.(?=[ ])))+")
_MARKER = re.compile(r">|[-*+]|\d+\.")
_BRACKET = re.compile(r"\[|\]\(?|\)")
_MERMAID = re.compile(r'<pre><code class="language-mermaid">(.*?)</code></pre>', re.DOTALL)
_TAG = re.compile(r'<[a-z](?:[^"<>]|"[^"]*")*>', re.IGNORECASE)
_ADDRESS = re.compile(r'\s(href|src)="([^"]*)"')
_RULE = re.compile(r"[ ]*(?:(?:-[ ]*)+|(?:\*[ ]*)+)")
_TABLE_RULE = re.compile(r"[\s>|:]*-[\s>|:-]*")


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """The picture of a ```mermaid block: its address and what it says in words; or why there is none."""

    url: str = ""
    alt: str = ""
    error: str = ""


Diagrams = Callable[[str], DrawnBlock | None]


class MarkupTooComplex(BadInput):
    """The text would take the converter too long."""


def check_markup(text: str) -> None:
    """Raise MarkupTooComplex when `text` is too much for `render_markdown`. Serves as a form validator.

    The limits keep the worst text that passes them near one second of CPU; an ordinary step stays far below.
    A longer text passes when its headings divide it into at most five chapters that each keep the limits.
    """
    chapters = _chapters(_normalised(text))
    _limit(len(chapters), MAX_CHAPTERS, _("This text has %(found)s long chapters; %(limit)s are possible. Split it."))
    for chapter in chapters:
        _check_chapter(chapter)


def _chapters(text: str) -> list[str]:
    """`text` as it is, or cut in front of headings into as few pieces of at most MAX_CHARACTERS as that allows."""
    if len(text) <= MAX_CHARACTERS:
        return [text]
    sections: list[str] = [""]
    in_code = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            in_code = not in_code
        if line.startswith("#") and not in_code:
            sections.append("")
        sections[-1] += line + "\n"
    chapters = [""]
    for section in sections:
        if chapters[-1] and len(chapters[-1]) + len(section) > MAX_CHARACTERS:
            chapters.append("")
        chapters[-1] += section
    return [*chapters[:-1], chapters[-1].removesuffix("\n")]


def _check_chapter(text: str) -> None:
    lines = text.split("\n")
    _limit(len(text), MAX_CHARACTERS, _("This text has %(found)s characters; %(limit)s are possible. Split it."))
    _limit(len(lines), MAX_LINES, _("This text has %(found)s lines; %(limit)s are possible. Split it."))
    _limit(text.count("["), MAX_BRACKETS, _("This text has %(found)s “[” characters; %(limit)s are possible."))
    _limit(text.count("`"), MAX_BACKTICKS, _("This text has %(found)s “`” characters; %(limit)s are possible."))
    _limit(_table_cells(lines), MAX_TABLE_CELLS, _("The tables have %(found)s cells; %(limit)s are possible."))
    _limit(
        max(map(_nesting, lines)),
        MAX_NESTING,
        _("Lists or quotations lie %(found)s levels deep; %(limit)s are possible. Take some levels out."),
    )
    _limit(
        _open_brackets(lines),
        MAX_NESTING,
        _("A paragraph has %(found)s open brackets at a time; %(limit)s are possible. Close them."),
    )


def render_markdown(
    text: str,
    *,
    media: Callable[[str], str] | None = None,
    references: Callable[[str, str], str] | None = None,
    diagrams: Diagrams | None = None,
    id_prefix: str = "",
) -> SafeString:
    """Return `text`, Markdown of an author, as HTML that is safe to print.

    media: takes the id in `![alt](media:<id>)`, returns the picture's address (relative or https), or "" when
        there is no such picture; then, as without `media`, the alternative text stands in its place.
        It is asked once for each id that the text names. Pictures from elsewhere become links.
    references: takes code and part in `[[CODE]]` or `[[CODE#part|words]]` and returns the address of the link, or ""
        when there is none; then, as without `references`, the text stays as it was typed.
    diagrams: takes the source of a ```mermaid block and says where its picture is, or why there is none; for None, and
        without `diagrams`, the block stays code. The source stands below the picture in any case.
    id_prefix: letters, digits, "-" and "_", one per text on a page; footnotes link to and fro only with it.
        Other characters raise ValueError.

    Headings start at h4, below the step's title. Text that `check_markup` refuses is shown as it was typed.
    """
    if id_prefix and not _ID_PREFIX.fullmatch(id_prefix):
        raise ValueError(f"not usable in an id: {id_prefix!r}")
    text = _normalised(text)
    try:
        check_markup(text)
    except MarkupTooComplex:
        return _as_typed(text)
    pictures = _pictures(text, media) if media else {}
    try:
        chapters = [
            _renderer().render(
                chapter,
                pictures=pictures,
                references=references,
                diagrams=diagrams,
                id_prefix=id_prefix and f"{id_prefix}{place or ''}",
            )
            for place, chapter in enumerate(_chapters(text))
        ]
        return SafeString("\n".join(chapters))  # nosec B308 B703
    except Exception:
        # Whatever the converter stumbles over, a published text must stay readable.
        logger.exception("Text of %s characters could not be converted", len(text))
        return _as_typed(text)


def with_addresses(safe: SafeString, address_of: Callable[[str], str]) -> SafeString:
    """`safe` with other addresses behind its links and pictures: those that `address_of` returns for
    what stands there, entities resolved; "", or one that is not safe (`is_safe_link`), takes the address away."""

    def attribute(match: re.Match[str]) -> str:
        address = address_of(html.unescape(match[2]))
        return f' {match[1]}="{html.escape(address)}"' if is_safe_link(address) else ""

    def tag(match: re.Match[str]) -> str:
        return _ADDRESS.sub(attribute, match[0])

    return SafeString(_TAG.sub(tag, safe))  # nosec B308 B703


def _as_typed(text: str) -> SafeString:
    return format_html('<pre class="markup-plain">{}</pre>', text)


def _pictures(text: str, media: Callable[[str], str]) -> dict[str, str]:
    """Return media id → address for the pictures that `text` names and `media` knows."""
    return {media_id: url for media_id in dict.fromkeys(MEDIA.findall(text)) if is_safe_link(url := media(media_id))}


def _limit(found: int, limit: int, message: "StrOrPromise") -> None:
    if found > limit:
        raise MarkupTooComplex(message, code="too_complex", params={"found": found, "limit": limit})


def _normalised(text: str) -> str:
    """Return `text` with "\\n" ends of line, without control characters and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8"))


def _nesting(line: str) -> int:
    """Return how deep the list and quotation marks at the start of `line` nest."""
    line = line.expandtabs(4)
    markers = _MARKERS.match(line)
    if not markers or _RULE.fullmatch(line):
        return 0
    return len(_MARKER.findall(markers[0])) + markers[0].count("    ")


def _open_brackets(lines: list[str]) -> int:
    """Return how many "[" and "](" stand open at one time within a block: the converter looks ahead from each."""
    deepest = square = round_ = 0
    for line in lines:
        if not line.strip():
            square = round_ = 0
        for bracket in _BRACKET.findall(line):
            if bracket == "[":
                square += 1
            elif bracket == ")":
                round_ = max(round_ - 1, 0)
            else:
                square = max(square - 1, 0)
                round_ += bracket == "]("
            deepest = max(deepest, square + round_)
    return deepest


def _table_cells(lines: list[str]) -> int:
    """Return how many cells the tables in `lines` will have; short rows are filled up with empty cells."""
    cells = columns = 0
    for previous, line in pairwise(["", *lines]):
        if not line.strip():
            columns = 0
        elif _TABLE_RULE.fullmatch(line):
            columns = max(columns, previous.count("|") + 1, line.count("|") + 1)
        cells += columns
    return cells


_local = threading.local()


def _renderer() -> "_Renderer":
    """The thread's own renderer: making one costs more than a page of text, and bleach is not thread-safe."""
    if not hasattr(_local, "renderer"):
        _local.renderer = _Renderer()
    return _local.renderer


class _Renderer:
    """A converter and both sanitisers, used for one text after the other."""

    def __init__(self) -> None:
        self._rules = HouseRules()
        self._drawn: set[str] = set()
        self._markdown = Markdown(
            extensions=[
                TableExtension(use_align_attribute=True),
                "markdown.extensions.sane_lists",
                "markdown.extensions.fenced_code",
                NumberedFootnotes(),
                self._rules,
            ]
        )
        # Without these two raw HTML is text like any other, and is escaped.
        self._markdown.preprocessors.deregister("html_block")
        self._markdown.inlinePatterns.deregister("html")
        self._bleach = Cleaner(tags=ALLOWED_TAGS, attributes=self._bleach_allows, protocols=ALLOWED_SCHEMES)
        self._nh3 = nh3.Cleaner(
            tags=ALLOWED_TAGS,
            attributes=ALLOWED_ATTRIBUTES,
            attribute_filter=self._nh3_filter,
            url_schemes=ALLOWED_SCHEMES,
            link_rel="noopener noreferrer",
        )

    def render(
        self,
        text: str,
        *,
        pictures: Mapping[str, str],
        references: Callable[[str, str], str] | None,
        diagrams: Diagrams | None,
        id_prefix: str,
    ) -> str:
        self._rules.pictures = pictures
        self._drawn.clear()
        self._rules.references = references
        self._rules.id_prefix = id_prefix
        converted = self._markdown.reset().convert(text)
        if diagrams:
            converted = _MERMAID.sub(partial(self._draw, diagrams), converted)
        return self._nh3.clean(self._bleach.clean(converted))

    def _draw(self, diagrams: Diagrams, block: re.Match[str]) -> str:
        """A block of Mermaid with its picture, or with the reason why there is none."""
        found = diagrams(html.unescape(block[1]).strip("\n"))
        if found is None:
            return block[0]
        if found.error or not is_safe_link(found.url):
            return f'<div class="diagram"><div class="diagram-error">{html.escape(found.error)}</div>{block[0]}</div>'
        self._drawn.add(found.url)
        picture = f'<img src="{html.escape(found.url)}" alt="{html.escape(found.alt)}">'
        summary = html.escape(gettext("The diagram as text"))
        source = f"<details><summary>{summary}</summary>{block[0]}</details>"
        return f'<div class="diagram">{picture}{source}</div>'

    def _bleach_allows(self, tag: str, name: str, value: str) -> bool:
        # bleach hands over the value as it is written, entities included.
        return self._allows(tag, name, html.unescape(value))

    def _nh3_filter(self, tag: str, name: str, value: str) -> str | None:
        # rel is nh3's own, see link_rel.
        return value if name == "rel" or self._allows(tag, name, value) else None

    def _allows(self, tag: str, name: str, value: str) -> bool:
        if name not in ALLOWED_ATTRIBUTES.get(tag, ()):
            return False
        if name in ALLOWED_VALUES:
            return bool(ALLOWED_VALUES[name].fullmatch(value))
        if name == "href":
            return is_safe_link(value)
        if name == "src":
            return value in self._rules.pictures.values() or value in self._drawn
        if name == "id":
            return bool(self._rules.id_prefix) and value.startswith(f"{self._rules.id_prefix}-fn")
        return True
