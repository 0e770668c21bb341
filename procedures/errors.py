"""Errors of procedures that carry more than a sentence."""

from collections.abc import Mapping

from sopdesk.lib.errors import Conflict, DomainError, Refused


class EditConflict(Conflict):
    """Somebody saved this row after the page was opened. Nothing was written; both texts are here.

    `stored` is the row as it is now, `offered` the fields that were sent, `fields` the names that differ.
    """

    def __init__(
        self, message: str, *, stored: object, offered: Mapping[str, object], editor_name: str, target: str = ""
    ) -> None:
        super().__init__(message, target=target)
        self.stored = stored
        self.offered = dict(offered)
        self.editor_name = editor_name
        self.fields = [name for name, value in offered.items() if getattr(stored, name) != value]


class StaleContent(Conflict):
    """The text has changed since the person read it, so a decision about it does not count."""


class NotReady(Refused):
    """The draft cannot be submitted yet; `blockers` says why, one sentence each."""

    def __init__(self, message: str, *, blockers: list[str], target: str = "") -> None:
        super().__init__(message, target=target)
        self.blockers = blockers


class SignatureInvalid(DomainError):
    """Somebody changed a signature, or the text under it, past the application: nobody gets it as signed."""

    status = 409
    is_tampering = True
