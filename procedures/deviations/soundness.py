"""What must hold of temporary deviations (I13): part of `procedures.invariants`."""

from collections.abc import Iterator

from django.utils import timezone

from audit import names, trail
from procedures.models import Deviation, DeviationState, Revision
from procedures.models.deviation import STANDING
from procedures.signatures import is_valid_deviation
from procedures.states import State
from roles.models import Absence
from roles.signing import statements_accepted

LAST_WORD = {
    DeviationState.ASKED: names.DEVIATION_ASK,
    DeviationState.GRANTED: names.DEVIATION_APPROVE,
    DeviationState.REFUSED: names.DEVIATION_REFUSE,
    DeviationState.RECALLED: names.DEVIATION_RECALL,
    DeviationState.LAPSED: names.DEVIATION_END,
    DeviationState.ENDED: names.DEVIATION_END,
}
"""State → what the last entry about a deviation in it is called."""


def deviations_are_sound() -> Iterator[str]:
    """I3: each is as it was asked for and signed, under a statement that was accepted, and the trail noted both hashes;
    none that the trail tells of is missing. I8: approved by nobody who asked for it or wrote the text, nor for them,
    and by a deputy only while they were one. I13: at steps of published texts only, in the state that the trail ends
    with."""
    asked = trail.values_noted("asked_hash", events=[names.DEVIATION_ASK])
    sealed = trail.values_noted("seal", events=[names.DEVIATION_APPROVE])
    accepted = statements_accepted()
    found = Deviation.objects.select_related("revision__procedure", "department")
    for row in found.defer("revision__content", "revision__rendered").iterator(chunk_size=500):
        named = f"deviation {row.pk} from step {row.step_number} of {row.revision} for {row.department}"
        asked.discard(row.asked_hash)
        if not is_valid_deviation(row):
            yield f"I3 {named}: INVALID"
        elif row.seal and row.seal not in sealed:
            yield f"I3 {named}: not the one that the trail tells of"
        elif row.seal and (row.decided_by_id, row.statement_version) not in accepted:
            yield f"I3 {named}: under a statement that is not accepted"
        yield from _decided_by_others(row, named)
        if row.state in STANDING and row.revision.state != State.PUBLISHED:
            yield f"I13 {named}: stands although its text does not"
        last = trail.entries_for(row).last()
        if last is None or last.name != LAST_WORD[DeviationState(row.state)]:
            yield f"I13 {named}: {row.state}, but the trail does not say so"
    for missing in sorted(map(str, asked)):
        yield f"I3 a deviation that was asked for under {missing[:12]} is not what the trail tells of, or is gone"


def _decided_by_others(row: Deviation, named: str) -> Iterator[str]:
    if row.decided_by_id is None:
        return
    deciders = {pk for pk in (row.decided_by_id, row.on_behalf_of_id) if pk is not None}
    wrote = Revision.contributors.through.objects.filter(revision_id=row.revision_id, user_id__in=deciders)
    if row.asked_by_id in deciders or wrote.exists():
        yield f"I8 {named}: decided by somebody who asked for it or wrote the text"
    if row.on_behalf_of_id is None or row.decided_at is None:
        return
    day = timezone.localdate(row.decided_at)
    stood_in = Absence.objects.filter(
        person=row.on_behalf_of_id, deputy=row.decided_by_id, starts__lte=day, ends__gte=day
    ).exclude(ended_at__lt=row.decided_at)
    if not stood_in.exists():
        yield f"I8 {named}: decided for somebody, unasked"
