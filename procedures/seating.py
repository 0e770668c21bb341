"""Whether a round can be completed at all when everybody decides once: a matching of people to slots."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How many slots of a stage must be filled, and for each of its slots the ids of the people who can."""

    needed: int
    slots: Sequence[Collection[int]]


def first_stuck(stages: Sequence[StagePlan]) -> int | None:
    """The index of the first stage for which too few different people are left; None when all can be completed."""
    seating = _Seating(stages)
    for index, stage in enumerate(stages):
        if not all(seating.fill_one_more(index, set()) for _ in range(stage.needed)):
            return index
    return None


@dataclass(slots=True)
class _Seating:
    """Who would fill which slot. A further slot may move people who sit already, and never leaves one standing."""

    stages: Sequence[StagePlan]
    seats: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Person → (stage, slot)."""

    def fill_one_more(self, stage: int, asked: set[int]) -> bool:
        """Fill another slot of `stage` without asking the people in `asked`, who are about to move."""
        taken = {slot for other, slot in self.seats.values() if other == stage}
        return any(self._fill(stage, slot, asked) for slot in range(len(self.stages[stage].slots)) if slot not in taken)

    def _fill(self, stage: int, slot: int, asked: set[int]) -> bool:
        for person in self.stages[stage].slots[slot]:
            if person in asked:
                continue
            asked.add(person)
            if person not in self.seats or self._do_without(*self.seats[person], asked):
                self.seats[person] = (stage, slot)
                return True
        return False

    def _do_without(self, stage: int, slot: int, asked: set[int]) -> bool:
        """Find the slot another person or, where not all are needed, the stage another slot."""
        return self._fill(stage, slot, asked) or self.fill_one_more(stage, asked)
