"""What differs between two texts, word by word.

The result is plain text with its kind, never markup: templates put it into `<del>` and `<ins>`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, REMOVED, ADDED = "same", "removed", "added"

MAX_PAIRS = 50_000
"""How many equal words of two texts may face each other. Texts with more are compared line by line, and if that is too
much as well, shown one after the other: the time grows faster than this number."""

LIKE = 0.4
"""Texts that have less in common are shown one after the other: two words here and there only confuse."""

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring words of one kind: same, removed or added."""

    kind: str
    words: str


def redline(old: str, new: str) -> list[Run]:
    """The way from `old` to `new`: same and removed runs make up `old`, same and added ones `new`."""
    for tokens in (_TOKEN, _LINE):
        before, after = tokens.findall(old), tokens.findall(new)
        head = _in_common(before, after)
        tail = _in_common(before[head:][::-1], after[head:][::-1])
        one, other = before[head : len(before) - tail], after[head : len(after) - tail]
        if _pairs(one, other) <= MAX_PAIRS:
            runs = _way(one, other, len(before) + len(after), head + tail)
            if runs is None:
                break
            ends = Run(SAME, "".join(before[:head])), Run(SAME, "".join(before[len(before) - tail :]))
            return list(_joined([ends[0], *runs, ends[1]]))
    return [Run(kind, text) for kind, text in ((REMOVED, old), (ADDED, new)) if text]


def _in_common(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (word, word_too) in enumerate(pairs) if word != word_too), min(len(one), len(other)))


def _pairs(one: list[str], other: list[str]) -> int:
    counts = Counter(word for word in other if not word.isspace())
    return sum(counts[word] for word in one)


def _way(before: list[str], after: list[str], length: int, equal: int) -> list[Run] | None:
    """The runs between two texts, of which `equal` words of `length` in both stand around them; None when they have
    too little in common."""
    # A space begins no match of its own: there are too many, and the words beside it decide where it belongs.
    matcher = SequenceMatcher(str.isspace, before, after, autojunk=False)
    matched = equal + sum(block.size for block in matcher.get_matching_blocks())
    if before and after and 2 * matched < LIKE * length:
        return None
    runs: list[Run] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        same_space = tag == "equal" and runs and not "".join(before[i:j]).strip() and j < len(before)
        if tag == "equal" and not same_space:
            runs.append(Run(SAME, "".join(before[i:j])))
        else:  # a space between two changes belongs to both, so that a changed phrase stays in one piece
            runs += [Run(REMOVED, "".join(before[i:j]))] * (j > i) + [Run(ADDED, "".join(after[k:m]))] * (m > k)
    return runs


def _joined(runs: list[Run]) -> Iterator[Run]:
    """Between two unchanged runs what was removed and what was added, each in one piece."""
    waiting = {REMOVED: "", ADDED: ""}
    for run in [*runs, Run(SAME, "")]:
        if run.kind != SAME:
            waiting[run.kind] += run.words
            continue
        yield from (Run(kind, words) for kind, words in waiting.items() if words)
        waiting = {REMOVED: "", ADDED: ""}
        if run.words:
            yield run
