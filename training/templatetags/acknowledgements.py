"""What has been confirmed, for pages of procedures, which stand below this app."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import QuerySet

from procedures.models import Procedure, Revision
from roles.models import User
from training import queries
from training.models import Acknowledgement
from training.permissions import acknowledges

register = template.Library()


@register.simple_tag
def acknowledgement_counts(procedure: Procedure) -> QuerySet[Acknowledgement, Any]:
    """How many people have confirmed which revision. The page asks whether the person may know."""
    return queries.counts_of(procedure)


@register.simple_tag
def has_confirmed(user: User, procedure: Procedure) -> bool:
    """Whether `user` has confirmed any revision of it."""
    return queries.has_confirmed(user, procedure)


SHOWN = 5


@dataclass(frozen=True, slots=True)
class ToRead:
    """The first texts that have changed since somebody confirmed them, of `in_all`."""

    rows: list[Revision]

    @property
    def in_all(self) -> int:
        return getattr(self.rows[0], "in_all", 0) if self.rows else 0


@register.simple_tag
def to_read(user: User) -> ToRead | None:
    """What `user` should read again; None for who confirms nothing. One query."""
    return ToRead(list(queries.changed_for(user)[:SHOWN])) if acknowledges(user) else None
