"""Synonyms: groups of words and phrases that mean the same to people who search.

`data/synonyms.toml` holds the groups to begin with, general office vocabulary in English and French; a company adds
its own words to the table.
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from procedures.search.analysis import stem, words
from sopdesk.lib.canonical import sha256_hex

STARTER_FILE = Path(__file__).parent / "data" / "synonyms.toml"


def key_of(phrase: str, language: str) -> str:
    """What a phrase of the query is compared with: the stems of `phrase`, one space between them."""
    return " ".join(stem(word, language) for word in words(phrase))


def starter_groups() -> Iterator[tuple[str, str, list[str]]]:
    """Every group of the list that comes with sopdesk: a name that stays with it, its language, and its phrases."""
    for language, content in tomllib.loads(STARTER_FILE.read_text(encoding="utf-8")).items():
        for phrases in content["groups"]:
            yield sha256_hex("\n".join([language, *phrases]).encode())[:16], language, phrases


def starter_rows() -> Iterator[dict[str, object]]:
    """The fields of a `Synonym` for every phrase of that list, groups numbered from 1: for migration 0003."""
    for number, (_name, language, phrases) in enumerate(starter_groups(), start=1):
        for phrase, key in keyed(phrases, language):
            yield {"language": language, "group": number, "phrase": phrase, "key": key}


def keyed(phrases: Sequence[str], language: str) -> list[tuple[str, str]]:
    """`phrases` with their keys, each key once."""
    found: dict[str, str] = {}
    for phrase in phrases:
        key = key_of(phrase, language)
        if key:
            found.setdefault(key, phrase)
    return [(phrase, key) for key, phrase in found.items()]
