"""Alphabetical order as people expect it, in Python: SQLite and PostgreSQL put accents in different places.

An accent counts only between words that are equal without it, capitals only after that: "école" stands between
"early" and "edge", in English and in French alike, and the same in every database.
"""

import unicodedata
from collections.abc import Iterable
from typing import TypeVar

Row = TypeVar("Row")

OTHER = "#"
"""The heading of what begins with a digit, a sign, or a letter of another script than ours."""

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


def sort_key(text: str) -> tuple[str, str, str]:
    """What `text` is ordered by: its letters without accents, then with them, then with capitals."""
    folded = text.casefold().translate(_LIGATURES)
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(sign))
    words = "".join(sign if sign.isalnum() else " " for sign in letters)
    return (" ".join(words.split()), folded, text)


def by_name(rows: Iterable[Row]) -> list[Row]:
    """`rows` in the order of what they are called: people, departments, roles, shelves."""
    return sorted(rows, key=lambda row: sort_key(str(row)))


def initial_of(text: str) -> str:
    """The capital letter from A to Z under which `text` stands in an alphabetical list, else OTHER."""
    first = sort_key(text)[0][:1].upper()
    return first if first.isascii() and first.isalpha() else OTHER
