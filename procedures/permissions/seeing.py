"""Who reads what."""

import datetime
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from procedures.models import Audience, Procedure, ProcedureTemplate, Revision, RoundOutcome
from procedures.models.revision import RevisionQuerySet
from procedures.permissions.slots import is_guest, slots_fillable_by
from procedures.standing import Standing
from procedures.states import State
from roles.models import Access, User
from roles.queries import role_ids_of, today

EVERYTHING_READERS = (Access.AUDITOR, Access.ADMINISTRATOR)


def reads_everything(user: User) -> bool:
    """Auditors and administrators read every text, and change none."""
    return user.access in EVERYTHING_READERS


def in_audience(user: User, day: datetime.date) -> Q:
    """Condition on a revision: the audience of its procedure includes `user`, or they look after it."""
    return Q() if reads_everything(user) else _in_audience(user.pk, user.department_id, _writes_for(user), day)


@lru_cache(maxsize=512)
def _in_audience(user: int, department: int | None, writes_for: int | None, day: datetime.date) -> Q:
    """Composed once per person and day: every page that lists asks."""
    departments = Procedure.audience_departments.through.objects.filter(department_id=department or 0)
    roles = Procedure.audience_roles.through.objects.filter(role_id__in=role_ids_of(user, day=day))
    return (
        Q(procedure__audience=Audience.EVERYONE)
        | Q(procedure__audience=Audience.DEPARTMENTS, procedure__in=departments.values("procedure_id"))
        | Q(procedure__audience=Audience.ROLES, procedure__in=roles.values("procedure_id"))
        | _looks_after(user, writes_for)
    )


def belongs_to_audience(user: User, procedure: Procedure, standing: Standing) -> bool:
    """The rule of `in_audience` for one procedure whose ties to `user` are known."""
    match procedure.audience:
        case Audience.EVERYONE:
            return True
        case Audience.DEPARTMENTS if user.department_id in standing.reader_departments:
            return True
        case Audience.ROLES if standing.role_ids & standing.reader_roles.keys():
            return True
    return reads_everything(user) or is_keeper(user, procedure, standing)


def is_keeper(user: User, procedure: Procedure, standing: Standing) -> bool:
    """The rule of `looks_after` for one procedure whose ties to `user` are known."""
    if procedure.owner_id == user.pk or standing.is_invited:
        return True
    return user.is_author and user.department_id == procedure.department_id


def looks_after(user: User) -> Q:
    """Condition on a revision: `user` owns its procedure, was invited to write, or writes for its department."""
    return _looks_after(user.pk, _writes_for(user))


def _looks_after(user: int, writes_for: int | None) -> Q:
    invited = Procedure.coauthors.through.objects.filter(user_id=user)
    condition = Q(procedure__owner=user) | Q(procedure__in=invited.values("procedure_id"))
    return condition | Q(procedure__department_id=writes_for) if writes_for else condition


def _writes_for(user: User) -> int | None:
    """The department whose procedures `user` writes."""
    return user.department_id if user.is_author else None


def revisions_visible_to(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """Every revision whose text `user` may read on `day` (today): what was once published or is in force in an
    emergency by audience, what is on its way or was discarded by those who look after it, what is in review also by
    those who sit in the round, by its guests, and by the head of the department, who might issue it."""
    day = day or today()
    if reads_everything(user):
        return Revision.objects.all()
    released = Q(state__in=[State.PUBLISHED, State.SUPERSEDED]) | Q(state=State.APPROVED, effective_on__lte=day)
    released |= Q(state=State.WITHDRAWN) | Q(state=State.IN_REVIEW, emergency_until__gte=day)
    return Revision.objects.filter(
        (released & in_audience(user, day))
        | looks_after(user)
        | (Q(state=State.IN_REVIEW) & (takes_part(user, day) | Q(procedure__department__head=user)))
    )


def takes_part(user: User, day: datetime.date | None = None) -> Q:
    """Condition on a revision in review: `user` sits in its round, or is a guest there."""
    sits_in = slots_fillable_by(user, day).filter(
        stage__round__revision=OuterRef("pk"), stage__round__outcome=RoundOutcome.OPEN
    )
    return Q(Exists(sits_in)) | Q(is_guest(user))


def can_view(user: User, revision: Revision) -> bool:
    """Whether `user` may read the text of `revision` today."""
    return revisions_visible_to(user).filter(pk=revision.pk).exists()


def library_revisions_for(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """What the library lists and searches: revisions in force on `day` (today) whose audience includes `user`."""
    day = day or today()
    whose = None if reads_everything(user) else (user.pk, user.department_id, _writes_for(user))
    readable = _library_of(whose, day).all()
    readable.known_as = ("library", whose, day)
    return readable


@lru_cache(maxsize=512)
def _library_of(whose: tuple[int, int | None, int | None] | None, day: datetime.date) -> RevisionQuerySet:
    """Composed once per person and day; None is who reads everything."""
    return Revision.objects.in_force(day).filter(_in_audience(*whose, day) if whose else Q())


def manages_templates(user: User) -> bool:
    """Whether `user` makes, changes and hides the templates: administrators."""
    return user.is_active and user.is_administrator


def templates_visible_to(user: User) -> QuerySet[ProcedureTemplate]:
    """Templates that `user` may look at: authors those on offer, administrators and auditors all."""
    if not user.is_active:
        return ProcedureTemplate.objects.none()
    if reads_everything(user):
        return ProcedureTemplate.objects.all()
    return ProcedureTemplate.objects.filter(is_active=True) if user.is_author else ProcedureTemplate.objects.none()
