"""HTML → PDF bytes, made by `work.py` in a process of its own; this process never imports WeasyPrint."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sopdesk.lib.childprocess import Child, NoAnswer

SECONDS = 60
MANUAL_SECONDS = 900
MEMORY_BYTES = 1536 * 1024 * 1024
FIRST_PAGE, _OPEN, _CLOSE = "\ue000", "\ue001", "\ue002"
LAST_PAGE = "the last page"


class RenderingFailed(Exception):
    """No PDF came out: the document took too long or too much memory, or it cannot be laid out."""


_child = Child(Path(__file__).with_name("work.py"))


def render_pdf(
    html: str,
    *,
    files: Mapping[str, tuple[str, bytes]] | None = None,
    seconds: int = SECONDS,
    memory: int = MEMORY_BYTES,
) -> bytes:
    """Return `html` as PDF/UA bytes; the same input gives the same bytes.

    files: address of a picture → (content type, bytes). Nothing else is fetched, whatever the document asks for.
    seconds, memory (bytes): limits of CPU time, of wall-clock time, and of address space.

    Jobs of one process run one after the other. Raises RenderingFailed.
    """
    job = {"html": html, "files": _encoded(files or {}), "seconds": seconds, "bytes": memory}
    return _pdf_of(job, seconds=seconds)


@dataclass(frozen=True, slots=True)
class ManualParts:
    """What a manual is made of, as HTML; a chapter is a pair of HTML and language.

    FIRST_PAGE in a part becomes the number of its first page; `page_mark(anchor)` in front and index becomes the number
    of the page on which that anchor stands, `page_mark(LAST_PAGE)` that of the last one.
    """

    front: str
    chapters: Sequence[tuple[str, str]]
    index: str
    files: Mapping[str, tuple[str, bytes]]


def page_mark(anchor: str) -> str:
    return f"{_OPEN}{anchor}{_CLOSE}"


@dataclass(frozen=True, slots=True)
class ManualPdf:
    """A manual's bytes, the number of its pages, and the pages on which its chapters begin."""

    data: bytes
    pages: int
    starts: list[int]


def render_manual(parts: ManualParts, *, done: Callable[[int], None], seconds: int = MANUAL_SECONDS) -> ManualPdf:
    """Lay out a manual, and tell `done` how many chapters are; an error that it raises ends the work.

    Raises RenderingFailed.
    """
    job = {
        "front": parts.front,
        "chapters": [{"html": html, "language": language} for html, language in parts.chapters],
        "index": parts.index,
        "marks": [FIRST_PAGE, _OPEN, _CLOSE, LAST_PAGE],
        "files": _encoded(parts.files),
        "seconds": seconds,
        "bytes": MEMORY_BYTES,
    }
    told: dict = {}

    def tell(message: str) -> None:
        told.update(json.loads(message))
        if "pages" not in told:
            done(told["done"])

    data = _pdf_of(job, seconds=seconds, tell=tell)
    return ManualPdf(data, told["pages"], told["starts"])


def _encoded(files: Mapping[str, tuple[str, bytes]]) -> dict[str, list[str]]:
    return {url: [kind, base64.b64encode(data).decode()] for url, (kind, data) in files.items()}


def _pdf_of(job: dict, *, seconds: int, tell: Callable[[str], None] | None = None) -> bytes:
    try:
        answer = _child.ask(job, seconds=seconds, tell=tell)
    except NoAnswer as error:
        raise RenderingFailed(str(error)) from error
    if not answer.startswith(b"%PDF-"):
        raise RenderingFailed(answer.decode(errors="replace"))
    return answer
