"""Variants and translations: procedures of their own whose text follows that of another one.

`comparing` is pure: what differs, and what the text has not taken into account. `finding` asks the database.
"""

from procedures.relatives.comparing import (
    DETAILS,
    STEP_TEXTS,
    Point,
    PointKind,
    Relation,
    StepRelation,
    lag,
    missing_texts,
    relations,
    says_the_same,
    value_hash,
)
from procedures.relatives.finding import (
    Following,
    Relatives,
    Task,
    content_of_source,
    following_of,
    followings_of,
    lags_in_force,
    relatives_of,
    source_of,
    tasks_of,
)

__all__ = [
    "DETAILS",
    "STEP_TEXTS",
    "Following",
    "Point",
    "PointKind",
    "Relation",
    "Relatives",
    "StepRelation",
    "Task",
    "content_of_source",
    "following_of",
    "followings_of",
    "lag",
    "lags_in_force",
    "missing_texts",
    "relations",
    "relatives_of",
    "says_the_same",
    "source_of",
    "tasks_of",
    "value_hash",
]
