"""Abbreviations that a document does not explain."""

import re
from collections.abc import Collection, Iterable, Iterator

from procedures.advice.findings import Find, Rule, Sentence
from procedures.advice.wordlists import WordLists

_ABBREVIATION = re.compile(
    r"(?<![\w./@#&-])[A-ZÀ-Þ](?:[A-ZÀ-Þ]|\d(?=[A-ZÀ-Þ])|(?<=[A-Z])&(?=[A-Z])){1,4}s?(?![\w/@#-]|\.\w|\.[a-z])"
)
_ONE = r"[A-ZÀ-Þ][A-ZÀ-Þ0-9&]{1,5}s?"
_INTRODUCED = re.compile(
    rf"\((?:[^()]{{0,60}}?[\s,;:«“\"])?(?P<inside>{_ONE})[»”\"]?(?:[\s,;:][^()]{{0,40}})?\)"
    rf"|(?P<before>\b{_ONE})\s*"
    rf"(?:\([^()]*[a-zà-ÿ]{{3}}[^()]*\)|[:=–—]\s|\bmeans\b|\bstands for\b|\bsignifie\b|\bdésigne\b)"
)
"""« customer relations management (CRM) », "CRM (customer relations management)", "CRM: …"."""


class Abbreviations:
    """What a document may use without explaining it; it is asked sentence by sentence and names each one once."""

    def __init__(self, lists: WordLists, *, accepted: Iterable[str], explaining: str, texts: Collection[str]) -> None:
        """accepted: terms of the glossary, names of tools and roles. explaining: the document's own definitions.
        texts: all texts of the document, of which those matter that put an abbreviation in brackets."""
        words = {
            word for term in accepted for word in re.findall(r"[\w&]+", term) if word.upper() == word or word == term
        }
        words |= set(re.findall(r"[\w&]+", explaining))
        for text in texts:
            for match in _INTRODUCED.finditer(text):
                words.add(match["inside"] or match["before"])
        self._accepted = {word.removesuffix("s") if word[:-1].isupper() else word for word in words}
        self._accepted |= lists.known_abbreviations | lists.capitals
        self._named: set[str] = set()

    def finds(self, sentence: Sentence) -> Iterator[Find]:
        """The abbreviations of `sentence` that nothing explains and that were not named before."""
        if _is_shouted(sentence.text):
            return
        for match in _ABBREVIATION.finditer(sentence.text):
            word = match[0].removesuffix("s")
            if (
                word in self._accepted
                or word in self._named
                or sentence.is_quiet(*match.span())
                or _is_plain_word(match, sentence.text)
            ):
                continue
            self._named.add(word)
            yield Find(Rule.ABBREVIATION, match.start(), match.end())


def _is_shouted(text: str) -> bool:
    """Whether the sentence is written in capitals for emphasis, abbreviations or not."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    return len(words) > 1 and sum(word.isupper() for word in words) * 2 > len(words)


def _is_plain_word(match: re.Match[str], text: str) -> bool:
    """Whether a neighbour is in capitals too ("DO NOT OPEN"), or it is a Roman number or a code ("AB 12")."""
    before, after = text[: match.start()].split()[-1:], text[match.end() :].split()[:1]
    neighbours = [word.strip(".,;:!?()") for word in (*before, *after)]
    if any(len(word) > 1 and word.isalpha() and word.isupper() for word in neighbours):
        return True
    return bool(re.fullmatch(r"[IVXLC]+", match[0])) or bool(
        after and re.match(r"\d", after[0]) and text[match.end() : match.end() + 1] == " "
    )
