"""The values that pass through the writing advice."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules. Their values are stored with advice that somebody turned down, so they stay as they are."""

    PASSIVE = "passive"
    ACTION_VERB = "action-verb"
    SEVERAL_ACTIONS = "several-actions"
    LONG_SENTENCE = "long-sentence"
    VAGUE = "vague"
    PLAIN_WORDS = "plain-words"
    ABBREVIATION = "abbreviation"
    NO_ROLE = "no-role"
    NO_RESULT = "no-result"
    NO_OTHERWISE = "no-otherwise"
    PICTURE_TEXT = "picture-text"
    READING_LEVEL = "reading-level"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence without its Markdown. `at[i]` is the place in the field's text of character `i` of `text`.

    quiet: stretches that are somebody else's words, links and quotations; nothing is advised inside them.
    """

    text: str
    at: tuple[int, ...]
    quiet: tuple[tuple[int, int], ...] = ()

    def is_quiet(self, start: int, end: int) -> bool:
        return any(first <= start and end <= last for first, last in self.quiet)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `start` to `end` stand in the field's text."""
        return self.at[start], self.at[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Find:
    """What a rule found between `start` and `end` of a sentence.

    detail: what the explanation depends on: a kind of vague word, the plainer word, a number.
    rewrite: what may safely take the place of [start, end], or of the whole sentence if `whole`; None when nothing may.
    """

    rule: Rule
    start: int
    end: int
    detail: str = ""
    rewrite: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Put `text` in the place of [start, end] of the field; the sentence then reads `sentence`."""

    start: int
    end: int
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice on a content of `procedures.content`.

    step, number: uid and number, "" and 0 for facts and purpose. field: its key in the content; row: the index in a
    field that is a list. start, end: the words in the field's text; equal when the field as a whole is meant.
    sentence: where the words stand, or what stands for it; `key` is its hash, by which advice is remembered.
    before, words, behind: the sentence in three parts, those in the middle concerned.
    """

    rule: Rule
    field: str
    step: str
    sentence: str
    why: str
    key: str
    row: int | None = None
    start: int = 0
    end: int = 0
    words: str = ""
    before: str = ""
    behind: str = ""
    suggestion: Suggestion | None = None
    number: int = 0
