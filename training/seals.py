"""What an acknowledgement vouches for, and whether it still does."""

from sopdesk.lib.canonical import canonical_json, sha256_hex
from training.models import Acknowledgement

FORMAT = 1


def seal_of(acknowledgement: Acknowledgement) -> str:
    """SHA-256 over who has read which text of which revision, in which job roles, and when."""
    return sha256_hex(
        canonical_json(
            {
                "format": FORMAT,
                "person": acknowledgement.person_id,
                "revision": acknowledgement.revision_id,
                "content": acknowledgement.content_hash,
                "name": acknowledgement.person_name,
                "roles": acknowledgement.roles,
                "at": acknowledgement.acknowledged_at,
            }
        )
    )


def is_valid(acknowledgement: Acknowledgement) -> bool:
    """Whether the row is as it was written."""
    return acknowledgement.seal == seal_of(acknowledgement)
