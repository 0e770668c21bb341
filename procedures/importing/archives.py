"""Zip archives of strangers: opened with limits, read member by member, nothing is ever unpacked to disk."""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from procedures.importing.document import UnreadableDocument

MAX_MEMBERS = 5_000
MAX_TOTAL = 200_000_000
MAX_RATIO = 200
RATIO_FROM = 1_000_000
"""Members below this size may be packed as tightly as they like."""

_ENCRYPTED = 0x1


class Archive:
    """A zip file whose list of contents has been checked. Raises UnreadableDocument, with the reason, for others."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise UnreadableDocument(_("The file is damaged: it cannot be opened as a zip archive.")) from error
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            message = _("The archive holds more than %(limit)d files.")
            raise UnreadableDocument(message % {"limit": MAX_MEMBERS})
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise UnreadableDocument(_("The archive is protected by a password. Take it off first."))
        total = sum(member.file_size for member in members)
        packed = [(member.file_size, member.compress_size) for member in members if member.file_size >= RATIO_FROM]
        if total > MAX_TOTAL or any(size > MAX_RATIO * max(small, 1) for size, small in packed):
            raise UnreadableDocument(_("The archive unpacks to far more than it seems to hold. It is not opened."))
        self._members = {member.filename: member for member in members if not member.is_dir()}
        self._left = MAX_TOTAL

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def read(self, name: str, *, limit: int) -> bytes:
        """The bytes of one member, at most `limit` of them, whatever the list of contents says of its size."""
        member = self._members[name]
        try:
            with self._zip.open(member) as stream:
                data = stream.read(limit + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            message = _("The file is damaged: “%(name)s” in it cannot be read.")
            raise UnreadableDocument(message % {"name": name[:100]}) from error
        self._left -= len(data)
        if len(data) > limit or self._left < 0:
            message = _("“%(name)s” in the file is larger than %(limit)d MB.")
            raise UnreadableDocument(message % {"name": name[:100], "limit": limit // 1_000_000})
        return data

    def bad_name(self) -> str:
        """The first member that would land outside its folder or is a link to elsewhere; "" when there is none."""
        for name, member in self._members.items():
            path = PurePosixPath(name.replace("\\", "/"))
            mode = member.external_attr >> 16
            if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or stat.S_ISLNK(mode):
                return name
        return ""
