"""The acts that the reader page offers, and for those not open to one why not."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.permissions import available_events, can_issue, manages_templates, why_not_issue
from procedures.queries import open_round
from procedures.reading.parts import Act
from procedures.states import Event, State
from procedures.views.reader.page import ReaderPage

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


ENDING = (Event.DISCARD, Event.REVOKE, Event.WITHDRAW)


def acts_of(page: ReaderPage) -> tuple[Act | None, list[Act]]:
    """The act that the page head shows, if any, and those of its menu; what is refused is there with the reason."""
    primary, menu = _writing(page), []
    for offer in available_events(page.user, page.revision):
        if offer.event not in EVENT_PAGES:
            continue
        url_name, icon = EVENT_PAGES[offer.event]
        target = open_round(page.revision).pk if url_name == "review" else page.revision.procedure.code
        url = reverse(url_name, args=[target])
        if offer.event == Event.APPROVE and offer.allowed:
            primary = Act(_("Review"), icon, url)
        else:
            menu.append(Act(offer.label, icon, url, why_not=offer.why_not, ends=offer.event in ENDING))
    if page.revision.state == State.IN_REVIEW:
        menu += _issuing(page)
    if page.may_confirm:
        code = page.revision.procedure.code
        menu.append(Act(_("Reviewed, still valid…"), "sign", reverse("confirm", args=[code])))
    return primary, [*menu, *_relating(page), *_reusing(page), *_sharing(page)]


def _issuing(page: ReaderPage) -> Iterator[Act]:
    """For who answers for the procedure: putting a text in review in force, or why not."""
    why_not = why_not_issue(page.user, page.revision)
    if why_not or can_issue(page.user, page.revision):
        url = reverse("emergency", args=[page.revision.procedure.code])
        yield Act(_("Emergency issue…"), "alert", url, why_not=why_not)


def _relating(page: ReaderPage) -> Iterator[Act]:
    """For authors: what can be made of a text in force; for keepers: what its source has changed."""
    code, procedure = page.revision.procedure.code, page.revision.procedure
    if not page.is_in_force or page.revision.state == State.IN_REVIEW:
        return
    if page.relatives.source is not None and page.is_kept and page.relatives.source.state != State.WITHDRAWN:
        label = _("Changes of the original") if procedure.translation_of_id else _("Changes of the parent")
        yield Act(label, "compare", reverse("source-changes", args=[code]))
    if page.user.is_author and page.user.department_id:
        yield Act(_("Make a variant…"), "flow", reverse("variant-new", args=[code]))
        if procedure.translation_of_id is None:
            yield Act(_("Translate…"), "file", reverse("translation-new", args=[code]))


def _reusing(page: ReaderPage) -> Iterator[Act]:
    """Its text as the beginning of another one."""
    code = page.revision.procedure.code
    if page.user.is_author and page.is_in_force:
        yield Act(_("Begin another with this text"), "plus", f"{reverse('procedure-new')}?copy={code}")
    if manages_templates(page.user) and (page.is_in_force or not page.has_pdf):
        yield Act(_("Save as template"), "library", reverse("template-new", args=[code]))


def _sharing(page: ReaderPage) -> Iterator[Act]:
    """On paper for everybody who reads it, by link for those who look after it."""
    code = page.revision.procedure.code
    if page.is_in_force:
        yield Act(_("Poster with QR code"), "print", reverse("procedure-poster", args=[code]))
    if page.is_kept and (page.is_in_force or page.is_obsolete):
        yield Act(_("Share by link…"), "link", reverse("share-links", args=[code]))


def _writing(page: ReaderPage) -> Act | None:
    """On to the draft, or to a new one, for those who write."""
    code = page.revision.procedure.code
    is_draft = page.revision.state == State.DRAFT
    if not (is_draft or page.is_in_force) or page.revision.state == State.IN_REVIEW or not page.writes:
        return None
    if is_draft or (page.sees_pending and page.standing.pending_state == State.DRAFT):
        return Act(_("Go to draft"), "pencil", reverse("draft", args=[code]))
    if page.sees_pending:
        return None
    return Act(_("Draft a new revision"), "pencil", reverse("draft-start", args=[code]), posts=True)
