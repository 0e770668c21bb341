"""How text becomes index terms: one analyser for both databases, so that both find the same procedures.

A word is lower-cased, stemmed in the language of its document, and only then stripped of accents: the French stemmer
needs the accents that readers leave out when they type. What nobody can spell twice the same way is made one here:
thousands ("10,000", "10 000", "10k"), joined words ("e-mail"), codes ("FIN-014", "fin 14").
"""

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

MAX_WORD_LENGTH = 64
STEMMERS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
}
"""Snowball's algorithm for each language that has one; text in any other language is indexed as it is spelt."""

_WORD = re.compile(r"[^\W_]+")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3})((?:[,. \u00a0\u202f]\d{3})+)(?!\d)(?![.,]\d)")
_KILO = re.compile(r"(\d{1,6})k")
_JOINED = re.compile(r"(?<![\w-])([^\W\d_]+)[-\u2010\u2011]([^\W\d_]+)(?![\w-])")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
_LIGATURE = re.compile(f"[{''.join(_LIGATURES)}]")
_MARKS = [chr(at) for at in (*range(0x300, 0x3100), *range(0xFE20, 0xFE30)) if unicodedata.combining(chr(at))]
_MARK = re.compile(f"[{''.join(_MARKS)}]")
_CODE = re.compile(r"\b([a-z][a-z0-9]*(?=[-_ ][0-9])|[a-z]+)[-_ ]?0*([0-9]{1,9})\b", re.IGNORECASE)
_MARKUP_TARGETS = re.compile(r"\]\([^()\s]*(?:\([^()]*\))?[^()]*\)|\bhttps?://\S+|<[^<>]{1,200}>")


def plain(markdown: str) -> str:
    """`markdown` without addresses and tags: what a reader sees, near enough for searching."""
    return _MARKUP_TARGETS.sub(lambda match: "] " if match[0].startswith("]") else " ", markdown)


def words(text: str, *, with_ends: bool = False) -> list[str]:
    """The words of `text` in lower case, accents kept, in order; a run of CJK characters as overlapping pairs.

    with_ends: also the last character of each run by itself, as an index needs it that is asked for one character.
    """
    text = _THOUSANDS.sub(lambda match: match[1] + re.sub(r"\D", "", match[2]), unicodedata.normalize("NFC", text))
    found: list[str] = []
    for word in _WORD.findall(text.lower()):
        if word.isascii():
            kilo = _KILO.fullmatch(word)
            found.append(f"{kilo[1]}000" if kilo else word[:MAX_WORD_LENGTH])
        elif _CJK.search(word):
            found += _with_pairs(word, with_ends=with_ends)
        else:
            found.append(word[:MAX_WORD_LENGTH])
    return found


def joined_words(text: str) -> list[str]:
    """The words that `text` writes with one hyphen, spelt without it: "e-mail" is also "email"."""
    return [first.lower() + second.lower() for first, second in _JOINED.findall(unicodedata.normalize("NFC", text))]


def fold(text: str) -> str:
    """`text` in lower case without accents and ligatures."""
    text = text.lower()
    if text.isascii():
        return text
    # Patterns, because str.translate looks every letter up, and a long text has few that it is about.
    text = unicodedata.normalize("NFKD", _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text))
    return _MARK.sub("", text)


def stem(word: str, language: str) -> str:
    """The index term of `word`, lower case and accents as typed, in a text in `language` ("en", "pt-br")."""
    return _stem(word, language.split("-")[0])


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    stemmer = _stemmer(language)
    return fold(stemmer.stemWord(word) if stemmer else word)[:MAX_WORD_LENGTH]


def code_terms(text: str) -> list[str]:
    """The codes in `text` in the one spelling under which they are indexed: "fin14" for "FIN-014" and "fin 14"."""
    return [f"{letters}{digits}" for letters, digits in _CODE.findall(text.lower())]


def is_cjk(text: str) -> bool:
    """Whether `text` has characters of a script that puts no space between its words."""
    return not text.isascii() and bool(_CJK.search(text))


def _with_pairs(word: str, *, with_ends: bool) -> list[str]:
    """`word` cut into CJK runs, as overlapping pairs of characters, and whatever stands between them."""
    parts: list[str] = []
    at = 0
    for run in _CJK.finditer(word):
        if run.start() > at:
            parts.append(word[at : run.start()][:MAX_WORD_LENGTH])
        characters = run[0]
        parts += [characters[i : i + 2] for i in range(len(characters) - 1)]
        if with_ends or len(characters) == 1:
            parts.append(characters[-1])
        at = run.end()
    if at < len(word):
        parts.append(word[at:][:MAX_WORD_LENGTH])
    return parts


_local = threading.local()


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    """The thread's own stemmer: one object must not serve two threads at once."""
    if language not in STEMMERS:
        return None
    stemmers = _local.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(STEMMERS[language])
    return stemmers[language]
