"""Publishing, superseding and withdrawing."""

import datetime

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from audit.trail import Happening
from jobs.enqueueing import enqueue_many
from procedures import search, tasks
from procedures.actions.deviations import end_deviations_of
from procedures.actions.marking import tell_watchers
from procedures.actions.relatives import tell_followers
from procedures.actions.sharing import end_links, lock_links
from procedures.actions.telling import tell, tell_apps_above
from procedures.actions.transitions import move, swap
from procedures.changesets.manifest import lock_together
from procedures.following import concerns, follow
from procedures.models import DeviationCause, EmergencyIssue, LinkEnd, Procedure, RenditionKind, Revision, ShareLink
from procedures.permissions import can_control
from procedures.states import Event, State
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused


@transaction.atomic
def publish(revision: Revision, *, actor: User, reason: str = "") -> Revision:
    """Put an approved revision in force before its effective date, and with it the others of its change set. The
    effective date becomes today.

    An administrator who is not the owner gives a reason. Raises NotPermitted, Refused, InvalidTransition.
    """
    if not can_control(actor, revision.procedure):
        raise NotPermitted(_("Only the owner or an administrator publishes before the effective date."))
    if revision.procedure.owner_id != actor.pk and not reason.strip():
        raise Refused(_("Say why it is published early."))
    for one in lock_together(revision):
        one.effective_on = today()
        publish_approved(one, actor=actor, reason=reason.strip())
    return revision


def publish_due(day: datetime.date | None = None) -> list[Revision]:
    """Publish every approved revision whose effective date has come by `day` (today); each in its own transaction,
    a change set in one.

    Readers see them by date in any case: this only catches up, and may run twice or late.
    """
    due = Revision.objects.filter(state=State.APPROVED, effective_on__lte=day or today()).select_related("procedure")
    published: list[Revision] = []
    for revision in due:
        if revision in published:  # with its change set
            continue
        try:
            with transaction.atomic():
                done = [publish_approved(one, actor=None) for one in lock_together(revision)]
        except InvalidTransition:
            continue  # another worker was faster
        published += done
    return published


def publish_approved(
    revision: Revision, *, actor: User | None, reason: str = "", approval: Happening | None = None
) -> Revision:
    """Supersede the published revision, put this one in force, tell people and have the PDFs made; inside the
    caller's transaction, so that nothing is left half done. Raises InvalidTransition when it is not approved.

    `approval` is what led straight to it: it is recorded first, and the text takes the place of the old one in the
    search index, where it stands already when it has waited for its day.
    """
    now = timezone.now()
    # Locked before the trail is written, as whoever approves or revokes does: two who meet wait in one order.
    locked = Revision.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    both = locked.filter(Q(pk=revision.pk) | Q(procedure=revision.procedure_id, state=State.PUBLISHED))
    # Few have links, followers or suggestions: whether this one has is asked with the lock, not by statements that find
    # nothing.
    follows = Q(variant_of=OuterRef("procedure")) | Q(translation_of=OuterRef("procedure"))
    both = both.annotate(
        has_links=Exists(ShareLink.objects.filter(procedure=OuterRef("procedure"), end="")),
        has_followers=Exists(Procedure.objects.filter(follows)),
        had_other_text=Exists(EmergencyIssue.objects.of_other_text(OuterRef("pk"), OuterRef("content_hash"))),
        **concerns(),
    )
    rows = {row.pk: row for row in both}
    this = rows.pop(revision.pk)
    old = next(iter(rows.values()), None)
    links = lock_links(revision.procedure) if old is not None and old.has_links else []
    happened, pdfs = [approval] if approval else [], [(revision.pk, RenditionKind.PDF)]
    if old is not None:
        old.procedure = revision.procedure
        happened.append(swap(old, Event.SUPERSEDE, actor=actor, data={"by": revision.number}, ended_at=now))
        pdfs.insert(0, (old.pk, RenditionKind.PDF_OBSOLETE))
    publication = swap(
        revision,
        Event.PUBLISH,
        actor=actor,
        reason=reason,
        published_at=now,
        effective_on=revision.effective_on,
        next_review_on=revision.effective_on + relativedelta(months=revision.review_interval_months),
    )
    entry = trail.record_many([*happened, publication])[-1]
    if old is not None:
        end_deviations_of(old, DeviationCause.SUPERSEDED, actor=actor)
        end_links(links, old, LinkEnd.SUPERSEDED, actor=actor)
    if approval is not None:
        search.index(revision, instead_of=old)
    elif old is not None:
        search.remove(old)
    enqueue_many(tasks.make_pdf, pdfs)
    _tell(Event.PUBLISH, revision, actor=actor, event_seq=entry.seq)
    if this.has_followers:
        tell_followers(revision, actor=actor, event_seq=entry.seq)
    tell_apps_above(revision, event_seq=entry.seq, had_other_text=this.had_other_text)
    follow(names.REVISION_PUBLISH, revision, actor=actor, event_seq=entry.seq, asked=this)
    return revision


@transaction.atomic
def withdraw(procedure: Procedure, *, actor: User, reason: str) -> Revision:
    """Retire a procedure: its published revision stays readable, marked as withdrawn, and leaves the library.

    Raises NotPermitted, Refused without a reason, InvalidTransition when nothing is published or a revision is on
    its way.
    """
    if not can_control(actor, procedure):
        raise NotPermitted(_("Only the owner or an administrator withdraws a procedure."))
    if not reason.strip():
        raise Refused(_("Say why it is withdrawn: readers will see the reason."))
    Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=procedure.pk)
    if procedure.revisions.open().exists():
        raise InvalidTransition(
            _("A revision is on its way. Discard it, or recall and discard it, before you withdraw the procedure."),
            target=procedure.get_absolute_url(),
        )
    revision = procedure.revisions.filter(state=State.PUBLISHED).first()
    if revision is None:
        raise InvalidTransition(_("Nothing of this procedure is published."), target=procedure.get_absolute_url())
    revision.procedure = procedure
    links = lock_links(procedure)
    entry = move(
        revision,
        Event.WITHDRAW,
        actor=actor,
        reason=reason.strip(),
        ended_at=timezone.now(),
        ended_reason=reason.strip(),
    )
    end_deviations_of(revision, DeviationCause.WITHDRAWN, actor=actor)
    search.remove(revision)
    end_links(links, revision, LinkEnd.WITHDRAWN, actor=actor)
    tasks.make_pdf.enqueue(revision.pk, RenditionKind.PDF_OBSOLETE)
    _tell(Event.WITHDRAW, revision, actor=actor, event_seq=entry.seq, reason=reason.strip())
    follow(names.REVISION_WITHDRAW, revision, actor=actor, event_seq=entry.seq)
    return revision


def _tell(event: Event, revision: Revision, *, actor: User | None, event_seq: int, reason: str = "") -> None:
    people = {person.pk: person for person in [*revision.contributors.all(), revision.procedure.owner]}
    others = [person for person in people.values() if person != actor]
    url = revision.procedure.get_absolute_url()
    tell(event, revision, others, actor=actor, event_seq=event_seq, url=url, reason=reason)
    if event == Event.PUBLISH:
        reason = revision.change_summary
    tell_watchers(
        "published" if event == Event.PUBLISH else "withdrawn",
        revision,
        actor=actor,
        event_seq=event_seq,
        told=people.values(),
        reason=reason,
        significance=revision.significance,
    )
