"""Who may see temporary deviations, ask for one, decide on it and end it (see `procedures.permissions`)."""

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext as _

from procedures.deviations.deciding import place_of, places_on_each
from procedures.models import Audience, Deviation, DeviationState, Procedure, Revision
from procedures.models.deviation import DeviationQuerySet
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import (
    can_write_for,
    get_procedure_for,
    looks_after,
    reads_everything,
    revisions_visible_to,
    rounds_sat_in_by,
)
from procedures.states import State
from roles.models import Department, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted

DECIDED = (DeviationState.GRANTED, DeviationState.ENDED)
"""What the readers of a department know of: what holds, held or will hold."""


def with_parents(deviations: DeviationQuerySet) -> DeviationQuerySet:
    """`deviations` with all that pages and rules ask of them; one query more, for the contributors."""
    return deviations.select_related(
        "revision__procedure__department__head", "revision__procedure__owner", "department__head", "asked_by",
        "decided_by", "on_behalf_of", "over_by",
    ).prefetch_related("revision__contributors").defer("revision__content", "revision__rendered")  # fmt: skip


# Seeing ------------------------------------------------------------------------------------------------------


def deviations_visible_to(user: User) -> DeviationQuerySet:
    """Deviations that `user` knows of: all for auditors and administrators, of texts that they look after or have sat
    in a round of, of departments that they head, what they asked for, decided or may decide on; readers of the
    department what was approved. But for those who decide, only of texts that they may read."""
    if reads_everything(user):
        return Deviation.objects.all()
    kept = Revision.objects.filter(looks_after(user)).values("pk")
    concerns = Q(asked_by=user) | Q(department__head=user) | Q(revision__in=kept)
    concerns |= Q(revision__in=rounds_sat_in_by(user).values("revision_id"))
    concerns |= Q(department_id=user.department_id or 0, state__in=DECIDED)
    return Deviation.objects.filter(
        (Q(revision__in=revisions_visible_to(user).values("pk")) & concerns)
        | Q(decided_by=user)
        | Q(on_behalf_of=user)
        | Q(pk__in=_ids_to_decide(user))
    )


def approved_for(user: User, ids: list[int], *, is_kept: bool) -> DeviationQuerySet:
    """Those of the approved deviations `ids`, from a text that `user` is reading, of which they know: the rule of
    `deviations_visible_to` in one query. `is_kept`: they look after the text or read everything."""
    found = Deviation.objects.filter(pk__in=ids).select_related("department").order_by("step_number", "pk")
    if is_kept:
        return found
    sat_in = rounds_sat_in_by(user).values("revision_id")
    return found.filter(
        Q(department_id=user.department_id or 0) | Q(department__head=user) | Q(asked_by=user) | Q(decided_by=user)
        | Q(on_behalf_of=user) | Q(revision__in=sat_in)
    )  # fmt: skip


def can_see_deviation(user: User, deviation: Deviation) -> bool:
    """Whether `user` knows of `deviation`."""
    return deviations_visible_to(user).filter(pk=deviation.pk).exists()


def get_deviation_for(user: User, code: str, pk: int) -> Deviation:
    """A deviation from a step of `code` that `user` knows of. Raises Missing."""
    found = with_parents(deviations_visible_to(user)).filter(pk=pk, revision__procedure__code=code).first()
    if found is None:
        raise Missing()
    return found


def get_procedure_with_deviations_for(user: User, code: str) -> Procedure:
    """The procedure `code` for the list of its deviations: for who may see it, or decides on one of them. Raises
    Missing."""
    try:
        return get_procedure_for(user, code)
    except Missing:
        if not deviations_visible_to(user).filter(revision__procedure__code=code).exists():
            raise
        return Procedure.objects.select_related("department", "owner").get(code=code)


# Asking ------------------------------------------------------------------------------------------------------


def departments_to_ask_for(user: User, revision: Revision) -> QuerySet[Department]:
    """The departments for which `user` may ask for a deviation from `revision`: who writes the procedure for every one
    that reads it, who heads one of these for that one."""
    if not (user.is_active and revisions_to_deviate_from(user).filter(pk=revision.pk).exists()):
        return Department.objects.none()
    procedure = revision.procedure
    departments = Department.objects.filter(is_active=True)
    if procedure.audience == Audience.DEPARTMENTS:
        readers = procedure.audience_departments.order_by().values("pk")
        departments = departments.filter(Q(pk=procedure.department_id) | Q(pk__in=readers))
    if not can_write_for(user, procedure):
        departments = departments.filter(head=user)
    return departments


def can_ask_for(user: User, revision: Revision, department: Department) -> bool:
    """Whether `user` may ask for a deviation from a step of `revision` for `department`."""
    return departments_to_ask_for(user, revision).filter(pk=department.pk).exists()


def revisions_to_deviate_from(user: User) -> RevisionQuerySet:
    """Published revisions in force from which `user` may ask for a deviation, for one department at least."""
    if not user.is_active:
        return Revision.objects.none()
    heads = Department.objects.filter(head=user, is_active=True)
    read = Procedure.audience_departments.through.objects.filter(department_id__in=heads.values("pk"))
    may = Q(procedure__department__in=heads.values("pk")) | Q(procedure__in=read.values("procedure_id"))
    may |= Q(~Q(procedure__audience=Audience.DEPARTMENTS), Exists(heads))
    if user.is_author:
        invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
        may |= Q(procedure__in=invited.values("procedure_id"))
        may |= Q(procedure__department_id=user.department_id or 0)
    in_force = Revision.objects.in_force(today()).filter(state=State.PUBLISHED)
    return in_force.filter(may, pk__in=revisions_visible_to(user).values("pk"))


def can_deviate_from(user: User, revision: Revision) -> bool:
    """Whether `user` may ask for a deviation from `revision`, for one department at least."""
    return revisions_to_deviate_from(user).filter(pk=revision.pk).exists()


def require_ask(user: User, revision: Revision, department: Department) -> None:
    """Raise InvalidTransition when readers do not follow the published `revision` any more, NotPermitted to all but who
    writes the procedure and the head of `department`, and for a department that does not read it."""
    require_in_force(revision)
    if not can_ask_for(user, revision, department):
        raise NotPermitted(
            _("Only who writes the procedure, or the head of the department, asks for a deviation, and for departments "
              "that read it.")
        )  # fmt: skip


def require_in_force(revision: Revision) -> None:
    """Raise InvalidTransition unless `revision` is the published text that readers follow today."""
    if not Revision.objects.in_force(today()).filter(pk=revision.pk, state=State.PUBLISHED).exists():
        raise InvalidTransition(
            _("Readers follow another text meanwhile. Nothing was changed."),
            target=revision.procedure.get_absolute_url(),
        )


def get_revision_to_deviate_from_for(user: User, code: str) -> Revision:
    """The published revision of `code` for somebody who asks for a deviation. Raises Missing when `user` may not see
    the procedure, NotPermitted when they may not ask or nothing published is in force."""
    revisions = revisions_to_deviate_from(user).filter(procedure__code=code)
    revision = revisions.select_related("procedure__department", "procedure__owner", "category").first()
    if revision is None:
        get_procedure_for(user, code)
        raise NotPermitted(
            _("Only who writes the procedure, or the head of a department that reads it, asks for a deviation from a "
              "published text.")
        )  # fmt: skip
    return revision


# Deciding ----------------------------------------------------------------------------------------------------


def _asked() -> DeviationQuerySet:
    return with_parents(Deviation.objects.filter(state=DeviationState.ASKED, ends__gte=today()))


def _ids_to_decide(user: User) -> list[int]:
    """Few are asked for at a time, so that people are seated here and not in the database; one query while none is."""
    if not user.is_active:
        return []
    places = places_on_each(list(_asked()))
    return [pk for pk, found in places.items() if place_of(user, found) is not None]


def deviations_decidable_by(user: User) -> DeviationQuerySet:
    """Deviations on which `user` may decide now: they fill a place of the last stage of the route, as its holder or as
    a deputy, and have neither asked for it nor written the text. Being a superuser changes nothing."""
    return Deviation.objects.filter(pk__in=_ids_to_decide(user))


def can_decide_on_deviation(user: User, deviation: Deviation) -> bool:
    """Whether `user` may approve or refuse `deviation` now."""
    return user.is_active and place_of(user, places_on_each([deviation]).get(deviation.pk, [])) is not None


def why_not_decide_on_deviation(user: User, deviation: Deviation) -> str:
    """One sentence that says why `user` may not decide on `deviation`; empty when they may."""
    if can_decide_on_deviation(user, deviation):
        return ""
    if deviation.is_over(today()) or deviation.state != DeviationState.ASKED:
        return _("It is not waiting for a decision any more.")
    if deviation.asked_by_id == user.pk:
        return _("You have asked for it; someone else must decide.")
    if deviation.revision.contributors.filter(pk=user.pk).exists():
        return _("You wrote this revision; someone else must decide.")
    return _("Only the last stage of the approval route decides on it.")


# Ending ------------------------------------------------------------------------------------------------------


def deviations_recallable_by(user: User) -> DeviationQuerySet:
    """Deviations that `user` may take back: what they asked for and nobody has decided on."""
    if not user.is_active:
        return Deviation.objects.none()
    return Deviation.objects.filter(asked_by=user, state=DeviationState.ASKED)


def can_recall_deviation(user: User, deviation: Deviation) -> bool:
    """Whether `user` may take `deviation` back."""
    return deviations_recallable_by(user).filter(pk=deviation.pk).exists()


def deviations_endable_by(user: User) -> DeviationQuerySet:
    """Approved deviations that `user` may end before their last day is over: the owner of the procedure,
    administrators, and the head of the department."""
    if not user.is_active:
        return Deviation.objects.none()
    deviations = Deviation.objects.filter(state=DeviationState.GRANTED, ends__gte=today())
    if user.is_administrator:
        return deviations
    return deviations.filter(Q(revision__procedure__owner=user) | Q(department__head=user))


def can_end_deviation(user: User, deviation: Deviation) -> bool:
    """Whether `user` may end `deviation` before its last day is over."""
    return deviations_endable_by(user).filter(pk=deviation.pk).exists()
