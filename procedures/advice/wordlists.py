"""The word lists of a language, read from `words/<language>.toml` once."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Vague:
    """Vague words of one kind, as one expression."""

    kind: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class WordLists:
    """`words[name]`: the lists of single words; `pairs[name]`: lists of key=value."""

    words: dict[str, frozenset[str]]
    pairs: dict[str, dict[str, str]]
    phrases: dict[str, frozenset[str]]
    vague: tuple[Vague, ...]
    plain: dict[str, str]
    plain_pattern: re.Pattern[str]
    known_abbreviations: frozenset[str]
    capitals: frozenset[str]


@cache
def word_lists(language: str) -> WordLists:
    """The lists of `language`, one of LANGUAGES."""
    data = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    words, pairs, phrases = {}, {}, {}
    for name, value in data.items():
        if not isinstance(value, str):
            continue
        if "|" in value:
            phrases[name] = frozenset(_phrases(value))
        elif "=" in value:
            pairs[name] = dict(item.split("=", 1) for item in value.split())
        else:
            words[name] = frozenset(value.split())
    plain = dict(item.split("=", 1) for item in _phrases(data["plain"]["words"], strip=False))
    return WordLists(
        words=words,
        pairs=pairs,
        phrases=phrases,
        vague=tuple(Vague(kind, any_of(_phrases(value))) for kind, value in data["vague"].items()),
        plain=plain,
        plain_pattern=any_of(plain),
        known_abbreviations=frozenset(data["abbreviations"]["known"].split()),
        capitals=frozenset(data["abbreviations"]["capitals"].split()),
    )


def _phrases(value: str, *, strip: bool = True) -> list[str]:
    parts = (part.replace("\n", "") for part in value.strip("\n").split("|"))
    return [part.strip() if strip else part for part in parts if part.strip()]


def any_of(phrases: "list[str] | dict[str, str]") -> re.Pattern[str]:
    """An expression for any of `phrases` as whole words, the longest first, whatever the apostrophe."""
    longest_first = sorted(phrases, key=len, reverse=True)
    alternatives = "|".join(re.escape(phrase).replace("'", "['’]").replace(r"\ ", " ") for phrase in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?:(?<=['’.])|(?![\w-]))", re.IGNORECASE)
