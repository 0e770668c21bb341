"""A text and the one that it follows, compared. Pure functions over contents (`procedures.content`) and hashes.

Steps belong together by uid. `source_hash` of a step is the hash of the source's step against which it was last
checked; "" says that it was not checked, or that it is a step of one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from procedures.content import step_hash
from procedures.diff import COMPARED, step_changes
from sopdesk.lib.canonical import canonical_json, sha256_hex

DETAILS = (
    "title", "purpose", "scope", "outcome", "trigger", "frequency", "prerequisites", "definitions", "background",
    "references", "contact", "review_interval_months", "tools", "records", "benchmarks", "responsibilities", "parts",
)  # fmt: skip
ORDER = "order"


# Differences -------------------------------------------------------------------------------------------------


class Relation(StrEnum):
    INHERITED = "inherited"
    REPLACED = "replaced"
    ADDED = "added"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class StepRelation:
    """A step of a variant and the parent's step under the same uid; one of the two may be missing."""

    relation: Relation
    own: dict | None
    source: dict | None

    @property
    def step(self) -> dict:
        """The step that is shown: the own one, or the parent's that was left out."""
        return self.own or self.source or {}


def relations(source: dict, own: dict) -> list[StepRelation]:
    """Every step of both contents: the own ones in their order, each that is left out behind its predecessor."""
    theirs = {step["uid"]: step for step in source["steps"]}
    ours = {step["uid"]: step for step in own["steps"]}
    found = [_relation(step, theirs.get(uid)) for uid, step in ours.items()]
    previous = ""
    for uid, step in theirs.items():
        if uid not in ours:
            left_out = StepRelation(Relation.LEFT_OUT, None, step)
            found.insert(_place_after(previous, found), left_out)
        previous = uid
    return found


def _relation(own: dict, source: dict | None) -> StepRelation:
    if source is None:
        return StepRelation(Relation.ADDED, own, None)
    return StepRelation(Relation.INHERITED if says_the_same(own, source) else Relation.REPLACED, own, source)


def _place_after(uid: str, found: list[StepRelation]) -> int:
    places = [place for place, row in enumerate(found, start=1) if row.step["uid"] == uid]
    return places[0] if places else 0


def says_the_same(one: dict, other: dict) -> bool:
    """Whether two steps have one text. A role that was renamed meanwhile is still the same role."""
    return all(_without_names(one[name]) == _without_names(other[name]) for name in COMPARED)


def _without_names(value: object) -> object:
    if isinstance(value, dict) and "id" in value:
        return value["id"]
    if isinstance(value, list):
        return [{**row, "role": row["role"]["id"]} if isinstance(row, dict) and "role" in row else row for row in value]
    return value


# Lagging behind ----------------------------------------------------------------------------------------------


class PointKind(StrEnum):
    CHANGED = "changed"
    NEW = "new"
    REMOVED = "removed"
    DETAIL = "detail"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing in the source that was not taken into account. `key`: uid of the step or name of the field;
    `hash`: of what the source says there now, "" when it says nothing any more."""

    kind: PointKind
    key: str
    hash: str


def lag(source: dict, base: dict, hashes: Mapping[str, str], settled: Mapping[str, str]) -> list[Point]:
    """What `source` says that a text made from `base` has not taken into account, in the order of reading.

    source: the source's content that is in force; base: the one that the text took into account as a whole.
    hashes: uid → source_hash of the text's own steps. settled: key → hash of what was decided on since `base`.
    A step of `base` that is not here was left out knowingly: the text began with all of them.
    """
    points = [Point(PointKind.DETAIL, name, value_hash(source[name])) for name in DETAILS if source[name] != base[name]]
    known = {step["uid"] for step in base["steps"]}
    theirs = {step["uid"]: step_hash(step) for step in source["steps"]}
    for uid, digest in theirs.items():
        if uid in hashes and hashes[uid] != digest:
            points.append(Point(PointKind.CHANGED, uid, digest))
        elif uid not in hashes and uid not in known:
            points.append(Point(PointKind.NEW, uid, digest))
    points += [Point(PointKind.REMOVED, uid, "") for uid, digest in hashes.items() if digest and uid not in theirs]
    if any(change.kind == "moved" for change in step_changes(base, source)):
        points.append(Point(PointKind.ORDER, ORDER, value_hash(list(theirs))))
    return [point for point in points if not point.hash or settled.get(point.key) != point.hash]


def value_hash(value: object) -> str:
    """SHA-256 of the value of a detail."""
    return sha256_hex(canonical_json(value))


# Translating -------------------------------------------------------------------------------------------------

STEP_TEXTS = ("title", "section", "body", "expected", "warning", "tool", "record", "evidence_name")
"""What of a step is written in a language. `items` and the labels of `branches` are as well."""


def missing_texts(source: dict, own: dict) -> list[str]:
    """The names of the fields in which the source's step says something and its translation nothing."""
    missing = [name for name in STEP_TEXTS if source[name].strip() and not own[name].strip()]
    if len(source["items"]) > len(own["items"]):
        missing.append("items")
    if any(row["label"].strip() for row in source["branches"]) and not all(
        row["label"].strip() for row in own["branches"]
    ):
        missing.append("branches")
    return missing
