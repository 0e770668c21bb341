"""One diagram: its source made harmless, drawn in a child process, and what came out looked through.

Nothing here trusts the engine: a picture with anything that could act or call is refused.
"""

import json
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from xml.etree import ElementTree  # nosec B405

from sopdesk.lib.childprocess import Child

SECONDS = 5
MEMORY_BYTES = 1024 * 1024 * 1024
MAX_SOURCE = 20_000
MAX_PICTURE = 2_000_000

# `look: classic`, because WeasyPrint draws no outlines of the other one. DejaVu Sans is what our PDFs have.
LOOK = '%%{init: {"look":"classic","layout":"dagre","theme":"neutral","themeVariables":{"fontFamily":"DejaVu Sans"}}}%%'

TOO_LONG, TOO_MUCH, FORBIDDEN = "too long", "too much", "forbidden"
"""Reasons of ours why there is no picture; any other is what the engine said."""

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_TITLE = re.compile(r"^[ \t]*(?:accTitle[ \t]*:|title[ \t]*:|title[ \t])[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_ROOT = re.compile(r"\A<svg\b[^>]*>")
_SIZE = re.compile(r'\sviewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"')
_ROOT_SIZES = re.compile(r'\s(?:width|height|style)="[^"]*"')
_OUTSIDE = re.compile(r"@import|expression\s*\(|url\(\s*['\"]?(?!#)[^)]", re.IGNORECASE)

ALLOWED_TAGS = frozenset(
    "svg g defs title desc style text tspan path rect circle ellipse line polygon polyline marker use symbol a image"
    " lineargradient radialgradient stop pattern clippath mask filter fedropshadow fegaussianblur feoffset feblend"
    " femerge femergenode feflood fecomposite fecolormatrix switch".split()
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, or the reason why there is none."""

    svg: str = ""
    error: str = ""


def engine() -> str:
    """The engine by name and version; kept beside every picture."""
    try:
        return f"mmdr {version('mmdr')}"
    except PackageNotFoundError:
        return "none"


def title_of(source: str) -> str:
    """What the author calls the diagram: its accTitle or title, "" without one."""
    found = _TITLE.search(source)
    return found[1].strip("\"'") if found else ""


def tamed(source: str) -> str:
    """`source` in our look, without configuration of the author's; of a front matter the title stays."""
    front = _FRONT_MATTER.match(source)
    title = title_of(front[1]) if front else ""
    body = _DIRECTIVE.sub("", source[front.end() :] if front else source)
    head = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---\n" if title else ""
    return f"{head}{LOOK}\n{body}"


_child = Child(Path(__file__).with_name("work.py"))


def draw(source: str) -> Drawing:
    """Draw `source`, in five seconds at most. Raises NoAnswer when the process is busy or has gone: then the source
    is not to blame."""
    if len(source) > MAX_SOURCE:
        return Drawing(error=TOO_LONG)
    job = {"source": tamed(source), "seconds": SECONDS, "bytes": MEMORY_BYTES}
    answer = _child.ask(job, seconds=SECONDS).decode(errors="replace")
    if not answer.startswith("<svg"):
        return Drawing(error=_reason(answer))
    if len(answer) > MAX_PICTURE:
        return Drawing(error=TOO_MUCH)
    if is_suspicious(answer):
        return Drawing(error=FORBIDDEN)
    return Drawing(svg=_sized(answer))


def _reason(answer: str) -> str:
    """What the engine said, without the kind of its exception; TOO_MUCH when it was stopped."""
    if answer.startswith(("it took longer", "it reached the limit", "MemoryError")) or "limit" in answer.lower():
        return TOO_MUCH
    return answer.partition(": ")[2][:400] or TOO_MUCH


def is_suspicious(svg: str) -> bool:
    """Whether `svg` holds anything that could act, call or load."""
    if "<!" in svg.replace("<!--", "") or "<?" in svg:
        return True  # neither entities nor style sheets
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314  # nosec B314
    except ElementTree.ParseError:
        return True
    for element in root.iter():
        if _name(str(element.tag)) not in ALLOWED_TAGS or _OUTSIDE.search(element.text or ""):
            return True
        for name, value in element.attrib.items():
            if _name(name).startswith("on") or _OUTSIDE.search(value):
                return True
            if _name(name) in ("href", "src") and not _is_harmless(_name(str(element.tag)), value):
                return True
    return False


def _is_harmless(tag: str, address: str) -> bool:
    if tag == "a":
        return address.startswith(("#", "https://", "http://", "mailto:"))
    return address.startswith("#") or not address


def _name(qualified: str) -> str:
    return qualified.rpartition("}")[2].lower()


def _sized(svg: str) -> str:
    """`svg` with its natural size on the root: `<img>` and PDFs take it from there."""
    root = _ROOT.match(svg)
    size = _SIZE.search(root[0]) if root else None
    if root is None or size is None:
        return svg
    head = _ROOT_SIZES.sub("", root[0])
    return f'{head[:-1]} width="{size[1]}" height="{size[2]}">{svg[root.end() :]}'
