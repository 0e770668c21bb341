"""What sopdesk adds to Python-Markdown: task lists, own pictures only, safe links, references by code, headings and
ids that fit the page.

Used by `sopdesk.lib.markup` alone, which sanitises whatever comes out of here.
"""

import html
import re
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element, SubElement  # nosec B405

from django.utils.translation import gettext
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, ETX, STX, AtomicString

from sopdesk.lib.links import is_safe_link

MEDIA = re.compile(r"media:([A-Za-z0-9_-]{1,64})")

REFERENCE = r"\[\[([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)(?:#([a-z0-9-]{1,60}))?(?:\|([^\[\]|\n]{1,120}))?\]\]"

_TASK = re.compile(r"\[([ xX])\][ \t]+")
_EXTERNAL = re.compile(r"https?://", re.IGNORECASE)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TOP_HEADING = 4  # a step's own title is h3
_LOWEST_HEADING = 6


class NumberedFootnotes(FootnoteExtension):
    """Footnotes whose ids hold their number: the label is the author's text and must not become an id."""

    def __init__(self) -> None:
        # The marker moves the notes and drops the words around it; no author can type this one.
        super().__init__(PLACE_MARKER=f"{STX}notes{ETX}")

    def makeFootnoteId(self, id: str) -> str:
        return super().makeFootnoteId(self._number(id))

    def makeFootnoteRefId(self, id: str, found: bool = False) -> str:
        return super().makeFootnoteRefId(self._number(id), found)

    def makeFootnotesDiv(self, root: Element) -> Element | None:
        """As the library's, but a note that is defined within another one is added to the list, not an error."""
        if not self.footnotes:
            return None
        div = Element("div", {"class": "footnote"})
        SubElement(div, "hr")
        notes = SubElement(div, "ol")
        while len(notes) < len(self.footnotes):
            label = list(self.footnotes)[len(notes)]
            note = SubElement(notes, "li", {"id": self.makeFootnoteId(label)})
            # The block parser treats the inside of <li> specially, hence the detour.
            holder = Element("div")
            self.parser.parseChunk(holder, self.footnotes[label])
            note.extend(holder)
            last = note[-1] if len(note) and note[-1].tag == "p" else SubElement(note, "p")
            last.text = f"{last.text or ''} "
            back = SubElement(last, "a", {"class": "footnote-backref", "href": f"#{self.makeFootnoteRefId(label)}"})
            back.text = "↩"
        return div

    def _number(self, label: str) -> str:
        return str(list(self.footnotes).index(label) + 1)


class HouseRules(Extension):
    """Set `pictures` (media id → address), `references` and `id_prefix` before each conversion."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: Mapping[str, str] = {}
        self.references: Callable[[str, str], str] | None = None
        self.id_prefix = ""

    def extendMarkdown(self, md: Markdown) -> None:
        # The library's own: code 190, escapes 180, links 170 and below.
        md.inlinePatterns.register(_References(md, self), "references_by_code", 175)
        # The library's own: footnotes 50, inline 20, duplicates of footnotes 15, unescape 0.
        md.treeprocessors.register(_TaskMarks(md), "task_marks", 25)
        md.treeprocessors.register(_Headings(md), "headings", -10)
        md.treeprocessors.register(_Pictures(md, self), "pictures", -20)
        md.treeprocessors.register(_Links(md), "links", -30)
        md.treeprocessors.register(_FootnoteIds(md, self), "footnote_ids", -40)


class _References(InlineProcessor):
    """`[[FIN-S01]]`, `[[FIN-S01#part]]` and `[[FIN-S01|words]]` become links, where an address is known."""

    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self, md: Markdown, rules: HouseRules) -> None:
        super().__init__(REFERENCE, md)
        self.rules = rules

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | None, int | None, int | None]:
        code, part, words = m[1], m[2] or "", (m[3] or "").strip()
        address = self.rules.references(code, part) if self.rules.references else ""
        if not address:
            return None, None, None
        link = Element("a", {"href": address, "class": "code-link"})
        link.text = AtomicString(words or code)
        return link, m.start(0), m.end(0)


class _TaskMarks(Treeprocessor):
    """`- [ ]` and `- [x]` become ☐ and ☑, before "[x]" can be taken for a link."""

    def run(self, root: Element) -> None:
        for item in root.iter("li"):
            holder = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
            text = holder.text or ""
            task = _TASK.match(text)
            if not task:
                continue
            done = task[1] != " "
            mark = Element("span", {"class": "task-mark", "role": "img"})
            mark.set("aria-label", gettext("done") if done else gettext("to do"))
            mark.text = AtomicString("☑" if done else "☐")
            mark.tail = " " + text[task.end() :]
            holder.text = ""
            holder.insert(0, mark)
            item.set("class", "task task-done" if done else "task")


class _Headings(Treeprocessor):
    """The highest heading becomes h4 and the next ones follow, without a gap in the page's outline."""

    def run(self, root: Element) -> None:
        headings = [element for element in root.iter() if element.tag in _HEADINGS]
        levels = sorted({heading.tag for heading in headings})
        for heading in headings:
            heading.tag = f"h{min(_TOP_HEADING + levels.index(heading.tag), _LOWEST_HEADING)}"


class _Pictures(Treeprocessor):
    """Own media is embedded, pictures from elsewhere become links, anything else its alternative text."""

    def __init__(self, md: Markdown, rules: HouseRules) -> None:
        super().__init__(md)
        self.rules = rules

    def run(self, root: Element) -> None:
        within_links = {id(picture) for link in root.iter("a") for picture in link.iter("img")}
        for picture in list(root.iter("img")):
            source = _address(picture.get("src", ""))
            own = MEDIA.fullmatch(source)
            if own and own[1] in self.rules.pictures:
                picture.set("src", self.rules.pictures[own[1]])
            elif _EXTERNAL.match(source) and id(picture) not in within_links:
                self._turn_into_link(picture, source)
            else:
                self._turn_into_words(picture)

    def _turn_into_link(self, picture: Element, source: str) -> None:
        picture.tag = "a"
        picture.text = picture.get("alt") or source
        picture.attrib.clear()
        picture.attrib.update({"href": source, "class": "external-picture"})

    def _turn_into_words(self, picture: Element) -> None:
        alt = picture.get("alt")
        picture.tag = "span"
        picture.text = gettext("Missing picture: %(alt)s") % {"alt": alt} if alt else gettext("Missing picture")
        picture.attrib.clear()
        picture.set("class", "missing-picture")


class _Links(Treeprocessor):
    """A link to an address that is not allowed stays as words."""

    def run(self, root: Element) -> None:
        for link in root.iter("a"):
            if not is_safe_link(_address(link.get("href", ""))):
                link.tag = "span"
                link.attrib.clear()
                link.set("class", "blocked-link")


class _FootnoteIds(Treeprocessor):
    """Footnotes get ids of their own text; where the caller gave no prefix they are numbered, but not linked."""

    def __init__(self, md: Markdown, rules: HouseRules) -> None:
        super().__init__(md)
        self.rules = rules

    def run(self, root: Element) -> None:
        ids = {element.get("id") for element in root.iter("*")} - {None}
        targets = ids if self.rules.id_prefix else set()
        for element in list(root.iter()):
            for link in list(element):
                if link.get("class") not in ("footnote-ref", "footnote-backref"):
                    continue
                target = link.attrib.pop("href").removeprefix("#")
                if target in targets:
                    self._aim(link, target)
                elif link.get("class") == "footnote-ref":
                    link.tag = "span"
                else:
                    element.remove(link)
            own = element.attrib.pop("id", "")
            if own in targets:
                element.set("id", self._own_id(own))

    def _aim(self, link: Element, target: str) -> None:
        link.set("href", f"#{self._own_id(target)}")
        if link.get("class") == "footnote-backref":
            link.set("aria-label", gettext("Back to the text"))

    def _own_id(self, footnote_id: str) -> str:
        return f"{self.rules.id_prefix}-{footnote_id.replace(':', '-')}"


def _address(value: str) -> str:
    """The address that a browser will see in `value`, an attribute in the converter's tree."""
    return html.unescape(value.replace(AMP_SUBSTITUTE, "&"))
