"""The one banner of the reader page: the first that applies, of its own and of what extensions add."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from procedures.models import EmergencyIssue, Revision
from procedures.reading.parts import Banner, Rank
from procedures.relatives import lags_in_force
from procedures.states import State
from procedures.views.reader.page import ReaderPage
from roles.queries import today


def banner_of(page: ReaderPage, further: Iterable[Banner] = ()) -> Banner | None:
    """The banner of `page`. Where two are about the same, the page's own comes first."""
    own = own_banner(page)
    found = [own] if own else []
    return min([*found, *further], key=lambda banner: banner.rank, default=None)


def own_banner(page: ReaderPage) -> Banner | None:
    """The first that applies of: not what was signed, in force in an emergency, withdrawn, obsolete, review
    overdue, newer revision on its way, not released."""
    revision = page.revision
    if not (page.emergency_is_valid and all(signature.is_valid for signature in page.signatures)):
        return Banner(
            "stop", "stop", _("Signature invalid. Do not work by this text."),
            _("A signature, or the text under it, is not what was signed. Tell an administrator."), rank=Rank.INVALID,
        )  # fmt: skip
    if page.is_emergency and page.emergency is not None:
        return _of_emergency(page.emergency)
    if revision.state == State.WITHDRAWN:
        return Banner(
            "stop", "stop", _("Withdrawn. Do not work by this text."),
            _("Since %(day)s: %(reason)s")
            % {"day": date_format(revision.ended_at, "DATE_FORMAT"), "reason": revision.ended_reason},
            rank=Rank.WITHDRAWN,
        )  # fmt: skip
    if page.is_obsolete:
        return _obsolete(page)
    if page.is_in_force and revision.next_review_on and revision.next_review_on < today():
        return Banner(
            "warning", "clock", _("The review of this text is overdue."),
            _("It was due on %(day)s. It stays in force; ask %(owner)s when in doubt.")
            % {"day": date_format(revision.next_review_on, "DATE_FORMAT"), "owner": revision.procedure.owner},
            reverse("confirm", args=[revision.procedure.code]) if page.may_confirm else "",
            _("Confirm that it is valid…"), rank=Rank.OVERDUE,
        )  # fmt: skip
    if page.is_in_force and page.sees_pending:
        return _pending(page)
    return _of_relatives(page) if page.is_in_force else _not_released(page.revision)


def _obsolete(page: ReaderPage) -> Banner:
    title = _("Obsolete. Do not work by this text.")
    if page.current is None or page.current.number <= page.revision.number:
        return Banner("stop", "archive", title, rank=Rank.OBSOLETE)
    return Banner(
        "stop", "archive", title,
        _("Revision %(number)d has taken its place.") % {"number": page.current.number},
        reverse("procedure", args=[page.revision.procedure.code]), _("Go to the current revision"),
        reverse("compare", args=[page.revision.procedure.code, page.revision.number, page.current.number]),
        _("What changed since"), rank=Rank.OBSOLETE,
    )  # fmt: skip


def _of_emergency(issue: EmergencyIssue) -> Banner:
    return Banner(
        "warning", "alert",
        _("Emergency issue until %(day)s.") % {"day": date_format(issue.until, "DATE_FORMAT")},
        _("Follow this text; its approval is still open. %(name)s (%(capacity)s): %(reason)s")
        % {"name": issue.issuer_name, "capacity": issue.capacity, "reason": issue.reason},
        issue.round.get_absolute_url(), _("See its review"), rank=Rank.EMERGENCY,
    )  # fmt: skip


def _pending(page: ReaderPage) -> Banner:
    number = page.standing.pending_number
    words: dict[str, str] = {
        State.DRAFT: _("Revision %(number)d is being written."),
        State.IN_REVIEW: _("Revision %(number)d is in review."),
        State.APPROVED: _("Revision %(number)d is approved and waits for its day."),
    }
    return Banner(
        "quiet", "info", words[page.standing.pending_state] % {"number": number},
        _("Until it takes effect, follow this one."),
        reverse("revision", args=[page.revision.procedure.code, number]), _("Look at it"), rank=Rank.PENDING,
    )  # fmt: skip


def _of_relatives(page: ReaderPage) -> Banner | None:
    """That this text lags behind the one it follows, or that there is one in the reader's own language."""
    revision, source, language = page.revision, page.relatives.source, get_language() or ""
    own = page.relatives.in_language(language) if revision.language != language else None
    if own is not None:
        return Banner(
            "quiet", "info",
            _("Available in %(language)s: %(code)s")
            % {"language": dict(settings.LANGUAGES)[language], "code": own.procedure.code},
            own.title, own.procedure.get_absolute_url(), _("Read it"), rank=Rank.RELATIVES,
        )  # fmt: skip
    if source is None or source.state == State.WITHDRAWN:
        return None
    is_translation = revision.procedure.translation_of_id is not None
    if not (is_translation or page.is_kept) or not lags_in_force(revision, source):
        return None
    if is_translation:
        return Banner(
            "quiet", "clock", _("This translation lags behind since revision %(number)d of the original.")
            % {"number": source.number}, _("Steps that changed are not yet translated."),
            source.procedure.get_absolute_url(), _("Go to the original"), rank=Rank.RELATIVES,
        )  # fmt: skip
    return Banner(
        "quiet", "compare", _("The parent has changed with its revision %(number)d.") % {"number": source.number},
        _("Decide what of it applies here."), reverse("source-changes", args=[revision.procedure.code]),
        _("See the changes"), rank=Rank.RELATIVES,
    )  # fmt: skip


def _not_released(revision: Revision) -> Banner:
    match revision.state:
        case State.IN_REVIEW:
            return Banner("", "eye", _("In review."), _("Nobody follows this text before it is approved."))
        case State.APPROVED:
            day = date_format(revision.effective_on, "DATE_FORMAT")
            return Banner("", "check", _("Approved."), _("In force from %(day)s.") % {"day": day})
        case State.DISCARDED:
            return Banner("quiet", "close", _("Discarded."), _("This draft was given up and is kept for the record."))
        case _:
            return Banner("", "pencil", _("Draft."), _("Nobody follows this text: it is still being written."))
