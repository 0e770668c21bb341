"""From what somebody typed to what is looked for: words, phrases, codes, and all that may stand for them."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from procedures.search.analysis import code_terms, fold, is_cjk, stem, words
from procedures.search.stopwords import STOP_WORDS, languages_of
from procedures.search.synonyms import key_of
from procedures.search.terms import Alternative, Terms, Unit
from procedures.search.vocabulary import MIN_HALF_LENGTH, Lookup, SynonymPhrase, look_up, nearest

MAX_QUERY_LENGTH = 300
MAX_WORDS = 12
MAX_SYNONYM_WORDS = 3
MAX_SYNONYMS = 16
MAX_CORRECTIONS = 3
UNEVEN = 1.5  # times as many texts with one form of a word as with another
RARE = 10  # a word that fewer texts have may be a slip all the same

CODE_WEIGHT = 2.0
SYNONYM_WEIGHT = 0.5
CORRECTION_WEIGHT = 0.8
COMPOUND_WEIGHT = 0.6
PREFIX_WEIGHT = 0.7

_QUOTED = re.compile(r"[\"“”«»„]\s*([^\"“”«»„]+?)\s*[\"“”«»„]")


@dataclass(frozen=True, slots=True)
class Guess:
    """An alternative that the person did not type, as it may be shown to them: "invoice" for "invocie".

    A `doubtful` one stands for a word that exists; it is meant for people who may read none of the texts that have it.
    """

    unit: int
    shown: str
    terms: Terms
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What to find: every unit if possible.

    `synonyms` name what is among the alternatives of the units already. `corrections` are candidates, best first, that
    the caller adds (`with_correction`) when texts that the person may read have them.
    """

    text: str
    units: tuple[Unit, ...]
    corrections: tuple[Guess, ...] = ()
    synonyms: tuple[Guess, ...] = ()
    texts: int = 0
    """About how many texts there are."""

    @property
    def terms(self) -> frozenset[str]:
        """Every index term that counts as a match, for marking the words of a snippet. Of a related phrase the long
        words: "d" and "not" of "note d'honoraires" would be marked wherever they stand."""
        exact = frozenset(term for unit in self.units for alternative in unit.exact for term in alternative.terms)
        guessed = [alternative.terms for unit in self.units for alternative in unit.guessed]
        return exact.union(
            term for terms in guessed for term in terms if len(terms) == 1 or len(term) > MIN_HALF_LENGTH
        )


def parse(query: str, *, language: str, typing: bool = False) -> ParsedQuery:
    """What `query` asks for. Costs one query on the vocabulary, none when nothing searchable was typed.

    language: of the person, used where the words themselves do not tell.
    typing: the last word may be unfinished.
    """
    text = " ".join(query.replace("\x00", " ")[:MAX_QUERY_LENGTH].split())
    phrases = [phrase for phrase in map(words, _QUOTED.findall(text)) if phrase][:MAX_WORDS]
    loose = words(_QUOTED.sub(" ", text))[:MAX_WORDS]
    if not loose and not phrases:
        return ParsedQuery(text, ())
    codes = code_terms(text)
    every = [*loose, *(word for phrase in phrases for word in phrase)]
    lookup = look_up(every, spelt=[*codes, *_halves(loose), *_joins(loose)], keys=_keys(loose, language))
    spoken = _spoken(every, lookup, language)
    return _Reader(lookup, spoken).read(text, loose, phrases, codes, typing=typing)


class _Reader:
    """Turns words into units with what one look-up said about them."""

    def __init__(self, lookup: Lookup, spoken: tuple[str, ...]) -> None:
        self.lookup = lookup
        self.spoken = spoken

    def read(
        self, text: str, loose: Sequence[str], phrases: Sequence[list[str]], codes: Sequence[str], *, typing: bool
    ) -> ParsedQuery:
        kept = self._without_stop_words(loose)
        corrections: list[Guess] = []
        units = [
            self._word_unit(number, loose[at], corrections, unfinished=typing and at == len(loose) - 1)
            for number, at in enumerate(kept)
        ]
        self._add_joins(units, loose, kept)
        self._add_codes(units, loose, kept, codes)
        synonyms = self._add_synonyms(units, loose, kept)
        units += [self._phrase_unit(phrase) for phrase in phrases]
        return ParsedQuery(text, tuple(units), tuple(corrections), tuple(synonyms), self.lookup.texts)

    def _without_stop_words(self, loose: Sequence[str]) -> list[int]:
        stops = frozenset().union(*(STOP_WORDS.get(language, frozenset()) for language in self.spoken))
        kept = [at for at, word in enumerate(loose) if word not in stops]
        return kept or list(range(len(loose)))

    def _word_unit(self, number: int, word: str, corrections: list[Guess], *, unfinished: bool) -> Unit:
        folded = fold(word)
        stems = self._stems(word)
        # An unknown word stands for itself: its stem may be a term of another language ("montly", French "mont").
        exact = self._forms(stems) or [Alternative((folded,))]
        guessed: list[Alternative] = []
        starting = [(known.stem,) for known in self.lookup.starting[folded]]
        if unfinished or (len(word) == 1 and is_cjk(word)):
            exact += [Alternative(terms) for terms in starting]
        elif not stems:
            guessed += [Alternative(terms, PREFIX_WEIGHT) for terms in starting]
            guessed += [Alternative(terms, COMPOUND_WEIGHT) for terms in self._compound(folded)]
        spoken = self._is_spoken(word)
        if not spoken or self._frequency(stems) < RARE:
            near = nearest(folded, self.lookup.near)[: 1 if spoken else MAX_CORRECTIONS]
            corrections += [Guess(number, known.folded, (known.stem,), doubtful=spoken) for known in near]
        return Unit(word, _unique(exact), _unique(guessed), rarity=self._rarity(stems), scarcity=self._scarcity(stems))

    def _stems(self, word: str) -> list[str]:
        """The index terms of `word`: of every known word spelt like it, and of its own inflection where it occurs."""
        spelt = {known.stem for known in self.lookup.spelt[fold(word)]}
        inflected = {term for language, term in self.lookup.stems if stem(word, language) == term}
        return sorted(spelt | inflected)

    def _forms(self, stems: Sequence[str]) -> list[Alternative]:
        frequencies = {term: self._frequency([term]) for term in stems}
        most = max(frequencies.values(), default=0)
        return [Alternative((term,), is_foreign=count * UNEVEN < most) for term, count in frequencies.items()]

    def _scarcity(self, stems: Sequence[str]) -> float:
        values = [self._value(self._frequency([term])) for term in stems]
        return max(values) / min(values) if values else 1.0

    def _value(self, frequency: int) -> float:
        """What BM25 makes of a term for its rarity: next to nothing for one that half of the texts have."""
        frequency = min(frequency, self.lookup.texts)
        return max(1e-6, math.log((self.lookup.texts - frequency + 0.5) / (frequency + 0.5)))

    def _is_spoken(self, word: str) -> bool:
        """Whether the language of the query has `word`: "equipement" is a word, but not in an English sentence."""
        return any(known.language in self.spoken for known in self.lookup.spelt[fold(word)]) or any(
            language in self.spoken and stem(word, language) == term for language, term in self.lookup.stems
        )

    def _frequency(self, stems: Sequence[str]) -> int:
        return sum(count for (_, term), count in self.lookup.stems.items() if term in stems)

    def _rarity(self, stems: Sequence[str]) -> float:
        return round(max(0.1, math.log(1 + (self.lookup.texts + 1) / (self._frequency(stems) + 1))), 3)

    def _compound(self, folded: str) -> list[Terms]:
        """The word as two known ones side by side: "grondwaterpeil" where texts say "grondwater" and "peil"."""
        found: list[Terms] = []
        for first, second in _split(folded):
            heads, tails = self.lookup.spelt[first], self.lookup.spelt[second]
            found += [(head.stem, tail.stem) for head in heads for tail in tails if head.language == tail.language]
        return found

    def _phrase_unit(self, phrase: list[str]) -> Unit:
        languages = sorted({known.language for word in phrase for known in self.lookup.spelt[fold(word)]})
        alternatives = [
            Alternative(tuple(stem(word, language) for word in phrase)) for language in languages or self.spoken
        ]
        return Unit(" ".join(phrase), _unique(alternatives), rarity=1.0 + math.log(1 + self.lookup.texts))

    def _add_joins(self, units: list[Unit], loose: Sequence[str], kept: Sequence[int]) -> None:
        """Two words that texts write as one: "time sheet" finds "timesheet"."""
        for first, second in pairwise(range(len(loose))):
            known = self.lookup.spelt[fold(loose[first] + loose[second])]
            joined = tuple(Alternative((term.stem,), CORRECTION_WEIGHT) for term in known)
            for at in (first, second):
                if joined and at in kept:
                    _guess_also(units, kept.index(at), joined)

    def _add_codes(self, units: list[Unit], loose: Sequence[str], kept: Sequence[int], codes: Sequence[str]) -> None:
        """A code is found by each word that it is made of: "fin-3" by "fin" and by "3", "fin003" by itself."""
        for code in codes:
            if not self.lookup.spelt[code]:
                continue
            for number, at in enumerate(kept):
                word = loose[at]
                if code_terms(word) == [code] or code.startswith(word) or code.endswith(word.lstrip("0") or "0"):
                    units[number] = replace(
                        units[number], exact=(*units[number].exact, Alternative((code,), CODE_WEIGHT))
                    )

    def _add_synonyms(self, units: list[Unit], loose: Sequence[str], kept: Sequence[int]) -> list[Guess]:
        shown: list[Guess] = []
        for first, size in _spans(len(loose)):
            positions = [kept.index(at) for at in range(first, first + size) if at in kept]
            if not positions:
                continue
            for own, group in self._groups_of(" ".join(loose[first : first + size])):
                others = [phrase for phrase in group if phrase.key not in own][:MAX_SYNONYMS]
                meant = [alternative for phrase in others for alternative in _meant_by(phrase)]
                for number in positions:
                    _guess_also(units, number, meant)
                shown += [Guess(positions[0], phrase.phrase, tuple(phrase.key.split(" "))) for phrase in others]
        return shown

    def _groups_of(self, typed: str) -> list[tuple[set[str], list[SynonymPhrase]]]:
        """The groups that have `typed` in a language of the query, each behind the keys that it has there.

        A group that spells it so wins over those that only share its stem: "paie" is not "paiement".
        """
        keys = {(language, key_of(typed, language)) for language in self.spoken}
        found: list[tuple[bool, set[str], list[SynonymPhrase]]] = []
        for group in self.lookup.synonyms.values():
            own = [phrase for phrase in group if (phrase.language, phrase.key) in keys]
            if own:
                is_spelt_so = any(fold(phrase.phrase) == fold(typed) for phrase in own)
                found.append((is_spelt_so, {phrase.key for phrase in own}, group))
        any_spelt_so = any(is_spelt_so for is_spelt_so, _, _ in found)
        return [(own, group) for is_spelt_so, own, group in found if is_spelt_so or not any_spelt_so]


def _meant_by(phrase: SynonymPhrase) -> list[Alternative]:
    """How texts may say `phrase`: in every form in its own language, as it is spelt in the others, where its stem may
    be another word ("note" is "not" in French texts)."""
    stems = tuple(phrase.key.split(" "))
    spelt = tuple(fold(word) for word in words(phrase.phrase))
    if stems == spelt:
        return [Alternative(stems, SYNONYM_WEIGHT)]
    own = Alternative(stems, SYNONYM_WEIGHT, language=phrase.language.split("-")[0])
    return [own, Alternative(spelt, SYNONYM_WEIGHT)]


def with_correction(query: ParsedQuery, correction: Guess) -> ParsedQuery:
    """`query` with `correction` counted as a match of its word."""
    units = list(query.units)
    _guess_also(units, correction.unit, [Alternative(correction.terms, CORRECTION_WEIGHT)])
    return replace(query, units=tuple(units))


def _guess_also(units: list[Unit], number: int, added: Sequence[Alternative]) -> None:
    units[number] = replace(units[number], guessed=_unique([*units[number].guessed, *added]))


def _spoken(typed: Sequence[str], lookup: Lookup, language: str) -> tuple[str, ...]:
    """The likely languages of the query: those that know most of its words; the person's own among equals."""
    counts = Counter(languages_of(list(typed)))
    for word in typed:
        counts.update({known.language.split("-")[0] for known in lookup.spelt[fold(word)]})
    if not counts:
        return (language,)
    most = max(counts.values())
    best = [spoken for spoken, count in counts.items() if count == most]
    return (language,) if language in best else tuple(sorted(best))


def _unique(alternatives: Sequence[Alternative]) -> tuple[Alternative, ...]:
    """`alternatives` without terms repeated for one language, the greatest weight kept, in their order."""
    best: dict[tuple[Terms, str], Alternative] = {}
    for alternative in alternatives:
        key = alternative.terms, alternative.language
        known = best.get(key)
        if known is None or known.weight < alternative.weight:
            best[key] = alternative
    return tuple(best.values())


def _split(word: str) -> list[tuple[str, str]]:
    return [(word[:at], word[at:]) for at in range(MIN_HALF_LENGTH, len(word) - MIN_HALF_LENGTH + 1)]


def _halves(loose: Sequence[str]) -> list[str]:
    return [half for word in loose for pair in _split(fold(word)) for half in pair]


def _joins(loose: Sequence[str]) -> list[str]:
    return [fold(first + second) for first, second in pairwise(loose)]


def _spans(length: int) -> list[tuple[int, int]]:
    """(start, number of words) of every run of words that may be a phrase with synonyms."""
    return [(first, size) for size in range(1, MAX_SYNONYM_WORDS + 1) for first in range(length - size + 1)]


def _keys(loose: Sequence[str], language: str) -> set[str]:
    return {
        key_of(" ".join(loose[first : first + size]), spoken)
        for first, size in _spans(len(loose))
        for spoken in {*STOP_WORDS, language}
    }
