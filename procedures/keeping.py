"""Keeping bytes: first the file, then its row, so that no row ever points at nothing."""

from procedures.models import StoredFile
from sopdesk.lib.files import store_bytes

SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "application/pdf": ".pdf"}


def keep_file(data: bytes, *, content_type: str, width: int | None = None, height: int | None = None) -> StoredFile:
    """Store `data` under the name that its SHA-256 gives it, once. Raises KeyError for a type that we do not keep."""
    stored = store_bytes(data, suffix=SUFFIXES[content_type])
    row, _created = StoredFile.objects.get_or_create(
        sha256=stored.sha256,
        defaults={
            "name": stored.name,
            "size": stored.size,
            "content_type": content_type,
            "width": width,
            "height": height,
        },
    )
    return row
