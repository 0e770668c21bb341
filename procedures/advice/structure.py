"""The rules that need no language: roles, results, branches, pictures."""

import re
from collections.abc import Iterator

from procedures.advice.findings import Rule

ACTING_KINDS = ("action", "checklist", "decision")
_NO_DESCRIPTION = re.compile(
    r"\s*(?:|\W*|(?:image|img|picture|photo|screenshot|screen shot|capture(?: d['’]écran)?|dsc|pict?|figure|untitled"
    r"|sans titre|bild|foto)?[\s_.-]*\d*|[\w .()-]+\.(?:png|jpe?g|gif|webp|svg|bmp))\s*",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"\b(?:otherwise|else|others?|no|not|none|never|neither|rest|remaining|anything|default|sinon|autres?|non|aucune?"
    r"|pas|reste|contraire|anders?|sonst|andere|outr[oa]|otr[oa]|altr[oa])\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"[<>≤≥]|\b(?:over|above|below|under|up to|more|less|at least|at most|plus|moins|jusqu|supérieur|inférieur)",
    re.IGNORECASE,
)
COMPLETE_PAIR = 2


def step_findings(step: dict) -> Iterator[tuple[Rule, str]]:
    """What a step lacks, as (rule, field in which it is mended)."""
    if step["kind"] not in ACTING_KINDS:
        return
    if step["role"] is None:
        yield Rule.NO_ROLE, "role"
    if step["kind"] != "decision" and not step["expected"].strip():
        yield Rule.NO_RESULT, "expected"
    if step["kind"] == "decision" and lacks_otherwise([branch["label"] for branch in step["branches"]]):
        yield Rule.NO_OTHERWISE, "branches"


def lacks_otherwise(labels: list[str]) -> bool:
    """Whether the cases of a decision may leave one out: three or more, and none for the rest.

    Two cases are taken for opposites ("Yes", "No"; "Correct", "Incorrect"), as are limits that meet ("up to 500",
    "501 to 1,000", "over 1,000"). Fewer than two are no decision, which is said elsewhere.
    """
    if len(labels) <= COMPLETE_PAIR:
        return False
    if any(_OTHERWISE.search(label) for label in labels):
        return False
    return sum(bool(_LIMIT.search(label)) for label in labels) < COMPLETE_PAIR


def lacks_description(alternative: str) -> bool:
    """Whether the alternative text of a picture says nothing: empty, "image 3", the name of a file."""
    return bool(_NO_DESCRIPTION.fullmatch(alternative))
