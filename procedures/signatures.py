"""What a signature vouches for, and whether it still does."""

from procedures.content import content_hash
from procedures.models import Decision, Revision
from procedures.queries import approvals_of
from sopdesk.lib.canonical import canonical_json, sha256_hex

FORMAT = 2
"""What new signatures are sealed in. Format 1 did not know the e-signature statement; what it sealed keeps verifying.
The golden vectors in tests/procedures/test_signatures.py must never change."""


def seal_of(decision: Decision) -> str:
    """SHA-256 over who decided what, in which capacity and for whom, when, how, and over which content.

    It binds the decision to one round of one revision: moved to another row or changed in one character, it no
    longer fits. Invalidation is left out, since a decision stays true after its round was closed.
    """
    sealed: dict[str, object] = {
        "format": decision.seal_format,
        "round": decision.round_id,
        "slot": decision.slot_id,
        "decider": decision.decider_id,
        "name": decision.decider_name,
        "capacity": decision.capacity,
        "on_behalf_of": decision.on_behalf_of_id,
        "verdict": decision.verdict,
        "meaning": decision.meaning,
        "comment": decision.comment,
        "at": decision.decided_at,
        "method": decision.method,
        "content": decision.content_hash,
    }
    if decision.seal_format >= 2:
        sealed["statement"] = decision.statement_version
    return sha256_hex(canonical_json(sealed))


def seal(decision: Decision) -> None:
    """Close a decision that is about to be stored, in the format of today."""
    decision.seal_format = FORMAT
    decision.seal = seal_of(decision)


def is_valid(decision: Decision) -> bool:
    """Whether the decision is as it was signed, over the content of its round."""
    return decision.seal == seal_of(decision) and decision.content_hash == decision.round.content_hash


def has_valid_signatures(revision: Revision) -> bool:
    """Whether the text of `revision` is the one that was signed and every signature behind it is as it was given."""
    if revision.content is None or content_hash(revision.content) != revision.content_hash:
        return False
    approvals = approvals_of(revision).select_related("round")
    return all(is_valid(row) and row.content_hash == revision.content_hash for row in approvals)
