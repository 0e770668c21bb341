"""What is searched for: words of the seeded texts that stand in some of the documents, not in all."""

import tomllib

from benchmarking.processes import ROOT

EVERYBODYS = 12
"""So many nouns stand in nearly every text (`GENERAL_NOUNS` of the seeding): nobody looks for these alone."""

MIN_TYPO_LENGTH = 6
QUERIES = 24


def questions() -> dict[str, list[str]]:
    """Kind of question → the queries to ask in turn; the words are in 2 to 10 % of the English texts."""
    words = tomllib.loads((ROOT / "procedures/seeding/words.toml").read_text(encoding="utf-8"))
    nouns = words["en"]["nouns"].split()
    rare = [noun for noun in nouns[EVERYBODYS:] if len(noun) >= MIN_TYPO_LENGTH]
    chosen = rare[:: len(rare) // QUERIES][:QUERIES]
    return {
        "one term": chosen,
        "two terms": [f"{word} {nouns[at % EVERYBODYS]}" for at, word in enumerate(chosen)],
        "typo": [_mistyped(word) for word in chosen],
        "suggestion": [word[: 2 + at % 4] for at, word in enumerate(chosen)],
    }


def _mistyped(word: str) -> str:
    """Two letters in the middle change places; a double letter gets a third."""
    middle = len(word) // 2
    if word[middle] == word[middle - 1]:
        return word[:middle] + word[middle - 1] + word[middle:]
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]
