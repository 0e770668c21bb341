"""French: passive voice, the verb at the start of a step, several actions in one step."""

import re
from collections.abc import Iterator
from functools import cached_property

from procedures.advice import french_patterns as patterns
from procedures.advice.findings import Find, Rule, Sentence
from procedures.advice.french_rewriting import FrenchRewriting
from procedures.advice.prose import OPAQUE
from procedures.advice.wordlists import WordLists, word_lists

MOST_CONDITIONS = 3
"""So many conditions may stand before the verb: « Le soir, s'il pleut, fermer la fenêtre »."""


class French:
    """The grammar of French, as far as these rules need it, over the lists of `words/fr.toml`."""

    language = "fr"
    longest_sentence = 30

    @cached_property
    def lists(self) -> WordLists:
        return word_lists("fr")

    @cached_property
    def verbs(self) -> frozenset[str]:
        return self.lists.words["verbs"]

    @cached_property
    def forms(self) -> dict[str, frozenset[str]]:
        """The lists of participles with all their forms: moves, states, participles …"""
        names = (
            "participles", "moves", "states", "always_states", "states_by_things", "states_in_conditions",
            "states_to_reach",
        )  # fmt: skip
        return {name: frozenset(form for word in self.lists.words[name] for form in _agreed(word)) for name in names}

    @cached_property
    def rewriting(self) -> FrenchRewriting:
        return FrenchRewriting(self.lists)

    @cached_property
    def passive_pattern(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?<![\w-])(?P<aux>{patterns.ETRE}){patterns.ADVERBS}\s+"
            rf"(?P<participle>[{patterns.L}]+-?[{patterns.L}]*)\b(?P<par>\s+par\b)?",
            re.IGNORECASE,
        )

    def passives(self, sentence: Sentence) -> Iterator[Find]:
        """Forms of « être » with a past participle; states, reflexives and verbs of movement left out."""
        for match in self.passive_pattern.finditer(sentence.text):
            if self._is_passive(sentence.text, match):
                yield Find(Rule.PASSIVE, match.start(), match.end("participle"))

    def _is_passive(self, text: str, match: re.Match[str]) -> bool:
        forms, words = self.forms, self.lists.words
        participle, before, behind = match["participle"].lower(), text[: match.start()], text[match.end() :]
        has_par = bool(match["par"]) and not patterns.NOT_AN_AGENT.match(text, match.end("participle"))
        if not (self._is_participle(participle) or (has_par and patterns.PARTICIPLE_LIKE.search(participle))):
            return False
        if participle in words["no_participles"] | forms["always_states"]:
            return False
        if patterns.REFLEXIVE.search(before) or patterns.IDIOM.match(text, match.start("participle")):
            return False
        aux = match["aux"].lower()
        if participle in forms["moves"] and aux != "été":
            return False
        if (aux == "été" and not patterns.AVOIR.search(before)) or (aux == "être" and before.endswith("peut-")):
            return False
        after_modal = aux in ("être", "été")
        is_state = participle in forms["states"] or self._is_result(text, match)
        if has_par:
            may_be_state = not after_modal and participle in forms["states_by_things"]
            return not may_be_state or self._is_somebody(text, match.end("participle"))
        if is_state and not patterns.KEPT_UP.match(behind):
            return (
                aux == "été" or (aux == "être" and participle in forms["states_to_reach"]) or self._happens(text, match)
            )
        if not after_modal and patterns.STATE.match(text, match.start("participle")):
            return self._happens(text, match)
        in_condition = aux in ("est", "sont", "soit", "soient") and patterns.CONDITION.search(before)
        between = text[match.end("aux") : match.start("participle")]
        is_result = participle in forms["states_in_conditions"] and not patterns.HAPPENS_BETWEEN.search(between)
        return not (in_condition and is_result)

    def _is_participle(self, word: str) -> bool:
        participles = self.forms["participles"]
        return (
            bool(patterns.PARTICIPLE_IN_E.match(word))
            or word in participles
            or patterns.RENEWED.sub("", word) in participles
        )

    def _is_result(self, text: str, match: re.Match[str]) -> bool:
        """Whether the sentence says no more than what came out: « La pelleteuse est louée. »"""
        return (
            match["aux"].lower() in ("est", "sont")
            and match["participle"].lower() in self.forms["states_in_conditions"]
            and bool(patterns.NOTHING_BEHIND.match(text, match.end()))
            and bool(patterns.CERTAIN.search(text[: match.start()]))
        )

    def _is_somebody(self, text: str, position: int) -> bool:
        """Whether what follows « par » can act; un couloir cannot, in « reliés par un couloir »."""
        words = self.lists.words
        match = patterns.AGENT.match(text, position)
        for name in re.split(r"[\s'’]+", match["agent"].strip()) if match else ():
            word = name.lower()
            if {word, word.removesuffix("s")} & (words["agents"] | words["somebody"]):
                return True
            if name[:1].isupper() or patterns.ACTS.search(word):
                return True
        return False

    def _happens(self, text: str, match: re.Match[str]) -> bool:
        """Whether the sentence tells when or how: « est verrouillé chaque soir » is no state."""
        before, behind = text[: match.start()], text[match.end("participle") :]
        in_condition = match["aux"].lower() in ("est", "sont") and patterns.CONDITION.search(before)
        if in_condition or patterns.TO_DO.match(behind):
            return False
        between = text[match.end("aux") : match.start("participle")]
        clause = patterns.CLAUSE_ENDS.split(behind, maxsplit=1)[0]
        return bool(
            patterns.HAPPENS.search(clause)
            or patterns.HAPPENS_BETWEEN.search(between)
            or patterns.HAPPENS_FIRST.search(before)
        )

    # The verb at the start -----------------------------------------------------------------------------------

    def starts_with_verb(self, text: str) -> bool:
        """Whether `text` tells somebody to do something: a verb in the imperative or the infinitive."""
        return self._verb_at(text) is not None

    def _verb_at(self, text: str) -> int | None:
        """Where the verb stands that `text` begins with; labels, conditions and adverbs are left aside."""
        place = self._bare_verb_at(text)
        if place is not None:
            return place
        label = patterns.LABEL.match(text)
        if label and label.end() < len(text):
            place = self._bare_verb_at(text[label.end() :])
            return None if place is None else label.end() + place
        return None

    def _bare_verb_at(self, text: str, conditions: int = MOST_CONDITIONS) -> int | None:
        position = patterns.NO_LETTERS.match(text).end()  # type: ignore[union-attr]
        if conditions and (condition := patterns.CONDITION_FIRST.match(text[position:])):
            place = self._bare_verb_at(text[position + condition.end() :], conditions - 1)
            if place is not None:
                return position + condition.end() + place
        if polite := patterns.POLITE.match(text, position):
            has_verb = conditions and self._bare_verb_at(text[polite.end() :], conditions - 1) is not None
            return position if has_verb else None
        has_pronoun = False
        while lead := patterns.LEAD.match(text[position:]):
            has_pronoun = bool(patterns.PRONOUN.match(lead[0]))
            position += lead.end()
        match = patterns.WORD.match(text, position)
        if match and self._is_verb(
            match[0].lower(), text[match.end() :], has_pronoun=has_pronoun, after_condition=conditions < MOST_CONDITIONS
        ):
            return position
        return None

    def _is_verb(self, word: str, rest: str, *, has_pronoun: bool, after_condition: bool) -> bool:
        """Whether `word`, the first of a sentence that goes on with `rest`, is an instruction.

        Behind a pronoun, « le vérifier », only an infinitive is one; « le vérifiez » is not.
        """
        words = self.lists.words
        if word == "rendez-vous" and patterns.APPOINTMENT.match(rest):
            return False
        stem = patterns.PRONOUN_BEHIND.sub("", word)
        if patterns.INFINITIVE.search(stem):
            has_object = has_pronoun and after_condition and patterns.NOTHING_BEHIND.match(rest)
            return self._is_infinitive(stem, rest) or (bool(has_object) and stem not in words["not_verbs"])
        if has_pronoun:
            return False
        if stem.endswith("ez"):
            return stem not in words["not_imperatives"]
        if stem in words["imperatives"]:
            return True
        if stem.endswith("ons") and f"{stem[:-3]}er" in self.verbs:
            return bool(patterns.WE_OBJECT.match(rest))
        is_verb = stem.endswith("e") and f"{stem}r" in self.verbs and stem not in self.lists.pairs["nominalisations"]
        return is_verb and bool(patterns.YOU_OBJECT.match(rest))

    def _is_infinitive(self, stem: str, rest: str) -> bool:
        """Whether `stem`, which ends like an infinitive, is one; by the lists, else by its ending and its object."""
        if stem in self.lists.words["not_verbs"]:
            return stem in self.verbs and bool(patterns.SURE_OBJECT.match(rest))
        if stem in self.verbs or patterns.PREFIX.sub("", stem) in self.verbs:
            return not patterns.PREDICATE.match(rest)
        if patterns.SURE_INFINITIVE.search(stem):
            return True
        if patterns.NOUN_ENDING.search(stem) or len(stem) < 5 or not patterns.OBJECT.match(rest):
            return False
        return not (patterns.OF if stem.endswith("er") else patterns.OF_OR_TO).match(rest)

    # Several actions -----------------------------------------------------------------------------------------

    def actions(self, sentence: Sentence) -> list[int]:
        """Where the verbs stand that tell somebody to do something; one object for two verbs makes one action."""
        text = sentence.text
        first = self._verb_at(text)
        if first is None:
            return []
        wants_ez = bool(patterns.EZ.match(text, first))
        places = [first]
        for joint in patterns.JOINT.finditer(text, first):
            place = joint.end()
            while (lead := patterns.LEAD.match(text[place:])) and not patterns.OBJECT_PRONOUN.match(lead[0].strip()):
                place += lead.end()
            clitic = patterns.CLITIC.match(text, place)
            word = patterns.WORD.match(text, clitic.end() if clitic else place)
            if not word or sentence.is_quiet(place, word.end()):
                continue
            between = text[places[-1] : joint.start()]
            is_free = (
                wants_ez or clitic or patterns.STRONG_JOINT.search(joint[0]) or not patterns.DEPENDS.search(between)
            )
            if (
                is_free
                and not self._shares_object(between)
                and self._is_second_verb(
                    word[0].lower(), text[word.end() :], wants_ez=wants_ez, has_clitic=bool(clitic)
                )
            ):
                places.append(place)
        return places

    def _shares_object(self, between: str) -> bool:
        """Whether nothing but verbs stands in `between`: « dater et signer le formulaire »."""
        words = [match[0].lower() for match in patterns.WORD.finditer(between)]
        return all(word in self.verbs or word.endswith("ez") for word in words)

    def _is_second_verb(self, word: str, rest: str, *, wants_ez: bool, has_clitic: bool) -> bool:
        """A verb in the middle, in the mood of the first one."""
        words = self.lists.words
        stem = patterns.PRONOUN_BEHIND.sub("", word)
        if wants_ez:
            return (stem.endswith("ez") and stem not in words["not_imperatives"]) or stem in words["imperatives"]
        if stem not in self.verbs or stem in words["not_verbs"]:
            return False
        return has_clitic or not rest.strip(" .") or bool(patterns.OBJECT.match(rest))

    # Rewriting -----------------------------------------------------------------------------------------------

    def imperative(self, text: str, role: str, *, as_infinitive: bool = True) -> str | None:
        """`text` as an instruction to whoever has `role`, where that is surely the same; else None."""
        return self.rewriting.imperative(text, role, as_infinitive=as_infinitive)

    def active(
        self, text: str, role: str, roles: frozenset[str], *, in_step: bool, as_infinitive: bool = True
    ) -> str | None:
        """`text` without its passive, where that surely says the same; else None. `roles` are known to act."""
        count = sum(self._is_passive(text, match) for match in self.passive_pattern.finditer(text))
        has_one = OPAQUE not in text and count == 1
        return self.rewriting.active(text, role, roles, in_step=in_step, may_turn=has_one, as_infinitive=as_infinitive)


def _agreed(word: str) -> tuple[str, ...]:
    """The four forms of a participle or adjective."""
    if word.endswith("e"):
        return (word, f"{word}s")
    plural = word if word.endswith("s") else f"{word}s"
    feminine = f"{word.replace('û', 'u')}e"
    return (word, plural, feminine, f"{feminine}s")
