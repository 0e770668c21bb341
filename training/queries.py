"""Reading across acknowledgements and revisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce

from procedures.content import lifted, revision_content
from procedures.models import Procedure, Revision, RoundText, Significance
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for, revisions_visible_to
from procedures.states import ONCE_PUBLISHED
from roles.models import User
from training.models import Acknowledgement, AcknowledgementQuerySet
from training.permissions import revisions_acknowledgeable_by
from training.reading import Reading, Worth


def last_of(user: User, revision: Revision) -> Acknowledgement | None:
    """The last time that `user` confirmed a text of the procedure, up to `revision`."""
    own = Acknowledgement.objects.filter(person=user, revision__procedure=revision.procedure_id)
    upto = own.filter(revision__number__lte=revision.number).select_related("revision__procedure")
    return upto.defer("revision__content", "revision__rendered").latest_first().first()


def has_confirmed(user: User, procedure: Procedure) -> bool:
    """Whether `user` has confirmed any revision of `procedure`."""
    return Acknowledgement.objects.filter(person=user, revision__procedure=procedure).exists()


def released_upto(revision: Revision) -> RevisionQuerySet:
    """The revisions that readers have followed, up to `revision`, which counts as one of them."""
    released = Q(state__in=ONCE_PUBLISHED) | Q(pk=revision.pk)
    return Revision.objects.filter(released, procedure=revision.procedure_id, number__lte=revision.number)


def reading_of(acknowledgement: Acknowledgement, revision: Revision) -> Reading:
    """What `acknowledgement` is worth while `revision` is in force; one query."""
    majors = released_upto(revision).filter(significance=Significance.MAJOR)
    last_major = majors.aggregate(last=Max("number"))["last"] or 0
    return _reading(acknowledgement, last_major)


def _reading(acknowledgement: Acknowledgement, last_major: int) -> Reading:
    return Reading(
        number=acknowledgement.revision.number,
        at=acknowledgement.acknowledged_at,
        is_whole=acknowledgement.content_hash == acknowledgement.revision.content_hash,
        last_major=last_major,
    )


def text_of(acknowledgement: Acknowledgement) -> dict[str, Any] | None:
    """The text that was confirmed, in today's format: as its revision has it, or as the round keeps it whose text the
    revision no longer has. None when it is not kept."""
    if acknowledgement.content_hash == acknowledgement.revision.content_hash:
        return revision_content(acknowledgement.revision)
    kept = RoundText.objects.filter(
        round__revision=acknowledgement.revision_id, round__content_hash=acknowledgement.content_hash
    ).first()
    return lifted(kept.content) if kept else None


def released_before(user: User, revision: Revision) -> Revision | None:
    """What readers followed before `revision`, if `user` may see it."""
    earlier = released_upto(revision).exclude(pk=revision.pk)
    visible = revisions_visible_to(user).filter(pk__in=earlier.values("pk")).select_related("procedure")
    return visible.order_by("-number").first()


def released_since(number: int, revision: Revision) -> RevisionQuerySet:
    """What came into force behind revision `number`, up to `revision`; oldest first and without the long texts."""
    later = released_upto(revision).filter(number__gt=number).order_by("number")
    return later.defer("content", "rendered")


# One's own ---------------------------------------------------------------------------------------------------


def last_ones_of(user: User) -> AcknowledgementQuerySet:
    """For every procedure the last text that `user` has confirmed, what was confirmed last in front."""
    of_procedure = Acknowledgement.objects.filter(
        person=user, revision__procedure=OuterRef("revision__procedure")
    ).latest_first()
    last = Acknowledgement.objects.filter(person=user, pk=Subquery(of_procedure.values("pk")[:1]))
    return last.order_by("-acknowledged_at", "-pk")


LAST_MAJOR = Coalesce(
    Subquery(
        Revision.objects.filter(
            Q(state__in=ONCE_PUBLISHED) | Q(pk=OuterRef("pk")),
            procedure=OuterRef("procedure"),
            number__lte=OuterRef("number"),
            significance=Significance.MAJOR,
        )
        .order_by("-number")
        .values("number")[:1]
    ),
    0,
)
"""For revisions in force: the last one up to it that asks its readers again."""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A procedure that somebody has confirmed. `current` is None when it is not in force, or no longer for them."""

    acknowledgement: Acknowledgement
    current: Revision | None
    worth: Worth | None


def own_rows(user: User, acknowledgements: Iterable[Acknowledgement]) -> list[OwnRow]:
    """The rows of a page of `last_ones_of`; one query whatever their number."""
    found = list(acknowledgements)
    in_force = library_revisions_for(user).filter(procedure__in=[row.revision.procedure_id for row in found])
    current = {
        revision.procedure_id: revision
        for revision in in_force.select_related("procedure")
        .defer("content", "rendered")
        .annotate(last_major=LAST_MAJOR)
    }
    return [_own_row(row, current.get(row.revision.procedure_id)) for row in found]


def _own_row(acknowledgement: Acknowledgement, current: Any) -> OwnRow:
    if current is None or current.number < acknowledgement.revision.number:
        return OwnRow(acknowledgement, current, None)
    reading = _reading(acknowledgement, current.last_major)
    return OwnRow(acknowledgement, current, reading.worth_for(current.number))


def changed_for(user: User) -> RevisionQuerySet:
    """The texts in force that have changed since `user` confirmed the procedure, the newest first, with
    `confirmed_number` and how many there are in all (`in_all`): the rule of `Reading.worth_for` as a query."""
    own = Acknowledgement.objects.filter(person=user)
    last = own.filter(revision__procedure=OuterRef("procedure"), revision__number__lte=OuterRef("number"))
    last = last.latest_first().annotate(is_whole=Q(content_hash=F("revision__content_hash")))
    found = revisions_acknowledgeable_by(user).filter(procedure__in=own.values("revision__procedure"))
    found = found.annotate(
        last_major=LAST_MAJOR,
        confirmed_number=Subquery(last.values("revision__number")[:1]),
        confirmed_whole=Subquery(last.values("is_whole")[:1]),
    )
    changed = found.filter(Q(confirmed_number__lt=F("last_major")) | Q(confirmed_whole=False))
    changed = changed.annotate(in_all=Window(Count("pk"))).select_related("procedure").defer("content", "rendered")
    # What has come into force by its day, or in an emergency, has no publication yet.
    return changed.order_by(F("published_at").desc(nulls_first=True), "-pk")


# Those of a procedure ----------------------------------------------------------------------------------------


def acknowledgements_of(procedure: Procedure) -> AcknowledgementQuerySet:
    """Everybody who has confirmed a text of `procedure`, latest first."""
    found = Acknowledgement.objects.filter(revision__procedure=procedure).select_related("revision__procedure")
    return found.defer("revision__content", "revision__rendered").order_by("-acknowledged_at", "-pk")


def counts_of(procedure: Procedure) -> QuerySet[Acknowledgement, Any]:
    """How many people have confirmed which revision, the latest first: rows of `number` and `people`."""
    counted = Acknowledgement.objects.filter(revision__procedure=procedure).order_by()
    rows = counted.values(number=F("revision__number")).annotate(people=Count("person", distinct=True))
    return rows.order_by("-number")
