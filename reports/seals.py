"""What the signature under a review of the trail vouches for."""

from collections.abc import Iterator

from audit import names, trail
from reports.models import TrailReview
from sopdesk.lib.canonical import canonical_json, sha256_hex

FORMAT = 1


def seal_of(review: TrailReview) -> str:
    """SHA-256 over who reviewed which entries, when and how; `upto_hash` stands for all of them."""
    return sha256_hex(
        canonical_json(
            {
                "format": FORMAT,
                "after": review.after_seq,
                "upto": review.upto_seq,
                "hash": review.upto_hash,
                "reviewer": review.reviewer_id,
                "name": review.reviewer_name,
                "at": review.reviewed_at,
                "method": review.method,
                "statement": review.statement_version,
                "note": review.note,
            }
        )
    )


def review_faults() -> Iterator[str]:
    """I3 for reviews of the trail: each is as it was signed, follows the one before, and the trail noted its seal."""
    noted, after = trail.values_noted("seal", events=[names.TRAIL_REVIEW]), 0
    for review in TrailReview.objects.order_by("upto_seq").iterator(chunk_size=500):
        name = f"review of the trail up to {review.upto_seq} by {review.reviewer_name}"
        if review.seal != seal_of(review):
            yield f"I3 {name}: INVALID"
        elif review.seal not in noted:
            yield f"I3 {name}: not the one that the trail tells of"
        elif trail.hash_of(review.upto_seq) != review.upto_hash:
            yield f"I3 {name}: the trail up to there is not the one that was reviewed"
        if review.after_seq != after:
            yield f"I3 {name}: does not follow the review before it"
        after = review.upto_seq
    for seal in noted - set(TrailReview.objects.values_list("seal", flat=True)):
        yield f"I3 a review of the trail with the seal {str(seal)[:12]} is missing"
