"""What is kept of the words of a search: without what looks like personal data, and in one form for all spellings."""

import re

from procedures.search.analysis import fold, stem, words
from procedures.search.stopwords import STOP_WORDS

MAX_LENGTH = 300
HIDDEN = "…"

_ADDRESS = re.compile(r"\S+@\S+")
_ACCOUNT = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?(?=\w*\d)\w{4}){2,8}(?: ?\d{1,3})?\b")
_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[ ./()-]?\d){5,}(?!\w)")


def without_personal_data(typed: str) -> str:
    """`typed` with e-mail addresses, bank accounts and numbers of six digits and more left out. Names of people cannot
    be told from other words and stay."""
    line = " ".join(typed.replace("\x00", " ")[:MAX_LENGTH].split())
    for personal in (_ADDRESS, _ACCOUNT, _NUMBER):
        line = personal.sub(HIDDEN, line)
    return line


def form_of(typed: str, language: str) -> str:
    """The stems of the words of `typed` in the order of the alphabet, words like "the" left out while others remain;
    empty when there is none. "Paid invoices" and "invoice, paid" have one form."""
    found = words(typed)
    telling = [word for word in found if word not in STOP_WORDS.get(language, frozenset())] or found
    return " ".join(sorted({stem(word, language) for word in telling}))[:MAX_LENGTH]


def continues(typed: str, before: str) -> bool:
    """Whether `typed` is the same search as `before` a few keys later: one begins with the other."""
    now, then = fold(typed), fold(before)
    return now.startswith(then) or then.startswith(now)
