"""What the reader page says around the document: banner, acts on offer, facts, and whether it has changed.

The page is asked for more often than any other: what depends on the person comes from their `Standing`, one query.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications.queries import unread_count
from procedures.content import revision_content
from procedures.models import Audience, EmergencyIssue, Revision
from procedures.permissions import (
    available_events,
    can_issue,
    can_write_for,
    is_keeper,
    manages_templates,
    reads_everything,
    revisions_visible_to,
    sees_trail,
    why_not_issue,
)
from procedures.queries import emergency_of, open_round
from procedures.relatives import (
    Relation,
    Relatives,
    content_of_source,
    lags_in_force,
    relations,
    relatives_of,
    source_of,
)
from procedures.rendering import contents_of, thumbnail
from procedures.signatures import Signature, has_intact_text, is_valid_emergency, signatures_of
from procedures.standing import Standing
from procedures.states import ONCE_PUBLISHED, Event, State
from roles.models import User
from roles.queries import today
from sopdesk.lib.markup import SANITISER_VERSION

TEXT_SECONDS = 3600
PAGE_SOURCES = ("templates", "locale/fr/LC_MESSAGES/django.mo")


@dataclass(frozen=True, slots=True)
class Banner:
    """The one notice above the document. `kind` is one of the component's: stop, warning, quiet or empty."""

    kind: str
    icon: str
    title: str
    text: str = ""
    url: str = ""
    link: str = ""
    second_url: str = ""
    second_link: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """A way on from this page: a link, or a button that posts. `why_not` stands instead of an act not open to one."""

    label: str | Promise
    icon: str
    url: str
    posts: bool = False
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ReaderPage:
    """One revision as one person sees it. `current` is the revision in force or withdrawn last, None without one."""

    user: User
    revision: Revision
    current: Revision | None
    standing: Standing
    sees_pending: bool
    unread: int
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
    def state(self) -> str:
        """The state to show: by date, where the clock has not caught up yet."""
        if self.is_in_force:
            return State.PUBLISHED
        if self.revision.state == State.PUBLISHED:
            return State.SUPERSEDED
        return self.revision.state

    @property
    def address(self) -> str:
        """Where a printed copy can be compared with what is current."""
        return settings.BASE_URL + self.revision.get_absolute_url()

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
                return ", ".join(sorted(self.standing.reader_departments.values()))
            case Audience.ROLES:
                return ", ".join(sorted(self.standing.reader_roles.values()))
        return procedure.get_audience_display()

    def banner(self) -> Banner | None:
        """The first that applies of: not what was signed, in force in an emergency, withdrawn, obsolete, review
        overdue, newer revision on its way, not released."""
        code, revision = self.revision.procedure.code, self.revision
        if not (self.emergency_is_valid and all(signature.is_valid for signature in self.signatures)):
            return Banner(
                "stop", "stop", _("Signature invalid. Do not work by this text."),
                _("A signature, or the text under it, is not what was signed. Tell an administrator."),
            )  # fmt: skip
        if self.is_emergency and self.emergency is not None:
            return self._of_emergency(self.emergency)
        if revision.state == State.WITHDRAWN:
            return Banner(
                "stop", "stop", _("Withdrawn. Do not work by this text."),
                _("Since %(day)s: %(reason)s")
                % {"day": date_format(revision.ended_at, "DATE_FORMAT"), "reason": revision.ended_reason},
            )  # fmt: skip
        if self.is_obsolete:
            return self._obsolete(code)
        if self.is_in_force and revision.next_review_on and revision.next_review_on < today():
            return Banner(
                "warning", "clock", _("The review of this text is overdue."),
                _("It was due on %(day)s. It stays in force; ask %(owner)s when in doubt.")
                % {"day": date_format(revision.next_review_on, "DATE_FORMAT"), "owner": revision.procedure.owner},
                *((reverse("confirm", args=[code]), _("Confirm that it is valid …")) if self.may_confirm else ()),
            )  # fmt: skip
        if self.is_in_force and self.sees_pending:
            return self._pending(code)
        return self._of_relatives() if self.is_in_force else self._not_released()

    def _obsolete(self, code: str) -> Banner:
        title = _("Obsolete. Do not work by this text.")
        if self.current is None or self.current.number <= self.revision.number:
            return Banner("stop", "archive", title)
        return Banner(
            "stop", "archive", title,
            _("Revision %(number)d has taken its place.") % {"number": self.current.number},
            reverse("procedure", args=[code]), _("Go to the current revision"),
            reverse("compare", args=[code, self.revision.number, self.current.number]), _("What changed since"),
        )  # fmt: skip

    def _of_emergency(self, issue: EmergencyIssue) -> Banner:
        return Banner(
            "warning", "alert",
            _("Emergency issue until %(day)s.") % {"day": date_format(issue.until, "DATE_FORMAT")},
            _("Follow this text; its approval is still open. %(name)s (%(capacity)s): %(reason)s")
            % {"name": issue.issuer_name, "capacity": issue.capacity, "reason": issue.reason},
            issue.round.get_absolute_url(), _("See its review"),
        )  # fmt: skip

    def _pending(self, code: str) -> Banner:
        number = self.standing.pending_number
        words: dict[str, str] = {
            State.DRAFT: _("Revision %(number)d is being written."),
            State.IN_REVIEW: _("Revision %(number)d is in review."),
            State.APPROVED: _("Revision %(number)d is approved and waits for its day."),
        }
        return Banner(
            "quiet", "info", words[self.standing.pending_state] % {"number": number},
            _("Until it takes effect, follow this one."),
            reverse("revision", args=[code, number]), _("Look at it"),
        )  # fmt: skip

    def _of_relatives(self) -> Banner | None:
        """That this text lags behind the one it follows, or that there is one in the reader's own language."""
        revision, source, language = self.revision, self.relatives.source, get_language() or ""
        own = self.relatives.in_language(language) if revision.language != language else None
        if own is not None:
            return Banner(
                "quiet", "info",
                _("Available in %(language)s: %(code)s")
                % {"language": dict(settings.LANGUAGES)[language], "code": own.procedure.code},
                own.title, own.procedure.get_absolute_url(), _("Read it"),
            )  # fmt: skip
        if source is None or source.state == State.WITHDRAWN:
            return None
        is_translation = revision.procedure.translation_of_id is not None
        if not (is_translation or self.is_kept) or not lags_in_force(revision, source):
            return None
        if is_translation:
            return Banner(
                "quiet", "clock", _("This translation lags behind since revision %(number)d of the original.")
                % {"number": source.number}, _("Steps that changed are not yet translated."),
                source.procedure.get_absolute_url(), _("Go to the original"),
            )  # fmt: skip
        return Banner(
            "quiet", "compare", _("The parent has changed with its revision %(number)d.") % {"number": source.number},
            _("Decide what of it applies here."), reverse("source-changes", args=[revision.procedure.code]),
            _("See the changes"),
        )  # fmt: skip

    def _not_released(self) -> Banner:
        match self.revision.state:
            case State.IN_REVIEW:
                return Banner("", "eye", _("In review."), _("Nobody follows this text before it is approved."))
            case State.APPROVED:
                day = date_format(self.revision.effective_on, "DATE_FORMAT")
                return Banner("", "check", _("Approved."), _("In force from %(day)s.") % {"day": day})
            case State.DISCARDED:
                return Banner(
                    "quiet", "close", _("Discarded."), _("This draft was given up and is kept for the record.")
                )
            case _:
                return Banner("", "pencil", _("Draft."), _("Nobody follows this text: it is still being written."))

    def acts(self) -> tuple[Act | None, list[Act]]:
        """The act that the page head shows, if any, and those of its menu; what is refused is there with the reason."""
        primary, menu = self._writing(), []
        for offer in available_events(self.user, self.revision):
            if offer.event not in EVENT_PAGES:
                continue
            url_name, icon = EVENT_PAGES[offer.event]
            target = open_round(self.revision).pk if url_name == "review" else self.revision.procedure.code
            url = reverse(url_name, args=[target])
            if offer.event == Event.APPROVE and offer.allowed:
                primary = Act(_("Review"), icon, url)
            else:
                menu.append(Act(offer.label, icon, url, why_not=offer.why_not))
        if self.revision.state == State.IN_REVIEW:
            menu += self._issuing()
        if self.may_confirm:
            code = self.revision.procedure.code
            menu.append(Act(_("Reviewed, still valid …"), "sign", reverse("confirm", args=[code])))
        return primary, [*menu, *self._relating(), *self._reusing()]

    def _issuing(self) -> Iterator[Act]:
        """For who answers for the procedure: putting a text in review in force, or why not."""
        why_not = why_not_issue(self.user, self.revision)
        if why_not or can_issue(self.user, self.revision):
            url = reverse("emergency", args=[self.revision.procedure.code])
            yield Act(_("Emergency issue …"), "alert", url, why_not=why_not)

    def _relating(self) -> Iterator[Act]:
        """For authors: what can be made of a text in force; for keepers: what its source has changed."""
        code, procedure = self.revision.procedure.code, self.revision.procedure
        if not self.is_in_force or self.revision.state == State.IN_REVIEW:
            return
        if self.relatives.source is not None and self.is_kept and self.relatives.source.state != State.WITHDRAWN:
            label = _("Changes of the original") if procedure.translation_of_id else _("Changes of the parent")
            yield Act(label, "compare", reverse("source-changes", args=[code]))
        if self.user.is_author and self.user.department_id:
            yield Act(_("Make a variant …"), "flow", reverse("variant-new", args=[code]))
            if procedure.translation_of_id is None:
                yield Act(_("Translate …"), "file", reverse("translation-new", args=[code]))

    def _reusing(self) -> Iterator[Act]:
        """Its text as the beginning of another one."""
        code = self.revision.procedure.code
        if self.user.is_author and self.is_in_force:
            yield Act(_("Begin another with this text"), "plus", f"{reverse('procedure-new')}?copy={code}")
        if manages_templates(self.user) and (self.is_in_force or not self.has_pdf):
            yield Act(_("Save as template"), "library", reverse("template-new", args=[code]))

    def _writing(self) -> Act | None:
        """On to the draft, or to a new one, for those who write."""
        code = self.revision.procedure.code
        is_draft = self.revision.state == State.DRAFT
        if not (is_draft or self.is_in_force) or self.revision.state == State.IN_REVIEW or not self.writes:
            return None
        if is_draft or (self.sees_pending and self.standing.pending_state == State.DRAFT):
            return Act(_("Go to draft"), "pencil", reverse("draft", args=[code]))
        if self.sees_pending:
            return None
        return Act(_("Draft a new revision"), "pencil", reverse("draft-start", args=[code]), posts=True)

    def text(self) -> SafeString:
        """Facts, document and rail: the same for everybody who reads in one language, so made once and kept."""
        is_settled = self.has_pdf and not settings.DEBUG  # nobody can sign it any more
        key = f"reading:{_digest(self._shown)}"
        html = cache.get(key) if is_settled else None
        if html is None:
            if self.revision.get_deferred_fields():
                self.revision.refresh_from_db(fields=["content", "rendered"])
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
            self.current and self.current.number, self.revision.ended_reason, self.standing, self.sees_pending,
            self.revision.procedure.owner_id, user.pk, str(user), user.access, user.department_id, user.theme,
            user.keys_enabled, self.unread, request.META.get("CSRF_COOKIE"), self.relatives.marks,
        )  # fmt: skip
        return _digest(self._shown + around)


def _digest(values: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


EVENT_PAGES = {
    Event.SUBMIT: ("submit", "sign"),
    Event.RECALL: ("recall", "undo"),
    Event.DISCARD: ("draft-discard", "close"),
    Event.APPROVE: ("review", "eye"),
    Event.PUBLISH: ("publish", "check-circle"),
    Event.REVOKE: ("revoke", "stop"),
    Event.WITHDRAW: ("withdraw", "archive"),
}
"""Event → (page where it happens, symbol). Approving and requesting changes share a page."""


def reader_page(
    request: HttpRequest, revision: Revision, *, current: Revision | None, standing: Standing
) -> ReaderPage:
    """The page of `revision` for the person who asks. Counts their unread notices for fingerprint and shell alike."""
    unread = unread_count(request.user)
    request.unread_notices = unread  # type: ignore[attr-defined]  # the shell looks here first
    sees_pending = _sees_pending(request.user, revision, standing)
    has_relatives = standing.followers or source_of(revision.procedure)
    relatives = relatives_of(request.user, revision.procedure) if has_relatives else Relatives()
    signatures = _signatures(revision) if revision.content_hash else ()
    issue = emergency_of(revision)
    is_valid = issue is None or (is_valid_emergency(issue) and _is_intact(revision))
    return ReaderPage(
        request.user, revision, current, standing, sees_pending, unread, relatives, signatures, issue, is_valid
    )


def _signatures(revision: Revision) -> tuple[Signature, ...]:
    """The signatures of `revision`, none of them valid when the text is not what was signed."""
    is_intact = _is_intact(revision)
    found = signatures_of(revision)
    return tuple(signature if is_intact else replace(signature, is_valid=False) for signature in found)


def _is_intact(revision: Revision) -> bool:
    """Whether the text is the one that was hashed; worked out as often as it is drawn, and not while the page stands
    in the cache."""
    key = f"intact:{revision.pk}:{revision.content_hash}"
    is_intact = cache.get(key)
    if is_intact is None:
        is_intact = has_intact_text(revision)
        cache.set(key, is_intact, TEXT_SECONDS if is_intact else 0)
    return is_intact


def _sees_pending(user: User, revision: Revision, standing: Standing) -> bool:
    """Whether a later revision is on its way that `user` may see. A query only while one is in review: then
    somebody who has nothing else to do with the procedure may sit in its round."""
    if standing.pending_number is None:
        return False
    if reads_everything(user) or is_keeper(user, revision.procedure, standing):
        return True
    pending = revisions_visible_to(user).filter(procedure=revision.procedure, number=standing.pending_number)
    return standing.pending_state == State.IN_REVIEW and pending.exists()


@lru_cache(maxsize=1)
def page_version() -> str:
    """Changes with the templates, translations, styles and scripts that make the page; worked out once a process."""
    digest = hashlib.sha256(getattr(staticfiles_storage, "manifest_hash", "").encode())
    for name in PAGE_SOURCES:
        source = Path(settings.BASE_DIR, name)
        for path in sorted(source.rglob("*.html")) if source.is_dir() else [source] * source.exists():
            digest.update(path.read_bytes())
    return digest.hexdigest()
