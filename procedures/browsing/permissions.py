"""Who may mark a procedure for themselves, who is told of one that they watch, and who arranges the categories (see
`procedures.permissions`)."""

import datetime
from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from procedures.models import Audience, Category, Procedure
from procedures.permissions import EVERYTHING_READERS, revisions_visible_to
from procedures.states import State
from roles.models import Access, Holding, User
from roles.permissions import can_administer, sees_people
from roles.queries import today
from sopdesk.lib.errors import Missing, NotPermitted

WATCHED = (
    "watched-published",
    "watched-withdrawn",
    "watched-confirmed",
    "watched-emergency",
    "watched-emergency-ended",
)
"""The kinds of notices for those who watch a procedure."""


# Marks ---------------------------------------------------------------------------------------------------------


def procedures_markable_by(user: User, day: datetime.date | None = None) -> QuerySet[Procedure]:
    """Procedures that `user` may put a star on, watch, and has opened: those with a text that readers follow on `day`
    (today), or that was withdrawn, and that they may read."""
    day = day or today()
    if not user.is_active:
        return Procedure.objects.none()
    released = Q(state__in=[State.PUBLISHED, State.WITHDRAWN]) | Q(state=State.APPROVED, effective_on__lte=day)
    released |= Q(state=State.IN_REVIEW, emergency_until__gte=day)
    texts = revisions_visible_to(user, day).filter(released, procedure=OuterRef("pk"))
    return Procedure.objects.filter(Exists(texts))


def can_mark(user: User, procedure: Procedure) -> bool:
    """Whether `user` may put a star on `procedure`, or watch it."""
    return procedures_markable_by(user).filter(pk=procedure.pk).exists()


def require_mark(user: User, procedure: Procedure) -> None:
    """Raise Missing unless `user` may put a star on `procedure`, or watch it."""
    if not can_mark(user, procedure):
        raise Missing()


def get_procedure_to_mark_for(user: User, code: str) -> Procedure:
    """The procedure `code` for somebody who marks it for themselves. Raises Missing."""
    procedure = procedures_markable_by(user).filter(code=code).first()
    if procedure is None:
        raise Missing()
    return procedure


def people_reading(procedure: Procedure, day: datetime.date | None = None) -> QuerySet[User]:
    """Who may read what readers follow of `procedure` on `day` (today): `permissions.in_audience` from the other
    side, for those who have access that day."""
    day = day or today()
    people = User.objects.filter(Q(access_ends=None) | Q(access_ends__gte=day), is_active=True)
    if procedure.audience == Audience.EVERYONE:
        return people
    invited = Procedure.coauthors.through.objects.filter(procedure_id=procedure.pk)
    may = Q(access__in=EVERYTHING_READERS) | Q(pk=procedure.owner_id) | Q(pk__in=invited.values("user_id"))
    may |= Q(access=Access.AUTHOR, department_id=procedure.department_id)
    if procedure.audience == Audience.DEPARTMENTS:
        may |= Q(department_id__in=procedure.audience_departments.order_by().values("pk"))
    else:
        roles = procedure.audience_roles.order_by().values("pk")
        may |= Q(pk__in=Holding.objects.on(day).filter(role_id__in=roles).values("user_id"))
    return people.filter(may)


def watchers_told_of(procedure: Procedure, day: datetime.date | None = None) -> QuerySet[User]:
    """Who is told of what happens to `procedure`: those who watch it and may still read it on `day` (today)."""
    return people_reading(procedure, day).filter(watches__procedure=procedure)


def is_told_of(user: User, procedure: Procedure) -> bool:
    """Whether `user` is told today of what happens to `procedure` because they watch it."""
    return watchers_told_of(procedure).filter(pk=user.pk).exists()


def is_still_told(user_id: int, context: Mapping[str, object]) -> bool:
    """Whether a notice of WATCHED, which names its procedure by `code`, is still for somebody when its mail goes out:
    they may have lost the right, or stopped watching, since it was written."""
    procedure = Procedure.objects.filter(code=context.get("code")).first()
    return procedure is not None and watchers_told_of(procedure).filter(pk=user_id).exists()


# Categories ----------------------------------------------------------------------------------------------------


def check_sees_categories(user: User) -> None:
    """Raise Missing unless `user` may look at how the categories are arranged: administrators and auditors."""
    if not sees_people(user):
        raise Missing()


def can_arrange(user: User) -> bool:
    """Whether `user` adds, renames, moves and merges categories: administrators."""
    return can_administer(user)


def check_arranges(user: User) -> None:
    """Raise Missing for those who may not even see the page, NotPermitted for those who may only read it."""
    check_sees_categories(user)
    if not can_arrange(user):
        raise NotPermitted(_("Only administrators arrange the categories."))


def get_category_for(user: User, pk: int) -> Category:
    """The category `pk` for somebody who arranges them. Raises Missing and NotPermitted."""
    check_arranges(user)
    category = Category.objects.filter(pk=pk).first()
    if category is None:
        raise Missing(_("There is no such category any more."))
    return category
