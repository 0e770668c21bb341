"""Synonyms: groups of words and phrases that mean the same to people who search.

`data/synonyms.toml` holds the groups to begin with, general office vocabulary in English and French; a company adds
its own words to the table.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from procedures.search.analysis import stem, words

STARTER_FILE = Path(__file__).parent / "data" / "synonyms.toml"


def key_of(phrase: str, language: str) -> str:
    """What a phrase of the query is compared with: the stems of `phrase`, one space between them."""
    return " ".join(stem(word, language) for word in words(phrase))


def starter_rows() -> Iterator[dict[str, object]]:
    """The fields of a `Synonym` for every phrase of the starter list."""
    groups = tomllib.loads(STARTER_FILE.read_text(encoding="utf-8"))
    number = 0
    for language, phrase_groups in groups.items():
        for phrases in phrase_groups["groups"]:
            number += 1
            keys: set[str] = set()
            for phrase in phrases:
                key = key_of(phrase, language)
                if key not in keys:
                    keys.add(key)
                    yield {"language": language, "group": number, "phrase": phrase, "key": key}
