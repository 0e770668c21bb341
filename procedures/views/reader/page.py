"""The reader page of one revision for one person: facts, text, and whether it has changed.

The page is asked for more often than any other: what depends on the person comes from their `Standing`, one query.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from procedures.content import revision_content
from procedures.models import Audience, EmergencyIssue, RenditionKind, Revision
from procedures.pdf.onpage import pdf_hash
from procedures.permissions import can_write_for, sees_trail
from procedures.reading.extensions import Tie, marks_of_extensions
from procedures.relatives import Relation, Relatives, content_of_source, relations
from procedures.rendering import contents_of, thumbnail
from procedures.sharing.status import status_qr
from procedures.signatures import Signature
from procedures.standing import Standing
from procedures.states import ONCE_PUBLISHED, State
from roles.models import User
from roles.queries import today
from sopdesk.lib.markup import SANITISER_VERSION
from sopdesk.lib.offline import is_offered
from sopdesk.lib.sorting import by_name

TEXT_SECONDS = 3600
TEXT_FIELDS = ("content", "rendered", "status_token")
PAGE_SOURCES = ("templates", "locale/fr/LC_MESSAGES/django.mo")


@dataclass(frozen=True, slots=True)
class ReaderPage:
    """One revision as one person sees it. `current` is the revision in force or withdrawn last, None without one."""

    user: User
    revision: Revision
    current: Revision | None
    standing: Standing
    sees_pending: bool
    relatives: Relatives
    signatures: tuple[Signature, ...] = ()
    emergency: EmergencyIssue | None = None
    emergency_is_valid: bool = True

    @property
    def is_in_force(self) -> bool:
        return self.current == self.revision and self.revision.state != State.WITHDRAWN

    @property
    def is_emergency(self) -> bool:
        return self.is_in_force and self.emergency is not None

    @property
    def is_obsolete(self) -> bool:
        """Whether readers followed this text once and must not any more."""
        return self.revision.state in ONCE_PUBLISHED and not self.is_in_force

    @property
    def has_pdf(self) -> bool:
        return self.is_in_force or self.is_obsolete

    @property
    def pdf_hash(self) -> str:
        """The SHA-256 of the PDF that the page leads to; empty while it is not stored."""
        if self.is_in_force:
            return pdf_hash(self, RenditionKind.PDF_EMERGENCY if self.is_emergency else RenditionKind.PDF)
        return pdf_hash(self, RenditionKind.PDF_OBSOLETE) if self.is_obsolete else ""

    @property
    def state(self) -> str:
        """The state to show: by date, where the clock has not caught up yet."""
        if self.is_in_force:
            return State.PUBLISHED
        if self.revision.state == State.PUBLISHED:
            return State.SUPERSEDED
        return self.revision.state

    @property
    def is_keepable(self) -> bool:
        """Whether a browser may keep this text for reading without a network: approved and in force. An emergency
        issue is not, since it may leave again any day."""
        return is_offered() and self.is_in_force and self.emergency is None

    @property
    def address(self) -> str:
        """Where a printed copy can be compared with what is current."""
        return settings.BASE_URL + self.revision.get_absolute_url()

    @property
    def qr(self) -> SafeString:
        """What a phone scans from a printed copy, to see whether it is current."""
        return status_qr(self.revision)

    @property
    def may_confirm(self) -> bool:
        """The rule of `permissions.can_confirm` for the text at hand."""
        is_own = self.revision.procedure.owner_id == self.user.pk
        return is_own and self.is_in_force and self.revision.state == State.PUBLISHED

    @property
    def writes(self) -> bool:
        return can_write_for(self.user, self.revision.procedure, is_invited=self.standing.is_invited)

    @property
    def is_kept(self) -> bool:
        """Whether this person looks after the procedure, or audits it."""
        return sees_trail(self.user, self.revision.procedure, is_invited=self.standing.is_invited)

    @property
    def has_history(self) -> bool:
        """Whether the history page shows this person anything: who only decides sees what was released before."""
        return self.current is not None or self.has_pdf or self.is_kept

    @property
    def audience(self) -> str:
        """Who may read it, for those who look after it; empty for everybody else."""
        procedure = self.revision.procedure
        if not self.is_kept:
            return ""
        match procedure.audience:
            case Audience.DEPARTMENTS:
                return ", ".join(by_name(self.standing.reader_departments.values()))
            case Audience.ROLES:
                return ", ".join(by_name(self.standing.reader_roles.values()))
        return procedure.get_audience_display()

    @property
    def role_ids(self) -> set[int]:
        return self.standing.role_ids

    def ties(self, name: str) -> list[Tie]:
        return self.standing.further.get(name, [])

    def text(self) -> SafeString:
        """Facts, document and rail: the same for everybody who reads in one language, so made once and kept; with
        places for what extensions add for one person."""
        is_settled = self.has_pdf and not settings.DEBUG  # nobody can sign it any more
        key = f"reading:{_digest(self._shown)}"
        html = cache.get(key) if is_settled else None
        if html is None:
            load_text(self.revision)
            content = revision_content(self.revision)
            context = {
                "page": self,
                "revision": self.revision,
                "procedure": self.revision.procedure,
                "content": content,
                "contents": contents_of(content),
                "thumbnail": thumbnail(content),
                "signatures": self.signatures,
                "relations": self._relations(content),
            }
            html = render_to_string("procedures/_reading.html", context)
            if is_settled:
                cache.set(key, html, TEXT_SECONDS)
        return html

    def _relations(self, content: dict) -> dict[str, list[dict]]:
        """What the steps of a variant are to the parent's: relation → steps; empty for other texts."""
        base = content_of_source(self.revision) if self.revision.procedure.variant_of_id else None
        if base is None:
            return {}
        found = relations(base, content)
        grouped = {str(kind): [row.step for row in found if row.relation == kind] for kind in Relation}
        return {kind: steps for kind, steps in grouped.items() if steps}

    @property
    def _shown(self) -> tuple[object, ...]:
        """Everything that `text` depends on."""
        revision, procedure = self.revision, self.revision.procedure
        return (
            page_version(), SANITISER_VERSION, today(), get_language(), revision.pk, revision.content_hash, self.state,
            revision.sanitiser_version, revision.effective_on, revision.next_review_on, str(revision.category),
            str(procedure.owner), str(procedure.department), procedure.kind, self.audience, self.signatures,
            self.emergency and self.emergency.seal, self.emergency_is_valid,
        )  # fmt: skip

    def fingerprint(self, request: HttpRequest) -> str | None:
        """A value that changes whenever the page would, so that an unchanged page is not made again.

        None when the page must be made: a draft, which changes without leaving a mark here, a message to show, or
        a developer who works on the templates.
        """
        if settings.DEBUG or not self.revision.content_hash or len(messages.get_messages(request)):
            return None
        user = self.user
        around = (
            self.current and self.current.number, self.revision.ended_reason, self.standing.marks, self.sees_pending,
            self.revision.procedure.owner_id, user.pk, str(user), user.access, user.department_id, user.theme,
            user.keys_enabled, request.META.get("CSRF_COOKIE"), self.relatives.marks,
            marks_of_extensions(self),
        )  # fmt: skip
        return _digest(self._shown + around)


def load_text(revision: Revision) -> None:
    """Read what the text is made of, for a revision that was read at a glance; at once."""
    if not revision.get_deferred_fields().isdisjoint(TEXT_FIELDS):
        revision.refresh_from_db(fields=TEXT_FIELDS)


def _digest(values: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


@lru_cache(maxsize=1)
def page_version() -> str:
    """Changes with the templates, translations, styles and scripts that make the page; worked out once a process."""
    digest = hashlib.sha256(getattr(staticfiles_storage, "manifest_hash", "").encode())
    for name in PAGE_SOURCES:
        source = Path(settings.BASE_DIR, name)
        for path in sorted(source.rglob("*.html")) if source.is_dir() else [source] * source.exists():
            digest.update(path.read_bytes())
    return digest.hexdigest()
