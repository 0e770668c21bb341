"""Who has confirmed reading, for pages of procedures, which stand below this app."""

from typing import Any

from django import template
from django.db.models import QuerySet

from procedures.models import Procedure
from training import queries
from training.models import Acknowledgement

register = template.Library()


@register.simple_tag
def acknowledgement_counts(procedure: Procedure) -> QuerySet[Acknowledgement, Any]:
    """How many people have confirmed which revision. The page asks whether the person may know."""
    return queries.counts_of(procedure)
