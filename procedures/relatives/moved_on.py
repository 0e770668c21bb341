"""Which texts in force take an older revision of their parent or original into account than the one in force.

For lists: two shapes of one rule, a query and SQL over a list that is there already. What of the newer text is still
open is compared text by text (`lags_in_force`, `tasks_of`), where somebody opens one.
"""

# ruff: noqa: S608 (what is put into the SQL text is a constant of ours)

from django.db.models import Exists, OuterRef, Q, QuerySet

from procedures.models import Revision
from procedures.models.revision import RevisionQuerySet
from procedures.states import State


def texts_moved_on_from(readable: RevisionQuerySet) -> QuerySet:
    """Ids of the texts whose parent or original has a newer text in `readable`.

    Who may not read the source is not told. An emergency issue does not count: it may leave again.
    """
    is_source = Q(procedure=OuterRef("procedure__variant_of")) | Q(procedure=OuterRef("procedure__translation_of"))
    newer = readable.filter(is_source).exclude(state=State.IN_REVIEW).exclude(pk=OuterRef("source_id"))
    return Revision.objects.filter(Exists(newer.order_by()), source__isnull=False).order_by().values("pk")


MOVED_ON = (
    "SELECT follower.id FROM procedures_revision AS follower CROSS JOIN procedures_procedure AS own"
    " CROSS JOIN readable AS source CROSS JOIN procedures_revision AS newer"
    " WHERE follower.source_id IS NOT NULL AND follower.id IN (SELECT id FROM listed)"
    " AND own.id = follower.procedure_id"
    " AND source.procedure = COALESCE(own.variant_of_id, own.translation_of_id)"
    f" AND source.id <> follower.source_id AND newer.id = source.id AND newer.state <> '{State.IN_REVIEW.value}'"
)
"""The same in SQL, of the texts in the common table `listed`; `readable` is one with the columns id and procedure. The
joins name the order in which SQLite is to go: those that follow anything are few, and fewer among what is listed."""
