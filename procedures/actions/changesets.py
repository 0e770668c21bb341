"""Change sets: several drafts submitted, signed, returned and put in force as one."""

import datetime
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.actions.approval import send_back, sign_approval, submit
from procedures.actions.drafts import save_draft
from procedures.changesets.checking import check_set
from procedures.changesets.manifest import manifest_hash as hash_of
from procedures.changesets.manifest import manifest_of, rounds_in
from procedures.changesets.permissions import require_authorship, why_not_decide_on_all
from procedures.errors import NotReady, StaleContent
from procedures.models import ChangeSet, ChangeSetItem, Revision, Round, RoundOutcome
from procedures.permissions import require_event, round_has_ended, slot_to_fill
from procedures.states import Event
from roles.models import User
from roles.signing import prove_identity
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused


@transaction.atomic
def submit_change_set(
    drafts: Sequence[Revision],
    *,
    actor: User,
    name: str,
    change_summary: str = "",
    effective_on: datetime.date | None = None,
) -> ChangeSet:
    """Submit `drafts` together: a round is opened on each, or on none.

    All get the wished date `effective_on`; `change_summary` goes into those that have none of their own. Raises
    Refused without a name, NotReady with everything that is in the way, NotPermitted, and InvalidTransition when one
    of them is no draft any more.
    """
    require_authorship(actor)
    if not name.strip():
        raise Refused(_("Give the change set a name."))
    locked = _lock(draft.pk for draft in drafts)
    for draft in locked:
        require_event(actor, draft, Event.SUBMIT)
    saved = [_save(draft, actor, change_summary.strip(), effective_on) for draft in locked]
    check = check_set(saved)
    if not check.is_clear:
        raise NotReady(_("This change set cannot be submitted yet."), blockers=check.blockers)
    rounds = [submit(draft, actor=actor) for draft in saved]
    change_set = ChangeSet.objects.create(
        name=name.strip(), manifest_hash=hash_of(rounds), opened_at=timezone.now(), opened_by=actor
    )
    ChangeSetItem.objects.bulk_create(ChangeSetItem(change_set=change_set, round=round) for round in rounds)
    data = {"name": change_set.name, "manifest_hash": change_set.manifest_hash, "manifest": manifest_of(rounds)}
    trail.record(names.CHANGE_SET_SUBMIT, actor=actor, subject=change_set, data=data)
    return change_set


def _save(draft: Revision, actor: User, summary: str, effective_on: datetime.date | None) -> Revision:
    fields: dict[str, object] = {"effective_on": effective_on}
    if not draft.change_summary.strip():
        fields["change_summary"] = summary
    return save_draft(draft, actor=actor, version=draft.version, fields=fields)


def approve_change_set(
    change_set: ChangeSet,
    *,
    actor: User,
    manifest_hash: str,
    password: str = "",
    code: str = "",
    accepts: int = 0,
    comment: str = "",
) -> None:
    """Sign every revision of `change_set` with one proof of identity; the last signature puts all in force.

    `manifest_hash` is the one that the page showed. Raises what `approve_revision` does, NotPermitted also for somebody
    who may decide on a part of it only; nothing is signed then.
    """
    # Before the transaction, as for a single revision.
    proof = None
    slot = slot_to_fill(actor, rounds_in(change_set)[0])
    if slot is not None and slot.stage.needs_signature:
        needs_second_factor = slot.stage.needs_second_factor
        proof = prove_identity(
            actor, password=password, code=code, needs_second_factor=needs_second_factor, accepts=accepts
        )
    with transaction.atomic():
        for round in _lock_set(change_set, actor, manifest_hash):
            sign_approval(round, actor=actor, shown_hash=round.content_hash, proof=proof, comment=comment.strip())


@transaction.atomic
def return_change_set(change_set: ChangeSet, *, actor: User, manifest_hash: str, reason: str) -> None:
    """Send every revision of `change_set` back to its authors as a draft, with one reason.

    Raises Refused without a reason, StaleContent, NotPermitted and InvalidTransition.
    """
    for round in _lock_set(change_set, actor, manifest_hash):
        send_back(round, actor=actor, shown_hash=round.content_hash, reason=reason)


def _lock(pks: Iterable[int]) -> list[Revision]:
    """The revisions, locked in one order until the end of the transaction."""
    locked = Revision.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(pks)).order_by("pk")
    return list(locked.select_related("procedure__department__head", "procedure__owner"))


def _lock_set(change_set: ChangeSet, actor: User, shown_hash: str) -> list[Round]:
    """The rounds, all open, `actor` deciding in each, over exactly the manifest that was shown; their revisions
    locked."""
    _lock(change_set.items.values_list("round__revision_id", flat=True))
    rounds = rounds_in(change_set)
    if any(round.outcome != RoundOutcome.OPEN for round in rounds):
        raise InvalidTransition(round_has_ended(), target=change_set.get_absolute_url())
    if why_not := why_not_decide_on_all(actor, rounds):
        raise NotPermitted(why_not, target=change_set.get_absolute_url())
    if shown_hash != change_set.manifest_hash or hash_of(rounds) != change_set.manifest_hash:
        raise StaleContent(
            _("The text has changed since you opened the page. Read it again before you decide."),
            target=change_set.get_absolute_url(),
        )
    return rounds
