"""Many revisions in one ZIP, sent while it is made: whatever their number, memory holds one at a time."""

import io
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from procedures.exporting.files import ExportedFile, Format, export
from procedures.models import RenditionKind, Revision
from procedures.pdf.storing import stored_pdf
from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.files import StoredFileDamaged, read_stored
from sopdesk.lib.sheets import write_csv

logger = logging.getLogger("procedures")

MANIFEST = "manifest.csv"
WRITTEN_ON = (2000, 1, 1, 0, 0, 0)
MAX_PROCEDURES = 200


class _Sink(io.RawIOBase):
    """What the ZIP writes into; emptied after every file."""

    def __init__(self) -> None:
        super().__init__()
        self.chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        chunk = bytes(data)  # type: ignore[call-overload]
        self.chunks.append(chunk)
        return len(chunk)

    def taken(self) -> bytes:
        data = b"".join(self.chunks)
        self.chunks.clear()
        return data


def archive_of(revisions: Iterable[Revision], formats: Sequence[str]) -> Iterator[bytes]:
    """The ZIP in pieces: a folder per procedure, and a manifest with the SHA-256 of every file at the end.

    A file that cannot be made is named in the manifest with the reason; the others come all the same.
    """
    sink = _Sink()
    rows: list[list[str | int]] = [
        [_("Code"), _("Title"), _("Revision"), _("Language"), _("File"), _("Size in bytes"), "SHA-256", _("Remark")]
    ]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for revision in revisions:
            for name in formats:
                code = revision.procedure.code
                facts: list[str | int] = [revision.title, revision.number, revision.language]
                file, remark = _made(revision, name)
                if file is None:
                    rows.append([code, *facts, "", "", "", remark])
                    continue
                path = f"{code}/{file.name}"
                archive.writestr(zipfile.ZipInfo(path, WRITTEN_ON), file.data, zipfile.ZIP_DEFLATED)
                rows.append([code, *facts, path, len(file.data), sha256_hex(file.data), ""])
                yield sink.taken()
        archive.writestr(zipfile.ZipInfo(MANIFEST, WRITTEN_ON), write_csv(rows), zipfile.ZIP_DEFLATED)
    yield sink.taken()


def _made(revision: Revision, name: str) -> tuple[ExportedFile | None, str]:
    """The file, or why there is none."""
    maker: Callable[[Revision], ExportedFile | None] = _pdf if name == "pdf" else lambda row: export(row, Format(name))
    try:
        file = maker(revision)
    except Exception:  # one bad document must not cost all the others
        logger.exception("No %s of %s", name, revision)
        return None, _("This file could not be made.")
    return file, "" if file else _("The PDF has not been made yet; open it once, then export again.")


def _pdf(revision: Revision) -> ExportedFile | None:
    """The stored PDF. None is made here: rendering hundreds would keep the server from everything else."""
    rendition = stored_pdf(revision, kind=RenditionKind.PDF)
    if rendition is None:
        return None
    try:
        data = read_stored(rendition.file.name)
    except StoredFileDamaged:
        return None
    return ExportedFile(f"{revision.procedure.code}-r{revision.number}.pdf", "application/pdf", data)
