"""What an exported file says about itself, whatever its format: whose text it is, in which state, who signed it."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from procedures.content import content_hash, revision_content
from procedures.models import Revision
from procedures.pdf.document import changes_up_to, successor_of
from procedures.phrases import labels_language
from procedures.queries import revision_in_force
from procedures.signatures import signatures_of
from procedures.states import ONCE_PUBLISHED, State
from roles.queries import today
from sopdesk.lib.canonical import sha256_hex

EXPORT_VERSION = 3
"""Raise it when the files come out differently, so that nobody is told that theirs is still right."""


@dataclass(frozen=True, slots=True)
class Approval:
    name: str
    capacity: str
    meaning: str
    signed_at: str
    seal: str


@dataclass(frozen=True, slots=True)
class Change:
    number: int
    date: datetime.date | None
    summary: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around a text, in its language. `mark` is empty for the revision in force, else what every page must
    say ("DRAFT", "OBSOLETE"); `warning` is that mark as a sentence."""

    content: dict
    language: str
    code: str
    number: int
    title: str
    kind: str
    department: str
    owner: str
    state: str
    mark: str
    warning: str
    effective_on: datetime.date | None
    next_review_on: datetime.date | None
    content_hash: str
    address: str
    approvals: tuple[Approval, ...]
    changes: tuple[Change, ...]
    state_key: str

    @property
    def control_line(self) -> str:
        """Code, revision and date, as every page of a paper carries them. Call it inside the document's language."""
        revision = _("revision %(number)s") % {"number": self.number}
        return f"{self.code} · {revision} · {day(self.effective_on)}"

    @property
    def fingerprint(self) -> str:
        """Changes whenever a file made of this would."""
        shown = (
            EXPORT_VERSION,
            self.content_hash,
            *(getattr(self, name) for name in self.__slots__ if name != "content"),
        )
        return sha256_hex(repr(shown).encode())

    def file_name(self, suffix: str) -> str:
        """ "FIN-003-r2.docx", with the mark where the file is not the one to follow."""
        mark = f"-{self.state_key}" if self.mark else ""
        return f"{self.code}-r{self.number}{mark}{suffix}"


def frame_of(revision: Revision) -> Frame:
    """Read what stands around the text of `revision`; 5 queries besides those of the content."""
    content = revision_content(revision)
    procedure = revision.procedure
    is_in_force = revision == revision_in_force(procedure)
    with translation.override(labels_language(content)):
        mark, warning, key = _mark(revision, is_in_force=is_in_force)
        is_released = is_in_force or revision.state in ONCE_PUBLISHED
        return Frame(
            content={**content, "source": None},  # who gets the file may not read what this text follows
            language=content["language"],
            code=procedure.code,
            number=revision.number,
            title=content["title"],
            kind=procedure.get_kind_display(),
            department=str(procedure.department),
            owner=str(procedure.owner),
            state=str(State.PUBLISHED.label) if is_in_force else revision.get_state_display(),
            mark=mark,
            warning=warning,
            effective_on=revision.effective_on if is_released or revision.state == State.APPROVED else None,
            next_review_on=revision.next_review_on if is_in_force else None,
            content_hash=revision.content_hash or content_hash(content),
            address=settings.BASE_URL + reverse("revision", args=[procedure.code, revision.number]),
            approvals=tuple(
                Approval(
                    row.name,
                    row.capacity,
                    f"{row.meaning} {row.how}" if row.is_valid else _("INVALID"),
                    timezone.localtime(row.at).isoformat(" ", "seconds"),
                    row.seal[:12],
                )
                for row in signatures_of(revision)
            ),
            changes=tuple(Change(row["number"], row["date"], row["summary"]) for row in changes_up_to(revision)),
            state_key=key,
        )


def day(date: datetime.date | None) -> str:
    return date_format(date, "DATE_FORMAT") if date else "–"


def _mark(revision: Revision, *, is_in_force: bool) -> tuple[str, str, str]:
    """The word for every page, the sentence on the first, and the word for the file's name."""
    if is_in_force and revision.is_emergency(today()):
        title = _("Emergency issue until %(day)s.") % {"day": day(revision.emergency_until)}
        return _("EMERGENCY ISSUE"), f"{title} {_('Its approval is still open.')}", "emergency"
    if is_in_force and revision.state != State.WITHDRAWN:
        return "", "", ""
    if revision.state in ONCE_PUBLISHED:
        successor = successor_of(revision)
        if successor:
            why = _("Replaced by revision %(number)s.") % {"number": successor.number}
        else:
            why = _("Withdrawn: do not work by this text.")
        return _("OBSOLETE"), why, "obsolete"
    match revision.state:
        case State.IN_REVIEW:
            return _("IN REVIEW"), _("Nobody follows this text before it is approved."), "in-review"
        case State.APPROVED:
            return (
                _("NOT YET IN FORCE"),
                _("In force from %(day)s.") % {"day": day(revision.effective_on)},
                "not-yet-in-force",
            )
        case State.DISCARDED:
            return _("DISCARDED"), _("This draft was given up and is kept for the record."), "discarded"
        case _:
            return _("DRAFT"), _("Nobody follows this text: it is still being written."), "draft"
