"""Texts of our own making: seeded, so that the same number gives the same procedures everywhere.

Procedures come in families, as in a real firm: those of a family talk about the same few subjects in the words that
everybody uses, and share some of their steps. Words are drawn by Zipf's law (the one in place k about 1/k as often as
the first), so a few stand in every text, most in some hundreds of 10,000, and the invented names in a handful.
"""

import random
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from procedures.seeding.documents import SeedDocument, SeedStep, Source
from procedures.seeding.firm import CATEGORIES, DEPARTMENTS

WORDS_FILE = Path(__file__).with_name("words.toml")
FAMILIES = 210
LANGUAGES = ("en", "en", "fr")
"""Every third family is French."""

GENERAL_NOUNS = 12
"""So many of the first nouns are everybody's."""

SUBJECTS = 5
RARE_NAMES = 3000
NAMES = 6
STEPS = (9, 15)
"""From so many to so many steps, 12 on average."""

STEPS_PER_PLACE = 6
"""Of so many texts a family has one in a place of the row."""

_SLOT = re.compile(r"\{(\w)(:C)?\}")


@dataclass(frozen=True)
class Words:
    """The words and the patterns of sentences of one language, the most frequent first."""

    lists: dict[str, list[str]]
    patterns: dict[str, list[str]]


@cache
def words_of(language: str) -> Words:
    found = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))[language]
    chance = _random("names", language)
    syllables = found["syllables"].split()
    return Words(
        lists={
            "n": found["nouns"].split(),
            "v": found["verbs"].split(),
            "a": found["adjectives"].split(),
            "s": found["systems"].split(),
            "r": ["".join(chance.choices(syllables, k=3)).capitalize() for _ in range(RARE_NAMES)],
            "d": [str(number) for number in range(2, 60)],
        },
        patterns={
            name: found[name].strip().splitlines()
            for name in ("sentences", "titles", "procedures", "expected", "warnings")
        },
    )


class Family:
    """Writes procedures about a few subjects in one language."""

    def __init__(self, number: int, *, seed: int) -> None:
        self.language = LANGUAGES[number % len(LANGUAGES)]
        self._key = (seed, number)
        self._random = _random(*self._key)
        self._words = words_of(self.language)
        self._subjects = self._random.sample(self._words.lists["n"][GENERAL_NOUNS:], SUBJECTS)
        self._names = self._random.sample(self._words.lists["r"], NAMES)
        self._pool: dict[tuple[int, int], SeedStep] = {}

    def document(self, *, code: str, category: str) -> SeedDocument:
        count = self._random.randint(*STEPS)
        return SeedDocument(
            code=code,
            title=self._sentence("procedures")[:200],
            category=category,
            language=self.language,
            purpose=self._paragraph(2),
            scope=self._paragraph(1),
            outcome=self._paragraph(1),
            steps=tuple(self._pooled(place, self._random.randrange(STEPS_PER_PLACE)) for place in range(count)),
        )

    def _pooled(self, place: int, number: int) -> SeedStep:
        """The step from the pool, written when it is first asked for; it depends on no other text."""
        if (place, number) not in self._pool:
            own, self._random = self._random, _random(*self._key, place, number)
            self._pool[place, number] = self._step()
            self._random = own
        return self._pool[place, number]

    def _step(self) -> SeedStep:
        bullets = "\n".join(f"- **{self._noun().capitalize()}:** {self._sentence('sentences')}" for _ in range(2))
        return SeedStep(
            title=self._sentence("titles"),
            body=f"{self._paragraph(2)}\n\n{bullets}\n\n{self._paragraph(2)}",
            expected=self._sentence("expected"),
            warning=self._sentence("warnings") if self._random.random() < 0.15 else "",
            minutes=self._random.choice([None, 2, 5, 10, 15, 30]),
        )

    def _paragraph(self, sentences: int) -> str:
        return " ".join(self._sentence("sentences") for _ in range(sentences))

    def _sentence(self, kind: str) -> str:
        return _SLOT.sub(self._filled, self._random.choice(self._words.patterns[kind]))

    def _filled(self, slot: re.Match[str]) -> str:
        kind = slot[1]
        if kind == "n":
            word = self._noun()
        elif kind == "r":
            word = self._drawn(self._names)
        else:
            word = self._drawn(self._words.lists[kind])
        return word[0].upper() + word[1:] if slot[2] else word

    def _noun(self) -> str:
        chance = self._random.random()
        if chance < 0.55:
            return self._drawn(self._subjects)
        return self._drawn(self._words.lists["n"][:GENERAL_NOUNS] if chance < 0.97 else self._words.lists["n"])

    def _drawn(self, words: list[str]) -> str:
        return self._random.choices(words, cum_weights=_zipf(len(words)))[0]


def invent(*, procedures: int, seed: int) -> Source:
    """`procedures` documents that follow from `seed` alone: the first 100 of 1,000 are the 100 of 100."""
    families = [Family(number, seed=seed) for number in range(min(FAMILIES, procedures))]
    documents = []
    for index in range(procedures):
        turn, department = divmod(index, len(DEPARTMENTS))
        number = index % FAMILIES
        code = f"{DEPARTMENTS[department].code}-{turn + 1:03d}"
        documents.append(families[number].document(code=code, category=CATEGORIES[number % len(CATEGORIES)]))
    return Source(f"seed {seed}", tuple(documents))


def _random(*seeds: object) -> random.Random:
    return random.Random("/".join(map(str, seeds)))  # texts, not secrets  # noqa: S311  # nosec B311


@cache
def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))
