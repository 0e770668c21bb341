"""Joining two answers: by their places, since scores of different kinds do not compare."""

from collections import defaultdict
from collections.abc import Sequence

SMOOTHING = 60
"""The constant of reciprocal rank fusion in Cormack, Clarke and Büttcher, SIGIR 2009."""


def fuse(*answers: Sequence[int]) -> list[int]:
    """The ids of all `answers`, each best first, by the sum of 1 / (SMOOTHING + place); of equals the first named."""
    scores: dict[int, float] = defaultdict(float)
    for answer in answers:
        for place, pk in enumerate(answer, start=1):
            scores[pk] += 1 / (SMOOTHING + place)
    return sorted(scores, key=lambda pk: -scores[pk])
