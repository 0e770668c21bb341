"""Two contents compared, step by step and word by word: the one value behind every page that shows what changed.

Pure: it takes contents (`procedures.content`) and knows no rows. The text in it is plain; templates mark it up.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procedures.diff import moved_steps, says_exactly_the_same
from procedures.models import Kind, Letter
from procedures.redline.fields import Part, detail_parts, redline_parts, step_parts
from procedures.redline.words import SAME, Run
from procedures.standards.kinds import PartChange, part_changes

ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"

TABLES_OF_THEIR_OWN = ("responsibilities", "parts")
"""Details that are not compared as a text: who is responsible, the parts of a standard."""

_PICTURE = re.compile(r"\bmedia:([\w-]+)")


@dataclass(frozen=True, slots=True)
class File:
    """A picture or file of one of the two texts; the first three fields make its address."""

    code: str
    number: int
    key: str
    title: str
    sha256: str
    is_picture: bool


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is not as it was: `old` is None where it was added, `new` where it was removed."""

    key: str
    old: File | None
    new: File | None

    @property
    def kind(self) -> str:
        if self.old is None:
            return ADDED
        return REMOVED if self.new is None else CHANGED


@dataclass(frozen=True, slots=True)
class LettersChange:
    """A role whose part in the whole (`number` is None) or in a step is another one. Letters in words, "" for none."""

    number: int | None
    role: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class StepComparison:
    """A step in both texts: added, removed, changed, moved (and nothing else) or the same.

    `parts` are the fields that differ, each with its redline; `files` the pictures in the step that differ.
    """

    kind: str
    old: dict | None
    new: dict | None
    is_moved: bool = False
    parts: list[Part] = field(default_factory=list)
    files: list[FileChange] = field(default_factory=list)

    @property
    def step(self) -> dict:
        """The step that is shown: the new one, or the one that was removed."""
        return self.new or self.old or {}

    @property
    def was(self) -> int | None:
        return self.old["number"] if self.old else None

    @property
    def sign(self) -> str:
        return {ADDED: "+", REMOVED: "−", MOVED: "↕", SAME: "="}.get(self.kind, "±")


@dataclass(frozen=True, slots=True)
class Fold:
    """Steps one after the other in which nothing changed."""

    steps: list[dict]


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between `old` and `new`.

    `rows` has every step of both, in the order of the new one, a removed one behind the step that it followed.
    """

    old: dict
    new: dict
    rows: list[StepComparison | Fold]
    facts: list[Part]
    letters: list[LettersChange]
    standard_parts: list[PartChange]
    files: list[FileChange]

    @cached_property
    def changes(self) -> list[StepComparison]:
        """The steps that are not as they were, in their order."""
        return [row for row in self.rows if isinstance(row, StepComparison) and row.kind != SAME]

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """How many steps of each kind, kinds that do not occur left out."""
        found = Counter(change.kind for change in self.changes)
        return [(kind, found[kind]) for kind in (CHANGED, ADDED, REMOVED, MOVED) if found[kind]]

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.facts or self.letters or self.standard_parts or self.files)


def compare(
    old: dict,
    new: dict,
    *,
    says_the_same: Callable[[dict, dict], bool] = says_exactly_the_same,
    shown: Collection[str] = (),
) -> Comparison:
    """What differs between two contents. Steps belong together by uid.

    says_the_same: when two steps count as equal. shown: uids of steps that are not folded though they are the same.
    """
    is_one_procedure = old["code"] == new["code"]  # another one takes the other into account as a whole
    old_files, new_files = _files(old), _files(new)
    changed_files = {change.key: change for change in _file_changes(old_files, new_files)}
    steps = list(_steps(old, new, says_the_same, old_files, new_files))
    return Comparison(
        old=old,
        new=new,
        rows=_folded(steps, shown),
        facts=[part for part in redline_parts(_facts(old), _facts(new)) if part.name != "source" or is_one_procedure],
        letters=list(_letters_changes(old, new)),
        standard_parts=part_changes(old["parts"], new["parts"]),
        files=list(changed_files.values()),
    )


def concerns(row: StepComparison, role_ids: Collection[int]) -> bool:
    """Whether one of these roles acts or takes part in the step, before or now."""
    return any(
        (step["role"] and step["role"]["id"] in role_ids)
        or any(letter["role"]["id"] in role_ids for letter in step["responsibilities"])
        for step in (row.old, row.new)
        if step
    )


def mine_first(comparison: Comparison, role_ids: Collection[int]) -> Comparison:
    """The same with the changed steps in front in which one of these roles takes part; what is unchanged comes last."""
    changes = [row for row in comparison.rows if isinstance(row, StepComparison)]
    same = [step for row in comparison.rows if isinstance(row, Fold) for step in row.steps]
    ordered = sorted(changes, key=lambda row: not concerns(row, role_ids))
    return replace(comparison, rows=[*ordered, *([Fold(same)] if same else [])])


# Steps -------------------------------------------------------------------------------------------------------


def _steps(
    old: dict,
    new: dict,
    says_the_same: Callable[[dict, dict], bool],
    old_files: Mapping[str, File],
    new_files: Mapping[str, File],
) -> Iterator[StepComparison]:
    before = {step["uid"]: step for step in old["steps"]}
    after = {step["uid"]: step for step in new["steps"]}
    moved = moved_steps(old, new)
    for uid in _in_order(list(before), list(after)):
        was, step = before.get(uid), after.get(uid)
        files = _file_changes(_pictures(was, old_files), _pictures(step, new_files))
        is_moved = uid in moved
        if was and step and not files and says_the_same(was, step):
            yield StepComparison(MOVED if is_moved else SAME, was, step, is_moved)
            continue
        kind = REMOVED if step is None else ADDED if was is None else CHANGED
        parts = redline_parts(step_parts(was, old) if was else [], step_parts(step, new) if step else [])
        yield StepComparison(kind, was, step, is_moved, parts, files)


def _in_order(before: list[str], after: list[str]) -> Iterator[str]:
    """Every uid once: those of `after` in their order, each that is gone behind the one that it followed."""
    kept, previous = set(after), ""
    gone_behind: dict[str, list[str]] = {}
    for uid in before:
        if uid in kept:
            previous = uid
        else:
            gone_behind.setdefault(previous, []).append(uid)
    yield from gone_behind.get("", [])
    for uid in after:
        yield uid
        yield from gone_behind.get(uid, [])


def _folded(steps: Iterable[StepComparison], shown: Collection[str]) -> list[StepComparison | Fold]:
    rows: list[StepComparison | Fold] = []
    for row in steps:
        if row.kind != SAME or row.step["uid"] in shown:
            rows.append(row)
        elif rows and isinstance(rows[-1], Fold):
            rows[-1].steps.append(row.step)
        else:
            rows.append(Fold([row.step]))
    return rows


# Everything else ---------------------------------------------------------------------------------------------

FACT_LABELS: Mapping[str, str | Promise] = {
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "category": gettext_lazy("Category"),
    "tags": gettext_lazy("Tags"),
    "source": gettext_lazy("Takes into account"),
}


def _facts(content: dict) -> list[Part]:
    said = ((name, _fact(name, content[name])) for name in FACT_LABELS)
    facts = [Part(name, FACT_LABELS[name], [Run(SAME, text)]) for name, text in said if text]
    return facts + [part for part in detail_parts(content) if part.name not in TABLES_OF_THEIR_OWN]


def _fact(name: str, value: Any) -> str:
    if not value:
        return ""
    match name:
        case "kind":
            return str(Kind(value).label)
        case "language":
            return str(dict(settings.LANGUAGES).get(value, value))
        case "tags":
            return ", ".join(value)
        case "source":
            return _("%(code)s, revision %(number)d") % value
        case _:
            return str(value)


def _letters_changes(old: dict, new: dict) -> Iterator[LettersChange]:
    """The whole first, then step by step; a step that was added or removed says it itself."""
    yield from _letters_between(None, old["responsibilities"], new["responsibilities"])
    before = {step["uid"]: step for step in old["steps"]}
    for step in new["steps"]:
        if was := before.get(step["uid"]):
            yield from _letters_between(step["number"], was["responsibilities"], step["responsibilities"])


def _letters_between(number: int | None, old: list[dict], new: list[dict]) -> Iterator[LettersChange]:
    before, after = _letters(old), _letters(new)
    for role_id in {**before, **after}:
        name, was = before.get(role_id, ("", ""))
        new_name, now = after.get(role_id, (name, ""))
        if was != now:
            yield LettersChange(number, new_name or name, was, now)


def _letters(rows: list[dict]) -> dict[int, tuple[str, str]]:
    """Id of the role → its name and its letters in words."""
    found: dict[int, tuple[str, str]] = {}
    for row in rows:
        said = found.get(row["role"]["id"], ("", ""))[1]
        word = str(Letter(row["letter"]).label)
        found[row["role"]["id"]] = (row["role"]["name"], f"{said}, {word}" if said else word)
    return found


def _files(content: dict) -> dict[str, File]:
    return {
        row["key"]: File(
            code=content["code"],
            number=content["number"],
            key=row["key"],
            title=row["title"],
            sha256=row["sha256"],
            is_picture=row["content_type"].startswith("image/"),
        )
        for row in content["attachments"]
    }


def _pictures(step: dict | None, files: Mapping[str, File]) -> dict[str, File]:
    """The files that the text of a step shows, in the order in which it does."""
    texts = " ".join(step[name] for name in ("body", "expected", "warning")) if step else ""
    return {key: files[key] for key in _PICTURE.findall(texts) if key in files}


def _file_changes(old: Mapping[str, File], new: Mapping[str, File]) -> list[FileChange]:
    """Files that were added or removed, or whose bytes or title changed."""
    pairs = ((key, old.get(key), new.get(key)) for key in {**old, **new})
    return [FileChange(key, was, now) for key, was, now in pairs if _shows(was) != _shows(now)]


def _shows(file: File | None) -> tuple[str, str] | None:
    return (file.sha256, file.title) if file else None
