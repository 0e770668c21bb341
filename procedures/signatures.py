"""What a signature vouches for, and whether it still does."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from procedures.changesets.manifest import change_set_of
from procedures.content import content_hash
from procedures.errors import SignatureInvalid
from procedures.models import Confirmation, Decision, Deviation, EmergencyIssue, Revision
from procedures.queries import approvals_at_once, emergency_of
from roles.signing import METHOD_PASSWORD, METHOD_PASSWORD_AND_CODE
from sopdesk.lib.canonical import canonical_json, sha256_hex

CONFIRMATION_FORMAT = 1
DEVIATION_FORMAT = 1
EMERGENCY_FORMAT = 1
FORMAT = 2
"""What new signatures are sealed in. Format 1 did not know the e-signature statement; what it sealed keeps verifying.
The golden vectors in tests/procedures/test_signatures.py must never change."""
FORMAT_IN_SETS = 3
"""The same, with the hash of the manifest of the change set that was signed as a whole."""


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
    if decision.seal_format >= FORMAT_IN_SETS:
        change_set = change_set_of(decision.round)
        sealed["manifest"] = change_set.manifest_hash if change_set else ""
    return sha256_hex(canonical_json(sealed))


def seal(decision: Decision) -> None:
    """Close a decision that is about to be stored, in the format of today."""
    decision.seal_format = FORMAT_IN_SETS if change_set_of(decision.round) else FORMAT
    decision.seal = seal_of(decision)


def seal_of_confirmation(confirmation: Confirmation) -> str:
    """SHA-256 over who found which text still valid, on what grounds, when, how, and until when; the place of the row
    in its revision is part of it."""
    return sha256_hex(
        canonical_json(
            {
                "format": CONFIRMATION_FORMAT,
                "revision": confirmation.revision_id,
                "number": confirmation.number,
                "confirmer": confirmation.confirmed_by_id,
                "name": confirmation.confirmer_name,
                "capacity": confirmation.capacity,
                "comment": confirmation.comment,
                "at": confirmation.confirmed_at,
                "was_due_on": confirmation.was_due_on,
                "next_review_on": confirmation.next_review_on,
                "method": confirmation.method,
                "statement": confirmation.statement_version,
                "content": confirmation.content_hash,
            }
        )
    )


def seal_of_emergency(issue: EmergencyIssue) -> str:
    """SHA-256 over who put which text in force before it was approved, why, when, how, and until when."""
    return sha256_hex(
        canonical_json(
            {
                "format": EMERGENCY_FORMAT,
                "round": issue.round_id,
                "issuer": issue.issued_by_id,
                "name": issue.issuer_name,
                "capacity": issue.capacity,
                "reason": issue.reason,
                "at": issue.issued_at,
                "days": issue.days,
                "until": issue.until,
                "method": issue.method,
                "statement": issue.statement_version,
                "content": issue.content_hash,
            }
        )
    )


def hash_of_asked(deviation: Deviation) -> str:
    """SHA-256 over what a deviation asks for: from which step of which text, for whom, why, what instead, how long."""
    return sha256_hex(
        canonical_json(
            {
                "format": DEVIATION_FORMAT,
                "revision": deviation.revision_id,
                "text": deviation.revision.content_hash,
                "step": deviation.step,
                "number": deviation.step_number,
                "title": deviation.step_title,
                "department": deviation.department_id,
                "reason": deviation.reason,
                "instead": deviation.instead,
                "starts": deviation.starts,
                "ends": deviation.ends,
                "asker": deviation.asked_by_id,
                "name": deviation.asker_name,
                "at": deviation.asked_at,
            }
        )
    )


def seal_of_deviation(deviation: Deviation) -> str:
    """SHA-256 over who approved what was asked for, in which capacity and for whom, when and how. How it ended is left
    out: the approval stays true."""
    return sha256_hex(
        canonical_json(
            {
                "format": DEVIATION_FORMAT,
                "deviation": deviation.pk,
                "asked": deviation.asked_hash,
                "decider": deviation.decided_by_id,
                "name": deviation.decider_name,
                "capacity": deviation.capacity,
                "on_behalf_of": deviation.on_behalf_of_id,
                "at": deviation.decided_at,
                "method": deviation.method,
                "statement": deviation.statement_version,
                "content": deviation.content_hash,
            }
        )
    )


def is_valid_deviation(deviation: Deviation) -> bool:
    """Whether the deviation is as it was asked for and, once approved, as it was signed over the text it is from."""
    if deviation.asked_hash != hash_of_asked(deviation):
        return False
    if not deviation.seal:
        return True
    fits = deviation.content_hash == deviation.revision.content_hash
    return fits and deviation.seal == seal_of_deviation(deviation)


def is_valid_emergency(issue: EmergencyIssue) -> bool:
    """Whether the issue is as it was signed, over the text of its round."""
    return issue.content_hash == issue.round.content_hash and issue.seal == seal_of_emergency(issue)


def is_valid_confirmation(confirmation: Confirmation) -> bool:
    """Whether the confirmation is as it was signed, over the text of its revision."""
    fits = confirmation.content_hash == confirmation.revision.content_hash
    return fits and confirmation.seal == seal_of_confirmation(confirmation)


def is_valid(decision: Decision) -> bool:
    """Whether the decision is as it was signed, over the content of its round."""
    return decision.seal == seal_of(decision) and decision.content_hash == decision.round.content_hash


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as pages, PDFs and files show it, in the language that is active."""

    name: str
    capacity: str
    meaning: str
    method: str
    at: datetime.datetime
    seal: str
    content_hash: str
    is_valid: bool

    @property
    def how(self) -> str:
        """What was typed to give it."""
        words = {
            METHOD_PASSWORD: _("with password"),
            METHOD_PASSWORD_AND_CODE: _("with password and code from an app"),
        }
        return words.get(self.method, _("without password"))


def signatures_of(revision: Revision) -> list[Signature]:
    """The signatures behind `revision`, oldest first; one query. Its text is not looked at."""
    return as_signatures(approvals_at_once(revision), revision)


def as_signatures(decisions: Iterable[Decision], revision: Revision) -> list[Signature]:
    """`decisions` on `revision`, their rounds loaded, for showing them."""
    return [
        Signature(
            name=row.decider_name,
            capacity=row.capacity,
            meaning=row.get_meaning_display(),
            method=row.method,
            at=row.decided_at,
            seal=row.seal,
            content_hash=row.content_hash,
            is_valid=is_valid(row) and row.content_hash == revision.content_hash,
        )
        for row in decisions
    ]


def has_intact_text(revision: Revision) -> bool:
    """Whether the frozen text of `revision` is the one that was hashed when it was submitted."""
    return revision.content is not None and content_hash(revision.content) == revision.content_hash


def check_signatures(revision: Revision) -> None:
    """Raise SignatureInvalid unless the text of `revision` is the one that was signed, by signatures as given."""
    issue = emergency_of(revision)
    is_whole = has_intact_text(revision) and (issue is None or is_valid_emergency(issue))
    if not (is_whole and all(row.is_valid for row in signatures_of(revision))):
        raise SignatureInvalid(
            _("A signature of this revision, or the text under it, is not what was signed. Do not work by it."),
            target=revision.get_absolute_url(),
        )
