"""What a search looks for and what an index row holds, in terms of the analyser; the backends translate it to SQL."""

from collections.abc import Sequence
from dataclasses import dataclass

Terms = tuple[str, ...]
"""One index term, or several that stand next to each other."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way in which a text may satisfy a unit.

    weight: below 1 for what was guessed (synonyms, corrections), above 1 for a whole code.
    is_foreign: a form of the word that only texts in another language have, far fewer than those with its main form.
    language: counts in texts of this language only, because elsewhere its stem may be another word; empty for any.
    """

    terms: Terms
    weight: float = 1.0
    is_foreign: bool = False
    language: str = ""


def by_weight(alternatives: Sequence[Alternative]) -> dict[tuple[float, str], list[Alternative]]:
    """`alternatives` by what they are worth and by the language in whose texts they count."""
    found: dict[tuple[float, str], list[Alternative]] = {}
    for alternative in alternatives:
        found.setdefault((alternative.weight, alternative.language), []).append(alternative)
    return found


def by_language(alternatives: Sequence[Alternative]) -> dict[str, list[Alternative]]:
    """`alternatives` by the language in whose texts they count."""
    found: dict[str, list[Alternative]] = {}
    for alternative in alternatives:
        found.setdefault(alternative.language, []).append(alternative)
    return found


def written_in(column: str, language: str) -> tuple[str, list[str]]:
    """SQL that a text whose id is `column` is in `language`, of whatever country; nothing for any language."""
    if not language:
        return "", []
    return (
        f" AND EXISTS (SELECT 1 FROM procedures_revision AS told WHERE told.id = {column}"  # noqa: S608 (ours)
        " AND (told.language = %s OR told.language LIKE %s))",
        [language, f"{language}-%"],
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """A word or quoted phrase of the query, with everything that counts as finding it.

    rarity: high for words that few texts have (about the logarithm of texts per text with the word).
    scarcity: how much more BM25 makes of the foreign forms than of the main one, because fewer texts have them. An
        English word that two French texts quote is indexed there as French, and is not more telling for that.
    """

    typed: str
    exact: tuple[Alternative, ...]
    guessed: tuple[Alternative, ...] = ()
    rarity: float = 1.0
    scarcity: float = 1.0

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        return self.exact + self.guessed


@dataclass(frozen=True, slots=True)
class Entry:
    """The analysed text of one revision, field by field; the fields differ by what a match in them is worth."""

    revision_id: int
    code: list[str]
    title: list[str]
    tags: list[str]
    steps: list[str]
    body: list[str]
    spelt: list[str]
    """Code, title and tags as they are spelt, without accents: what suggestions are made from."""
