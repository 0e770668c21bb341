"""One revision → one file to download, in each format."""

import io
import zipfile
from dataclasses import dataclass

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from procedures.exporting.frame import Frame, frame_of
from procedures.exporting.markdown import files_of, markdown_of
from procedures.exporting.webpage import webpage_of
from procedures.mermaid import diagram_sources, draw_missing, drawn_pictures
from procedures.models import Revision
from sopdesk.lib.files import StoredFileDamaged, read_stored

WRITTEN_ON = (2000, 1, 1, 0, 0, 0)


class Format(models.TextChoices):
    WORD = "docx", _("Word document")
    MARKDOWN = "markdown", _("Markdown")
    HTML = "html", _("Web page")


@dataclass(frozen=True, slots=True)
class ExportedFile:
    name: str
    content_type: str
    data: bytes


def export(revision: Revision, wanted: Format, *, frame: Frame | None = None) -> ExportedFile:
    """The file of `revision`; `frame` saves reading again what the caller has read."""
    frame = frame or frame_of(revision)
    pictures = _pictures(revision)
    match wanted:
        case Format.WORD:
            from procedures.exporting.word import CONTENT_TYPE, word_of  # noqa: PLC0415  few need python-docx

            attached = {key: picture for key, (_type, picture) in pictures.items()}
            data = word_of(frame, pictures=attached, drawings=_drawings(frame))
            return ExportedFile(frame.file_name(".docx"), CONTENT_TYPE, data)
        case Format.HTML:
            data = webpage_of(frame, revision, pictures=pictures, drawings=_drawings(frame))
            return ExportedFile(frame.file_name(".html"), "text/html; charset=utf-8", data)
        case _:
            return _markdown(frame, pictures)


def _markdown(frame: Frame, pictures: dict[str, tuple[str, bytes]]) -> ExportedFile:
    """The text alone, or a ZIP of text and pictures when it has any."""
    text = markdown_of(frame).encode("utf-8", "replace")
    if not frame.content["attachments"]:
        return ExportedFile(frame.file_name(".md"), "text/markdown; charset=utf-8", text)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(frame.file_name(".md"), WRITTEN_ON), text, zipfile.ZIP_DEFLATED)
        for key, path in files_of(frame.content).items():
            if key in pictures:
                archive.writestr(zipfile.ZipInfo(path, WRITTEN_ON), pictures[key][1])
    return ExportedFile(frame.file_name("-markdown.zip"), "application/zip", packed.getvalue())


def _pictures(revision: Revision) -> dict[str, tuple[str, bytes]]:
    """Content type and bytes of the attachments by key; a damaged one is left out, its words stay."""
    pictures = {}
    for row in revision.attachments.select_related("file"):
        try:
            pictures[row.key] = (row.file.content_type, read_stored(row.file.name))
        except StoredFileDamaged:
            continue
    return pictures


def _drawings(frame: Frame) -> dict[str, str]:
    """Authors' diagrams as SVG, by the address that a rendered text has for them; drawn now when nobody did yet."""
    sources = diagram_sources(frame.content)
    draw_missing(sources)
    return {
        reverse("diagram", args=[frame.content["code"], frame.content["number"], key]): svg
        for key, svg in drawn_pictures(sources).items()
    }
