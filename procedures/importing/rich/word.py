"""What Word and other editors write into HTML → plain HTML: lists made of paragraphs, wrappers, chrome."""

import re

from lxml.etree import Element as make
from lxml.etree import _Element as Element

from procedures.importing.rich.inline import text_of

_LIST_STYLE = re.compile(r"mso-list:\s*l(?P<list>\d+)\s+level(?P<level>\d+)", re.IGNORECASE)
_LIST_CLASS = re.compile(r"\bMsoListParagraph|\bMsoListBullet|\bMsoListNumber", re.IGNORECASE)
_IGNORE = re.compile(r"mso-list:\s*ignore", re.IGNORECASE)
_NUMBER = re.compile(r"^\W*(?P<number>\d{1,4})\W*$")
_LETTER = re.compile(r"^\W*(?P<letter>[a-zA-Z]{1,6})[.)]\W*$")
_MAX_LEVEL = 9


def lists_of_paragraphs(root: Element) -> None:
    """Turn runs of Word's list paragraphs into lists, in place. The marks they carry say number or bullet."""
    paragraphs = [element for element in root.iter("p") if _level_of(element)]
    path: list[Element] = []
    previous: Element | None = None
    for paragraph in paragraphs:
        if previous is None or _next_element(path[0] if path else previous) is not paragraph:
            path = []
        level = min(_level_of(paragraph), _MAX_LEVEL)
        _hang(paragraph, level, path)
        previous = paragraph


def _hang(paragraph: Element, level: int, path: list[Element]) -> None:
    """Move `paragraph` into the list of its level; `path` holds the open lists, outermost first."""
    marker = _taken_marker(paragraph)
    number = _NUMBER.match(marker)
    ordered = bool(number or _LETTER.match(marker)) and marker.strip() not in ("o", "§")
    parent = paragraph.getparent()
    if parent is None:
        return
    del path[level:]
    if path and len(path) == level and (path[-1].tag == "ol") != ordered and level == 1:
        path.clear()
    elif path and len(path) == level and (path[-1].tag == "ol") != ordered:
        path.pop()
    entry = make("li")
    if number:
        entry.set("value", number["number"])
    if paragraph.sourceline:
        entry.set("line", str(paragraph.sourceline))
    tail, paragraph.tail = paragraph.tail, None
    if not path:
        outer = make("ol") if ordered else make("ul")
        parent.replace(paragraph, outer)
        path.append(outer)
    else:
        parent.remove(paragraph)
        while len(path) < level:
            inner = make("ol") if ordered else make("ul")
            last = path[-1][-1] if len(path[-1]) else path[-1]
            last.append(inner)
            path.append(inner)
    path[0].tail = tail
    entry.append(paragraph)
    path[-1].append(entry)


def _level_of(paragraph: Element) -> int:
    match = _LIST_STYLE.search(paragraph.get("style", ""))
    if match:
        return int(match["level"])
    if _LIST_CLASS.search(paragraph.get("class", "")) and _marker_of(paragraph) is not None:
        return 1
    return 0


def _marker_of(paragraph: Element) -> Element | None:
    return next((span for span in paragraph.iter("span") if _IGNORE.search(span.get("style", ""))), None)


def _taken_marker(paragraph: Element) -> str:
    """The mark in front of an entry, which is taken away."""
    marker = _marker_of(paragraph)
    if marker is None:
        return ""
    text = text_of(marker)
    tail = marker.tail
    marker.clear()
    marker.tail = tail
    return text.strip()


def _next_element(element: Element) -> Element | None:
    if (element.tail or "").strip():
        return None
    following = element.getnext()
    while following is not None and not isinstance(following.tag, str) and not (following.tail or "").strip():
        following = following.getnext()
    return following
