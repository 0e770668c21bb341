"""I9 of design.md section 8: an acknowledgement never points at other text than it was made on."""

from collections.abc import Iterator

from django.db.models import CharField, Exists, OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from audit import names, trail
from procedures.models import Round
from training.models import Acknowledgement
from training.seals import is_valid

AT_ONCE = 500


def violations() -> Iterator[str]:
    """Every acknowledgement that is not as it was made, and every one that is gone, in constant memory."""
    told = trail.entries().filter(name=names.REVISION_ACKNOWLEDGE)
    own_entry = told.filter(
        seq=OuterRef("trail_seq"),
        actor=OuterRef("person_id"),
        subject_type="procedures.revision",
        subject_id=Cast(OuterRef("revision_id"), CharField()),
    )
    # Every text that was ever frozen had a round, and a round keeps its hash when its revision gets another text.
    frozen = Round.objects.filter(revision=OuterRef("revision"), content_hash=OuterRef("content_hash"))
    found = Acknowledgement.objects.select_related("revision__procedure").annotate(
        noted=Subquery(own_entry.values(noted=KeyTextTransform("seal", "data"))[:1]), was_frozen=Exists(frozen)
    )
    for row in found.defer("revision__content", "revision__rendered").iterator(chunk_size=AT_ONCE):
        named = f"I9 acknowledgement of {row.person_name} on {row.revision}"
        if not is_valid(row):
            yield f"{named}: INVALID"
        elif row.noted != row.seal:
            yield f"{named}: not the one that the trail tells of"
        elif not row.was_frozen:
            yield f"{named}: of a text that this revision never had"
    gone = told.filter(~Exists(Acknowledgement.objects.filter(trail_seq=OuterRef("seq"))))
    for seq in gone.order_by("seq").values_list("seq", flat=True).iterator(chunk_size=AT_ONCE):
        yield f"I9 trail entry {seq}: the acknowledgement that it tells of is gone"
