"""What differs between two revisions, step by step. The words inside come with the redline."""

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

    Steps are matched by uid. A step counts as moved when its place among the steps that both have is not kept by the
    longest run of steps in their old order, so that one moved step does not make all others look moved.
    """
    before = {step["uid"]: step for step in old["steps"]}
    after = {step["uid"]: step for step in new["steps"]}
    kept_order = _longest_run([before[uid]["number"] for uid in after if uid in before])
    changes = []
    for uid, step in after.items():
        previous = before.get(uid)
        if previous is None:
            changes.append(StepChange("added", step["title"], step["number"], None))
        elif any(previous[name] != step[name] for name in COMPARED):
            changes.append(StepChange("changed", step["title"], step["number"], previous["number"]))
        elif previous["number"] not in kept_order:
            changes.append(StepChange("moved", step["title"], step["number"], previous["number"]))
    removed = [step for uid, step in before.items() if uid not in after]
    return changes + [StepChange("removed", step["title"], None, step["number"]) for step in removed]


def _longest_run(numbers: list[int]) -> set[int]:
    """The numbers of one longest increasing subsequence (quadratic, and steps are few)."""
    best: list[list[int]] = []
    for position, number in enumerate(numbers):
        runs = [best[i] for i in range(position) if best[i][-1] < number]
        best.append([*_longest(runs), number])
    return set(_longest(best))


def _longest(runs: list[list[int]]) -> list[int]:
    return max(runs, key=lambda run: len(run), default=[])
