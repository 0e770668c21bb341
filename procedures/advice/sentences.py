"""The rules on one sentence. Which of them are asked depends on the field: see `procedures.advice.engine`."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Protocol

from procedures.advice.english import English
from procedures.advice.findings import Find, Rule, Sentence
from procedures.advice.french import French
from procedures.advice.prose import OPAQUE
from procedures.advice.reading import words_of
from procedures.advice.wordlists import word_lists

ACTIONS_IN_TEXT = 3
"""So many actions in one sentence of a text are a list; a title holds one."""
_NO_ACTION = re.compile(
    r"(?:be|take care|take note|make sure|note that|see|remember|ensure|wait|notez que|voir|voyez|attention|veillez"
    r"|veiller|assurez|s['’]assurer|attendez|attendre)\b|(?:do not|don['’]t|never|ne|n['’])",
    re.IGNORECASE,
)
"""A second sentence that begins like this says how, not what else."""
_NEED = re.compile(r"\s+[^\W\d_]")
_AS_SOON_AS = re.compile(r"\bas\s+$", re.IGNORECASE)


class Grammar(Protocol):
    """What a language knows; the methods are explained in `english` and `french`."""

    @property
    def language(self) -> str: ...
    @property
    def longest_sentence(self) -> int: ...
    def passives(self, sentence: Sentence) -> Iterator[Find]: ...
    def starts_with_verb(self, text: str) -> bool: ...
    def actions(self, sentence: Sentence) -> list[int]: ...
    def imperative(self, text: str, role: str, *, as_infinitive: bool = True) -> str | None: ...
    def active(
        self, text: str, role: str, roles: frozenset[str], *, in_step: bool, as_infinitive: bool = True
    ) -> str | None: ...


@cache
def grammar_of(language: str) -> Grammar | None:
    """The grammar of `language` ("fr", "fr-ca"); None where there are only the rules without language."""
    match language.split("-")[0].lower():
        case "en":
            return English()
        case "fr":
            return French()
        case _:
            return None


def passive(
    grammar: Grammar,
    sentence: Sentence,
    *,
    role: str = "",
    roles: frozenset[str] = frozenset(),
    in_step: bool = True,
    as_infinitive: bool = True,
) -> Iterator[Find]:
    """The first passive of a sentence, with the sentence turned round where that surely says the same."""
    for find in grammar.passives(sentence):
        if sentence.is_quiet(find.start, find.end):
            continue
        rewrite = grammar.active(sentence.text, role, roles, in_step=in_step, as_infinitive=as_infinitive)
        yield Find(Rule.PASSIVE, find.start, find.end, rewrite=rewrite, whole=True)
        return


def action_verb(grammar: Grammar, sentence: Sentence, *, role: str = "", as_infinitive: bool = True) -> Iterator[Find]:
    """A title that does not begin with what to do. A question is left alone."""
    text = sentence.text
    if text.rstrip().endswith("?") or grammar.starts_with_verb(text):
        return
    if text[0] == OPAQUE or sentence.is_quiet(0, 1) and sentence.is_quiet(0, len(text)):
        return
    yield Find(
        Rule.ACTION_VERB, 0, len(text), rewrite=grammar.imperative(text, role, as_infinitive=as_infinitive), whole=True
    )


def several_actions(
    grammar: Grammar, sentence: Sentence, *, in_title: bool, before: list[Sentence] | None = None
) -> Iterator[Find]:
    """Two actions in a title, in one sentence or with those `before` it; three in a sentence of a text."""
    places = grammar.actions(sentence)
    if (
        places
        and before
        and places[0] == 0
        and not _NO_ACTION.match(sentence.text)
        and any(grammar.starts_with_verb(other.text) for other in before)
    ):
        yield Find(Rule.SEVERAL_ACTIONS, places[0], len(sentence.text), detail=str(len(places) + 1))
        return
    if len(places) >= (2 if in_title else ACTIONS_IN_TEXT):
        yield Find(Rule.SEVERAL_ACTIONS, places[1], len(sentence.text), detail=str(len(places)))


def long_sentence(grammar: Grammar, sentence: Sentence) -> Iterator[Find]:
    count = len(words_of(sentence.text)) + sentence.text.count(OPAQUE)
    if count > grammar.longest_sentence:
        yield Find(Rule.LONG_SENTENCE, 0, len(sentence.text), detail=str(count))


def vague(grammar: Grammar, sentence: Sentence) -> Iterator[Find]:
    """The first vague expression of a sentence."""
    found = []
    for kind in word_lists(grammar.language).vague:
        for match in kind.pattern.finditer(sentence.text):
            before, after = sentence.text[: match.start()], sentence.text[match.end() :]
            means_need = match[0].lower() == "au besoin" and _NEED.match(after)
            if not (sentence.is_quiet(*match.span()) or _AS_SOON_AS.search(before) or means_need):
                found.append(Find(Rule.VAGUE, match.start(), match.end(), detail=kind.kind))
    yield from sorted(found, key=lambda find: (find.start, -find.end))[:1]


def plain_words(grammar: Grammar, sentence: Sentence, *, accepted: frozenset[str] = frozenset()) -> Iterator[Find]:
    """Every expression that has a plainer one; `accepted` are words of the glossary in lower case."""
    lists = word_lists(grammar.language)
    for match in lists.plain_pattern.finditer(sentence.text):
        words = match[0].lower().replace("’", "'")
        if words in accepted or sentence.is_quiet(*match.span()):
            continue
        plain = lists.plain[words]
        if plain and match[0][0].isupper():
            plain = plain[0].upper() + plain[1:]
        yield Find(Rule.PLAIN_WORDS, match.start(), match.end(), detail=plain.strip(), rewrite=plain or None)
