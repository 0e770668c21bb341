"""The states of a revision and the moves between them: one table from which actions, buttons, docs and tests are made.

`docs/workflow.md` shows the same table; `tests/procedures/test_states.py` compares the two.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit import names


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISCARDED = "discarded", _("Discarded")


OPEN_STATES = (State.DRAFT, State.IN_REVIEW, State.APPROVED)
"""A procedure has at most one revision in these."""

ONCE_PUBLISHED = (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)
"""Revisions that readers have followed, and may still look at."""


class Event(models.TextChoices):
    SUBMIT = "submit", _("Submit for approval")
    RECALL = "recall", _("Recall")
    RETURN = "return", _("Request changes")
    APPROVE = "approve", _("Approve")
    REVOKE = "revoke", _("Revoke approval")
    PUBLISH = "publish", _("Publish")
    SUPERSEDE = "supersede", _("Supersede")
    WITHDRAW = "withdraw", _("Withdraw")
    DISCARD = "discard", _("Discard draft")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: what `event` does, who fires it, what the trail calls it, which notice it sends."""

    event: Event
    sources: tuple[State, ...]
    to: State
    who: Promise
    audit_name: str
    notice: str = ""


TRANSITIONS: dict[Event, Transition] = {
    row.event: row
    for row in (
        Transition(
            Event.SUBMIT, (State.DRAFT,), State.IN_REVIEW,
            _("authors of the department and co-authors"), names.REVISION_SUBMIT, "revision-submitted",
        ),
        Transition(
            Event.RECALL, (State.IN_REVIEW,), State.DRAFT,
            _("authors of the department and co-authors"), names.REVISION_RECALL,
        ),
        Transition(
            Event.RETURN, (State.IN_REVIEW,), State.DRAFT,
            _("holders of an open slot who wrote none of it"), names.REVISION_RETURN, "revision-returned",
        ),
        Transition(
            Event.APPROVE, (State.IN_REVIEW,), State.APPROVED,
            _("holders of an open slot who wrote none of it"), names.REVISION_APPROVE, "revision-approved",
        ),
        Transition(
            Event.REVOKE, (State.APPROVED,), State.DRAFT,
            _("the owner or an administrator before the effective date, with a reason"),
            names.REVISION_REVOKE, "revision-revoked",
        ),
        Transition(
            Event.PUBLISH, (State.APPROVED,), State.PUBLISHED,
            _("the clock on the effective date; the owner or an administrator before it"),
            names.REVISION_PUBLISH, "revision-published",
        ),
        Transition(
            Event.SUPERSEDE, (State.PUBLISHED,), State.SUPERSEDED,
            _("the publication of the next revision"), names.REVISION_SUPERSEDE,
        ),
        Transition(
            Event.WITHDRAW, (State.PUBLISHED,), State.WITHDRAWN,
            _("the owner or an administrator, with a reason"), names.REVISION_WITHDRAW, "revision-withdrawn",
        ),
        Transition(
            Event.DISCARD, (State.DRAFT,), State.DISCARDED,
            _("authors of the department and co-authors"), names.REVISION_DISCARD,
        ),
    )
}  # fmt: skip
