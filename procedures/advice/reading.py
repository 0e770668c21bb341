"""How hard a text is to read, by a published formula per language. 100 is easy, 60 plain, 30 and less hard.

English: Flesch Reading Ease. R. Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948),
221-233: 206.835 - 1.015 x words per sentence - 84.6 x syllables per word.

French: Flesch's formula adapted by L. Kandel and A. Moles, "Application de l'indice de Flesch à la langue française",
Cahiers d'études de radio-télévision 19 (1958), 253-274: 207 - 1.015 x words per sentence - 73.6 x syllables per word.

Syllables are counted by their vowels, which is right for whole texts within a few per cent, not for single words.
"""

import re
from collections.abc import Iterable

from procedures.advice.findings import Sentence

HARD = {"en": 30.0, "fr": 30.0}
"""Below this a text is hard to read: university level in Flesch's table."""
FEWEST_WORDS = 60
"""A shorter text says too little about its level."""

_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
_ENGLISH_SILENT = re.compile(r"(?:[^laeiouy]es|[^aeiouytd]ed|[^laeiouy]e)$")
_FRENCH_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_FRENCH_HIATUS = re.compile(r"[aeo][éè]|é[aeo]|i[oé](?!n)|[aeiou]ï|oé")
_FRENCH_SILENT = re.compile(r"[^aeiouyàâéèêîôùûéœ](?:e|es|ent)$")


def words_of(text: str) -> list[str]:
    return _WORDS.findall(text)


def reading_ease(sentences: Iterable[Sentence], language: str) -> float | None:
    """The score of `sentences`; None when they have fewer than FEWEST_WORDS words or `language` has no formula."""
    counted = [words_of(sentence.text) for sentence in sentences]
    words = [word.lower() for sentence in counted for word in sentence]
    if language not in HARD or len(words) < FEWEST_WORDS:
        return None
    syllables = sum(count_syllables(word, language) for word in words)
    per_sentence, per_word = len(words) / len(counted), syllables / len(words)
    if language == "fr":
        return 207 - 1.015 * per_sentence - 73.6 * per_word
    return 206.835 - 1.015 * per_sentence - 84.6 * per_word


def count_syllables(word: str, language: str) -> int:
    """The syllables of a word in lower case, at least one; a French mute e at the end is not spoken."""
    if language == "fr":
        spoken = len(_FRENCH_VOWELS.findall(word)) + len(_FRENCH_HIATUS.findall(word))
        return max(1, spoken - bool(_FRENCH_SILENT.search(word)))
    return max(1, len(_ENGLISH_VOWELS.findall(word)) - bool(_ENGLISH_SILENT.search(word)))
