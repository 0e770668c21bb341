"""How good the search is, measured on queries with judged answers: hit@10, reciprocal rank and recall@10."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

DEPTH = 10


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the documents that answer it. `relevant` are paths as in the file of judgements."""

    text: str
    language: str
    relevant: frozenset[str]
    variant: str


@dataclass(frozen=True, slots=True)
class Score:
    """What one query, or the mean of several, scored; all between 0 and 1."""

    hit: float
    reciprocal_rank: float
    recall: float


def read_queries(path: Path) -> list[JudgedQuery]:
    """The queries of a tab-separated file with the columns query, lang, relevant_paths (split by "|") and variant."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            JudgedQuery(row["query"], row["lang"], frozenset(row["relevant_paths"].split("|")), row["variant"])
            for row in rows
        ]


def score(query: JudgedQuery, found: Sequence[str]) -> Score:
    """What the answer `found`, best first, is worth for `query`."""
    ranks = [rank for rank, path in enumerate(found[:DEPTH], start=1) if path in query.relevant]
    return Score(
        hit=float(bool(ranks)),
        reciprocal_rank=1 / ranks[0] if ranks else 0.0,
        recall=len(ranks) / len(query.relevant),
    )


def mean(scores: Iterable[Score]) -> Score:
    scores = list(scores)
    return Score(
        hit=fmean(score.hit for score in scores),
        reciprocal_rank=fmean(score.reciprocal_rank for score in scores),
        recall=fmean(score.recall for score in scores),
    )
