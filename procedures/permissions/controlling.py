"""Who answers for a procedure: settings, "still valid", emergency issue."""

import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from procedures.models import ChangeSetItem, Decision, EmergencyIssue, Procedure, Revision, Round, RoundOutcome
from procedures.models.revision import RevisionQuerySet
from procedures.permissions.writing import can_write_for
from procedures.states import State
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted


def can_control(user: User, procedure: Procedure) -> bool:
    """Whether `user` may publish early, revoke, withdraw, or change the owner: the owner and administrators."""
    return user.is_active and (procedure.owner_id == user.pk or user.is_administrator)


def revisions_confirmable_by(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """Published revisions in force on `day` (today) that `user` may confirm as reviewed and still valid: their own."""
    if not user.is_active:
        return Revision.objects.none()
    in_force = Revision.objects.in_force(day or today())
    return in_force.filter(state=State.PUBLISHED, procedure__owner_id=user.pk)


def can_confirm(user: User, revision: Revision) -> bool:
    """Whether `user` may confirm `revision` as reviewed and still valid."""
    return revisions_confirmable_by(user).filter(pk=revision.pk).exists()


def require_confirm(user: User, revision: Revision) -> None:
    """Raise InvalidTransition when `revision` is not the published text in force any more, NotPermitted when `user`
    does not own it."""
    if not Revision.objects.in_force(today()).filter(pk=revision.pk, state=State.PUBLISHED).exists():
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    if not can_confirm(user, revision):
        raise NotPermitted(_("Only the owner confirms that a text is still valid."))


def revisions_issuable_by(user: User) -> RevisionQuerySet:
    """Revisions in review that `user` may put in force before they are approved, in an emergency: the owner and the
    head of the department, who neither wrote nor have decided; once in a round."""
    if not user.is_active:
        return Revision.objects.none()
    wrote = Revision.contributors.through.objects.filter(revision_id=OuterRef("pk"), user_id=user.pk)
    rounds = Round.objects.filter(revision=OuterRef("pk"), outcome=RoundOutcome.OPEN)
    decided = Decision.objects.filter(
        Q(decider_id=user.pk) | Q(on_behalf_of_id=user.pk),
        round__revision=OuterRef("pk"), round__outcome=RoundOutcome.OPEN, invalidated_at=None,
    )  # fmt: skip
    return Revision.objects.filter(
        Q(procedure__owner_id=user.pk) | Q(procedure__department__head_id=user.pk),
        Exists(rounds.filter(emergency=None, set_item=None)),
        ~Exists(wrote),
        ~Exists(decided),
        state=State.IN_REVIEW,
    )


def can_issue(user: User, revision: Revision) -> bool:
    """Whether `user` may put `revision` in force before it is approved, in an emergency."""
    return revisions_issuable_by(user).filter(pk=revision.pk).exists()


def why_not_issue(user: User, revision: Revision) -> str:
    """One sentence that says why `user`, who answers for the procedure, may not issue `revision` in an emergency;
    empty when they may, and for everybody who does not answer for it."""
    if not answers_for(user, revision.procedure) or can_issue(user, revision):
        return ""
    if EmergencyIssue.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN).exists():
        return _("It was issued in an emergency in this round already; only its review goes on.")
    if ChangeSetItem.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN).exists():
        return _("It is part of a change set, which is put in force as a whole.")
    if revision.contributors.filter(pk=user.pk).exists():
        return _("You wrote this revision; someone else must issue it.")
    return _("You have decided in this round; someone else must issue it.")


def answers_for(user: User, procedure: Procedure) -> bool:
    """Whether `user` owns `procedure` or heads its department."""
    return user.is_active and user.pk in (procedure.owner_id, procedure.department.head_id)


def require_issue(user: User, revision: Revision) -> None:
    """Raise InvalidTransition when `revision` is not in review any more or was issued in an emergency meanwhile,
    NotPermitted to all but the owner and the head of the department, who neither wrote it nor have decided."""
    if can_issue(user, revision):
        return
    open_rounds = Round.objects.filter(revision=revision, outcome=RoundOutcome.OPEN, emergency=None)
    if not open_rounds.exists():
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    raise NotPermitted(
        why_not_issue(user, revision)
        or _("Only the owner and the head of the department put a text in force before it is approved.")
    )


def can_change_settings(user: User, procedure: Procedure) -> bool:
    """Whether `user` may change kind, risk, audience and co-authors: who writes the procedure, or controls it."""
    return can_control(user, procedure) or can_write_for(user, procedure)
