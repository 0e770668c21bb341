"""How good the rules are, measured on labelled sentences: precision and recall.

A file of labels is tab-separated: language, the rules that should speak (joined by ",", empty for none), sentence.
Each sentence is judged as the title of a step. Lines that start with "#" are remarks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from procedures.advice import sentences as rules
from procedures.advice.abbreviations import Abbreviations
from procedures.advice.findings import Rule
from procedures.advice.prose import read_line
from procedures.advice.wordlists import word_lists

JUDGED = (
    Rule.PASSIVE, Rule.ACTION_VERB, Rule.SEVERAL_ACTIONS, Rule.LONG_SENTENCE, Rule.VAGUE, Rule.PLAIN_WORDS,
    Rule.ABBREVIATION,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sentence, and the rules that a careful reader wants to hear from."""

    language: str
    expected: frozenset[Rule]
    text: str


@dataclass(slots=True)
class Tally:
    """Counts of one rule in one language. `wrong` and `missed` are the sentences of the false and missed findings."""

    right: int = 0
    silent: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of the findings, the share that is right; 1 when there are none."""
        found = self.right + len(self.wrong)
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """Of what should be found, the share that is; 1 when there is nothing."""
        wanted = self.right + len(self.missed)
        return self.right / wanted if wanted else 1.0

    @property
    def opposite(self) -> "Tally":
        """The same judgement the other way round: of the sentences in order, how many were left alone."""
        return Tally(right=self.silent, silent=self.right, wrong=self.missed, missed=self.wrong)


def read_labels(path: Path) -> list[Labelled]:
    """The sentences of a file of labels. Raises ValueError with the line when it does not fit."""
    labelled = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 3 or rules.grammar_of(parts[0]) is None:
            raise ValueError(f"{path.name}, line {number}: language, rules and sentence, apart by tabs")
        names = [name.strip() for name in parts[1].split(",") if name.strip()]
        unknown = set(names) - {rule.value for rule in JUDGED}
        if unknown:
            raise ValueError(f"{path.name}, line {number}: no such rule: {', '.join(sorted(unknown))}")
        labelled.append(Labelled(parts[0], frozenset(map(Rule, names)), parts[2].strip()))
    return labelled


def found_in(text: str, language: str) -> frozenset[Rule]:
    """The rules that speak about `text` as the title of a step, each by itself."""
    grammar = rules.grammar_of(language)
    if grammar is None:
        return frozenset()
    return frozenset(find for find in _rules_on(text, grammar))


def _rules_on(text: str, grammar: rules.Grammar) -> Iterator[Rule]:
    abbreviations = Abbreviations(word_lists(grammar.language), accepted=[], explaining="", texts=[text])
    read = read_line(text).sentences
    for index, sentence in enumerate(read):
        finds = [
            *rules.passive(grammar, sentence),
            *(rules.action_verb(grammar, sentence) if index == 0 else ()),
            *rules.several_actions(grammar, sentence, in_title=True, before=read[:index]),
            *rules.long_sentence(grammar, sentence),
            *rules.vague(grammar, sentence),
            *rules.plain_words(grammar, sentence),
            *abbreviations.finds(sentence),
        ]
        yield from (find.rule for find in finds)


def tally(labelled: Iterable[Labelled]) -> dict[tuple[str, Rule], Tally]:
    """The tallies of `labelled` by language and rule."""
    tallies: dict[tuple[str, Rule], Tally] = {}
    for row in labelled:
        found = found_in(row.text, row.language)
        for rule in JUDGED:
            counts = tallies.setdefault((row.language, rule), Tally())
            match rule in found, rule in row.expected:
                case True, True:
                    counts.right += 1
                case True, False:
                    counts.wrong.append(row.text)
                case False, True:
                    counts.missed.append(row.text)
                case _:
                    counts.silent += 1
    return tallies
