"""The pictures of a document on its way in: re-encoded by us, kept once each, within a budget of time."""

import io
import time
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sopdesk.lib.badinput import BadInput
from sopdesk.lib.images import CleanImage, read_image

MAX_PICTURES = 500
SECONDS = 30.0
KEY_LENGTH = 16


@dataclass(slots=True)
class PictureStore:
    """`pictures` holds what was taken, by the key under which the text names it (`media:<key>`)."""

    pictures: dict[str, CleanImage] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, tuple[str, str]] = field(default_factory=dict)
    _spent: float = 0.0

    def add(self, data: bytes, *, name: str) -> tuple[str, str]:
        """The key of the picture and "", or "" and the reason why it is not taken. The same `name` is read once."""
        if name not in self._seen:
            self._seen[name] = self._added(data, name)
        return self._seen[name]

    def known(self, name: str) -> tuple[str, str] | None:
        return self._seen.get(name)

    def _added(self, data: bytes, name: str) -> tuple[str, str]:
        if len(self.pictures) >= MAX_PICTURES or self._spent > SECONDS:
            return "", _("The document has more pictures than can be read at a time.")
        started = time.process_time()
        try:
            image = read_image(io.BytesIO(data))
        except BadInput as error:
            return "", " ".join(error.messages)
        finally:
            self._spent += time.process_time() - started
        key = image.sha256[:KEY_LENGTH]
        self.pictures[key] = image
        self.names.setdefault(key, name.rsplit("/", 1)[-1][:160])
        return key, ""
