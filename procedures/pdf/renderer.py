"""HTML → PDF bytes, made by `work.py` in a process of its own; this process never imports WeasyPrint."""

import base64
from collections.abc import Mapping
from pathlib import Path

from sopdesk.lib.childprocess import Child, NoAnswer

SECONDS = 60
MEMORY_BYTES = 1536 * 1024 * 1024


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
    job = {
        "html": html,
        "files": {url: [kind, base64.b64encode(data).decode()] for url, (kind, data) in (files or {}).items()},
        "seconds": seconds,
        "bytes": memory,
    }
    try:
        answer = _child.ask(job, seconds=seconds)
    except NoAnswer as error:
        raise RenderingFailed(str(error)) from error
    if not answer.startswith(b"%PDF-"):
        raise RenderingFailed(answer.decode(errors="replace"))
    return answer
