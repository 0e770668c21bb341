"""The file as it was, beside what was recognised: all its parts in their order, through the one sanitiser."""

from collections.abc import Callable, Iterator, Sequence

from django.urls import reverse
from django.utils.safestring import SafeString

from procedures.importing.blocks import Block, markdown_of
from procedures.importing.source import Source
from procedures.importing.tokens import blocks_of
from procedures.models import ImportedDocument
from sopdesk.lib.markup import render_markdown

PIECE = 8_000
MAX_SHOWN = 600_000


def source_html(document: ImportedDocument) -> str:
    """The source of a document as safe HTML; what lies beyond 600,000 characters is left out of the picture."""
    blocks = blocks_of(Source.of(document.data["source"][:MAX_SHOWN]))
    media = media_of(document)
    return "\n".join(render_markdown(markdown_of(piece), media=media) for piece in _pieces(blocks))


def text_html(document: ImportedDocument, markdown: str) -> SafeString:
    """One text of what was recognised."""
    return render_markdown(markdown, media=media_of(document))


def media_of(document: ImportedDocument) -> Callable[[str], str]:
    """Where the browser finds a picture of the document."""
    pictures = document.data.get("pictures", {})

    def address(key: str) -> str:
        return reverse("imported-picture", args=[document.pk, key]) if key in pictures else ""

    return address


def _pieces(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    piece: list[Block] = []
    size = 0
    for block in blocks:
        length = len(block.text)
        if piece and size + length > PIECE:
            yield piece
            piece, size = [], 0
        piece.append(block)
        size += length
    if piece:
        yield piece
