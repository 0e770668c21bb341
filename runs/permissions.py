"""Who suggests changes, who reads the suggestions and who answers them: each rule as a predicate and as a queryset.

`tests/runs/test_permissions.py` asserts that both shapes agree for the whole cast.
"""

from collections.abc import Mapping
from typing import cast

from django.db.models import Q
from django.utils.translation import gettext as _

from procedures.models import Revision
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for, looks_after, reads_everything, revisions_visible_to
from procedures.permissions.seeing import takes_part
from procedures.states import State
from roles.models import Access, User
from runs.models import Remark, RemarkQuerySet
from sopdesk.lib.errors import Missing, NotPermitted


def suggests(user: User) -> bool:
    """Whether `user` suggests changes at all: auditors look on and leave no mark."""
    return user.is_active and user.access != Access.AUDITOR


def revisions_remarkable_by(user: User) -> RevisionQuerySet:
    """The texts in force that `user` may read, and may therefore say something about."""
    return library_revisions_for(user) if suggests(user) else Revision.objects.none()


def can_remark(user: User, revision: Revision) -> bool:
    """The rule of `revisions_remarkable_by` for one revision."""
    return revisions_remarkable_by(user).filter(pk=revision.pk).exists()


def require_suggests(user: User) -> None:
    """Raise NotPermitted for who never suggests anything."""
    if not suggests(user):
        raise NotPermitted(_("Auditors read without suggesting changes."))


def remarks_answerable_by(user: User) -> RemarkQuerySet:
    """Those on procedures that `user` looks after: as their owner, as co-author, or as author of the department."""
    return Remark.objects.filter(looks_after(user)) if suggests(user) else Remark.objects.none()


def can_answer(user: User, remark: Remark) -> bool:
    """The rule of `remarks_answerable_by` for one remark."""
    return remarks_answerable_by(user).filter(pk=remark.pk).exists()


def remarks_visible_to(user: User) -> RemarkQuerySet:
    """One's own, as long as one may read the procedure; those on procedures that one looks after; those that a revision
    answers which one decides or comments on, or might issue. Auditors and administrators read all."""
    if reads_everything(user):
        return Remark.objects.all()
    own = Q(author=user, procedure__in=revisions_visible_to(user).order_by().values("procedure"))
    deciding = Revision.objects.filter(
        Q(state=State.IN_REVIEW) & (takes_part(user) | Q(procedure__department__head=user))
    )
    return Remark.objects.filter(own | looks_after(user) | Q(solved_by__in=deciding.order_by().values("pk")))


def can_see_remark(user: User, remark: Remark) -> bool:
    """The rule of `remarks_visible_to` for one remark."""
    return remarks_visible_to(user).filter(pk=remark.pk).exists()


def remarks_in_inbox_of(user: User) -> RemarkQuerySet:
    """What the list of suggestions shows: those that `user` answers; to auditors and administrators all."""
    return Remark.objects.all() if reads_everything(user) else remarks_answerable_by(user)


def remarks_written_by(user: User) -> RemarkQuerySet:
    """One's own, as far as one may still see them."""
    return remarks_visible_to(user).filter(author=user)


def get_remark_for(user: User, pk: int) -> Remark:
    """A remark that `user` may see. Raises Missing."""
    remark = remarks_visible_to(user).with_parents().filter(pk=pk).first()
    if remark is None:
        raise Missing()
    return remark


def get_remark_to_answer_for(user: User, pk: int) -> Remark:
    """A remark for somebody who answers it. Raises Missing and NotPermitted."""
    remark = get_remark_for(user, pk)
    if not can_answer(user, remark):
        raise NotPermitted(_("Only those who look after the procedure answer suggestions."))
    return remark


def is_still_told(user_id: int, context: Mapping[str, object]) -> bool:
    """Whether a notice about the remark in `context` is still for somebody when its mail goes out."""
    user = User.objects.filter(pk=user_id).first()
    return user is not None and remarks_visible_to(user).filter(pk=cast(int, context["remark"])).exists()
