"""Which readable texts mean what a query means."""

# ruff: noqa: S608 (values are parameters; what is put into the SQL text is SQL of ours)

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Max

from procedures.models import SearchMeaning
from procedures.models.revision import RevisionQuerySet
from procedures.search import sets
from procedures.search.meaning.model import NAME, is_available, model

if TYPE_CHECKING:
    import numpy as np

ENOUGH = 10
BLOCK = 200
WITHIN = 0.03
"""How much less alike than the best one a text may be. E5 puts everything between 0.7 and 0.9, so that only
differences tell."""


@dataclass(frozen=True, slots=True)
class _Known:
    """All vectors, one row each, and whose they are. `upto` and `number` tell whether there are others by now."""

    revisions: "np.ndarray"
    vectors: "np.ndarray"
    upto: int
    number: int


_known: _Known | None = None
_lock = threading.Lock()


def nearest(query: str, *, queryset: RevisionQuerySet, prefer: str | None = None) -> list[int]:
    """Ids of the revisions of `queryset` that mean most nearly what `query` does, best first; at most `ENOUGH`.

    prefer: as in `engine.search`, one text for each translation set. Empty without the extra.
    """
    if not is_available():
        return []
    known = _all_known()
    if not known.number:
        return []
    ranked = _ranked(known, query)
    found: list[int] = []
    best: float | None = None
    for start in range(0, len(ranked), BLOCK):
        block = ranked[start : start + BLOCK]
        for pk, likeness in _readable(block, queryset=queryset, prefer=prefer):
            best = likeness if best is None else best
            if likeness < best - WITHIN or len(found) == ENOUGH:
                return found
            if pk not in found:
                found.append(pk)
        if best is not None and block[-1][1] < best - WITHIN:
            break
    return found


def _ranked(known: _Known, query: str) -> list[tuple[int, float]]:
    """All texts with the likeness of their best passage, best first."""
    import numpy as np  # noqa: PLC0415  the extra

    likeness = known.vectors @ model().query(query).astype("float32")
    order = np.argsort(-likeness, kind="stable")
    ids = known.revisions[order]
    _, first = np.unique(ids, return_index=True)
    return [(int(ids[at]), float(likeness[order[at]])) for at in np.sort(first)]


def _readable(
    block: Sequence[tuple[int, float]], *, queryset: RevisionQuerySet, prefer: str | None
) -> list[tuple[int, float]]:
    """Those of `block` that `queryset` has, as (id, likeness), best first: the same SQL that words go through."""
    found = sets.each_found(queryset) if prefer is None else sets.one_of_each(queryset, prefer)
    matching = " UNION ALL ".join(["SELECT %s AS id, %s AS score"] * len(block))
    if connection.vendor == "postgresql":
        matching = "SELECT * FROM unnest(%s::bigint[], %s::float8[]) AS given(id, score)"
        values: list = [[pk for pk, _ in block], [likeness for _, likeness in block]]
    else:
        values = [value for row in block for value in row]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {found.visible}, matching AS MATERIALIZED ({matching}), {found.tables}"
            " SELECT id, score FROM visible_match ORDER BY score DESC, id",
            [*found.visible_params, *values, *found.params],
        )
        return cursor.fetchall()


def _all_known() -> _Known:
    """The vectors of this process, read again when there are others in the database; one query if there are none."""
    global _known
    counted = SearchMeaning.objects.filter(model=NAME).aggregate(upto=Max("pk"), number=Count("pk"))
    upto, number = counted["upto"] or 0, counted["number"]
    known = _known
    if known is None or (known.upto, known.number) != (upto, number):
        with _lock:
            _known = known = _read(upto, number)
    return known


def _read(upto: int, number: int) -> _Known:
    import numpy as np  # noqa: PLC0415  the extra

    rows = SearchMeaning.objects.filter(model=NAME, pk__lte=upto).order_by("pk").values_list("revision_id", "vector")
    ids, vectors = [], []
    for pk, vector in rows.iterator(chunk_size=2000):
        ids.append(pk)
        vectors.append(np.frombuffer(bytes(vector), dtype="<f2"))
    together = np.vstack(vectors).astype("float32") if vectors else np.zeros((0, 1), dtype="float32")
    return _Known(np.array(ids, dtype="int64"), together, upto, number)
