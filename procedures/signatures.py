"""What a signature vouches for, and whether it still does."""

from procedures.models import Decision
from sopdesk.lib.canonical import canonical_json, sha256_hex

FORMAT = 1


def seal_of(decision: Decision) -> str:
    """SHA-256 over who decided what, in which capacity, when, and over which content.

    It binds the decision to one round of one revision: moved to another row or changed in one character, it no
    longer fits. Invalidation is left out, since a decision stays true after its round was closed.
    """
    return sha256_hex(
        canonical_json(
            {
                "format": FORMAT,
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
        )
    )


def is_valid(decision: Decision) -> bool:
    """Whether the decision is as it was signed, over the content of its round."""
    return decision.seal == seal_of(decision) and decision.content_hash == decision.round.content_hash
