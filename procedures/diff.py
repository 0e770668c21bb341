"""What differs between two revisions, step by step. The words inside come with the redline."""

from bisect import bisect_left
from dataclasses import dataclass

COMPARED = (
    "kind",
    "section",
    "title",
    "body",
    "expected",
    "warning",
    "role",
    "minutes",
    "branches",
    "responsibilities",
    "hold",
    "items",
    "subprocedure",
    "due",
    "tool",
    "record",
    "evidence",
    "evidence_name",
)


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step that is not as it was. `kind`: added, removed, changed or moved; numbers are None where it is not."""

    kind: str
    title: str
    number: int | None
    was: int | None


def step_changes(old: dict, new: dict) -> list[StepChange]:
    """The steps that differ between two contents, in the order of the new one, removed ones last.

    Steps are matched by uid.
    """
    before = {step["uid"]: step for step in old["steps"]}
    after = {step["uid"]: step for step in new["steps"]}
    moved = moved_steps(old, new)
    changes = []
    for uid, step in after.items():
        previous = before.get(uid)
        if previous is None:
            changes.append(StepChange("added", step["title"], step["number"], None))
        elif not says_exactly_the_same(previous, step):
            changes.append(StepChange("changed", step["title"], step["number"], previous["number"]))
        elif uid in moved:
            changes.append(StepChange("moved", step["title"], step["number"], previous["number"]))
    removed = [step for uid, step in before.items() if uid not in after]
    return changes + [StepChange("removed", step["title"], None, step["number"]) for step in removed]


def says_exactly_the_same(old: dict, new: dict) -> bool:
    """Whether two steps have one text, names of roles included."""
    return all(old[name] == new[name] for name in COMPARED)


def moved_steps(old: dict, new: dict) -> set[str]:
    """The uids of the steps that both contents have and that moved.

    A step counts as moved when its place among the steps that both have is not kept by the longest run of steps in
    their old order, so that one moved step does not make all others look moved.
    """
    numbers = {step["uid"]: step["number"] for step in old["steps"]}
    common = [step["uid"] for step in new["steps"] if step["uid"] in numbers]
    kept = _longest_run([numbers[uid] for uid in common])
    return {uid for uid in common if numbers[uid] not in kept}


def _longest_run(numbers: list[int]) -> set[int]:
    """The numbers of one longest increasing subsequence: of every length the run that ends lowest is kept."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(places[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        places[length : length + 1] = [place]
    place = places[-1] if places else -1
    run = set()
    while place >= 0:
        run.add(numbers[place])
        place = before[place]
    return run
