"""Who writes and comments on a revision, and who may read how it came to be."""

import datetime

from django.db.models import Q, QuerySet

from procedures.models import Procedure, Revision
from procedures.models.revision import RevisionQuerySet
from procedures.permissions.seeing import looks_after, reads_everything, revisions_visible_to, takes_part
from procedures.states import State
from roles.models import Department, User

COMMENTABLE = (State.DRAFT, State.IN_REVIEW)
"""The states in which a revision is talked about."""


def revisions_recounted_to(user: User) -> RevisionQuerySet:
    """Open revisions whose making `user` may follow, change by change: those who look after the text or read
    everything; while it is in review also those who sit in the round."""
    visible = revisions_visible_to(user).open()
    if reads_everything(user):
        return visible
    return visible.filter(Q(state=State.DRAFT) | looks_after(user) | (Q(state=State.IN_REVIEW) & takes_part(user)))


def sees_draft_history(user: User, revision: Revision) -> bool:
    """Whether `user` may follow how `revision` came to be."""
    return revisions_recounted_to(user).filter(pk=revision.pk).exists()


def departments_to_author(user: User) -> QuerySet[Department]:
    """Departments for which `user` may start procedures: their own, for authors."""
    if not user.is_author:
        return Department.objects.none()
    return Department.objects.filter(pk=user.department_id or 0, is_active=True)


def can_author(user: User, department: Department) -> bool:
    """Whether `user` may start procedures of `department`."""
    return departments_to_author(user).filter(pk=department.pk).exists()


def revisions_editable_by(user: User) -> RevisionQuerySet:
    """Open revisions that `user` writes: of their own department, or as an invited co-author."""
    if not (user.is_active and user.is_author):
        return Revision.objects.none()
    invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
    return Revision.objects.open().filter(
        Q(procedure__department_id=user.department_id, procedure__department__isnull=False)
        | Q(procedure__in=invited.values("procedure_id"))
    )


def can_edit(user: User, revision: Revision) -> bool:
    """Whether `user` writes this open revision (its state may still forbid it at the moment)."""
    return revisions_editable_by(user).filter(pk=revision.pk).exists()


def can_write_for(user: User, procedure: Procedure, *, is_invited: bool | None = None) -> bool:
    """Whether `user` may start a new revision of `procedure`.

    `is_invited` saves the query where it is known already whether they are a co-author.
    """
    if not (user.is_active and user.is_author):
        return False
    if user.department_id == procedure.department_id:
        return True
    return procedure.coauthors.filter(pk=user.pk).exists() if is_invited is None else is_invited


def revisions_commentable_by(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """Revisions on their way on which `user` comments: those that they look after, in review also those in whose round
    they sit or are a guest. Who only reads everything does not."""
    if not user.is_active:
        return Revision.objects.none()
    return Revision.objects.filter(state__in=COMMENTABLE).filter(
        looks_after(user) | (Q(state=State.IN_REVIEW) & takes_part(user, day))
    )


def can_comment(user: User, revision: Revision) -> bool:
    """Whether `user` comments on `revision` as it stands now."""
    return revisions_commentable_by(user).filter(pk=revision.pk).exists()


def sees_trail(user: User, procedure: Procedure, *, is_invited: bool | None = None) -> bool:
    """Whether `user` may read the whole trail of `procedure`: those who look after it, auditors, administrators.

    `is_invited` as in `can_write_for`.
    """
    if reads_everything(user) or procedure.owner_id == user.pk:
        return True
    return can_write_for(user, procedure, is_invited=is_invited)


def procedures_with_trail_for(user: User) -> QuerySet[Procedure]:
    """The procedures for which `sees_trail` is true."""
    if reads_everything(user):
        return Procedure.objects.all()
    condition = Q(owner=user)
    if user.is_active and user.is_author:
        invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
        condition |= Q(department_id=user.department_id or 0) | Q(pk__in=invited.values("procedure_id"))
    return Procedure.objects.filter(condition)
