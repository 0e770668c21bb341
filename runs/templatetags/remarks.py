"""Suggestions on pages of procedures, which stand below this app."""

from uuid import UUID

from django import template

from procedures.models import Revision
from roles.models import User
from runs import queries
from runs.models import Remark
from runs.queries import DraftRemarks, Places, WaitingList

register = template.Library()


@register.simple_tag
def remarks_waiting(user: User) -> WaitingList:
    """What `user` should answer, by procedure."""
    return queries.waiting_for(user)


@register.simple_tag
def remarks_answered(revision: Revision) -> list[Remark]:
    """What `revision` answers. The page asks whether the person may read its text."""
    return list(queries.answered_by(revision))


@register.simple_tag
def remarks_of_draft(revision: Revision, step: UUID | None) -> DraftRemarks:
    """What a draft could answer, on its step `step` and elsewhere."""
    return queries.remarks_of_draft(revision, step)


@register.simple_tag
def number_now(places: Places, remark: Remark) -> int | None:
    """Where the step of `remark` stands in the text in force; None for the whole, and where it is gone."""
    return places.in_force.get((remark.procedure_id, remark.step)) if remark.step else None


@register.filter
def in_draft(remark: Remark, places: Places) -> bool:
    """Whether a draft of its procedure is being written."""
    return remark.procedure_id in places.drafts
