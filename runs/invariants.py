"""What must hold of suggestions: each is about a text that readers have followed, what solves it is where its answer
says, nothing waits on a withdrawn procedure, and the trail tells of every one."""

from collections.abc import Iterator

from django.db.models import CharField, Exists, F, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from audit import names, trail
from procedures.models import Revision
from procedures.states import OPEN_STATES, State
from runs.models import Answer, Remark

AT_ONCE = 500


def violations() -> Iterator[str]:
    """Every suggestion that is not as it can have come about, in constant memory."""
    found = Remark.objects.select_related("procedure", "revision", "solved_by").order_by("pk")
    is_elsewhere = ~Q(revision__procedure=F("procedure")) | Q(
        solved_by__isnull=False
    ) & ~Q(solved_by__procedure=F("procedure"))  # fmt: skip
    in_force = Q(solved_by__state__in=[State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN, State.APPROVED])
    in_force |= Q(solved_by__emergency_until__isnull=False)
    withdrawn = Revision.objects.filter(procedure=OuterRef("procedure"), state=State.WITHDRAWN)
    faults = (
        (is_elsewhere, "of another procedure"),
        (Q(answer=Answer.CHANGED) & ~in_force, "changed by a revision that was never in force"),
        (
            Q(answer=Answer.PROMISED, solved_by__isnull=False) & ~Q(solved_by__state__in=OPEN_STATES),
            "promised in a revision that is not on its way",
        ),
        (Q(answer__in=["", Answer.PROMISED]) & Exists(withdrawn), "waits on a withdrawn procedure"),
    )
    for condition, what in faults:
        for remark in found.filter(condition).iterator(chunk_size=AT_ONCE):
            yield f"I15 suggestion {remark.pk} to {remark.revision}: {what}"
    told = (
        trail.entries()
        .filter(name=names.REMARK_ADD)
        .annotate(remark=Cast(KeyTextTransform("remark", "data"), CharField()))
    )
    own = told.filter(
        actor_id=OuterRef("author_id"),
        subject_id=Cast(OuterRef("revision_id"), CharField()),
        remark=Cast(OuterRef("pk"), CharField()),
    )
    for remark in found.filter(~Exists(own)).iterator(chunk_size=AT_ONCE):
        yield f"I15 suggestion {remark.pk} to {remark.revision}: the trail does not tell of it"
