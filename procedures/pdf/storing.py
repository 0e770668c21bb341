"""Making the PDF of a revision once, and keeping it."""

from django.conf import settings
from django.urls import reverse

from procedures.content import revision_content
from procedures.keeping import keep_file
from procedures.mermaid import diagram_sources, draw_missing, drawn_pictures
from procedures.models import Rendition, RenditionKind, Revision
from procedures.pdf.document import build_html
from procedures.pdf.renderer import SECONDS, render_pdf
from procedures.queries import media_of
from sopdesk.lib.files import read_stored

CONTENT_TYPE = "application/pdf"


def stored_pdf(revision: Revision, *, kind: RenditionKind) -> Rendition | None:
    """The PDF that was made of `revision`, if it was."""
    return Rendition.objects.filter(revision=revision, kind=kind).select_related("file").first()


def store_pdf(revision: Revision, *, kind: RenditionKind, seconds: int = SECONDS) -> Rendition:
    """The stored PDF of `revision`; made first, within `seconds`, when there is none.

    Of two that make it at once, both get the one that was stored first. Raises RenderingFailed.
    """
    found = stored_pdf(revision, kind=kind)
    if found is not None:
        return found
    sources = diagram_sources(revision_content(revision))
    draw_missing(sources)
    data = render_pdf(
        build_html(revision, kind=kind), files=pictures_of(revision) | diagrams_of(revision, sources), seconds=seconds
    )
    file = keep_file(data, content_type=CONTENT_TYPE)
    rendition, _new = Rendition.objects.get_or_create(revision=revision, kind=kind, defaults={"file": file})
    return rendition


def pictures_of(revision: Revision) -> dict[str, tuple[str, bytes]]:
    """The pictures of `revision` under the addresses that its text gives them. Raises StoredFileDamaged."""
    address = media_of(revision, revision_content(revision))
    return {
        settings.BASE_URL + address(row.key): (row.file.content_type, read_stored(row.file.name))
        for row in revision.attachments.select_related("file")
    }


def diagrams_of(revision: Revision, sources: dict[str, str]) -> dict[str, tuple[str, bytes]]:
    """The diagrams of `revision` that could be drawn, under the addresses that its text gives them."""
    base = settings.BASE_URL
    return {
        base + reverse("diagram", args=[revision.procedure.code, revision.number, key]): ("image/svg+xml", svg.encode())
        for key, svg in drawn_pictures(sources).items()
    }
