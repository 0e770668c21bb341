"""English: passive voice, the verb at the start of a step, several actions in one step."""

import re
from collections.abc import Iterator
from functools import cached_property

from procedures.advice import english_patterns as patterns
from procedures.advice.english_rewriting import EnglishRewriting, regular_participles
from procedures.advice.findings import Find, Rule, Sentence
from procedures.advice.prose import OPAQUE
from procedures.advice.wordlists import WordLists, word_lists

MOST_CONDITIONS = 3
"""So many conditions may stand before the verb: "After work, if it rains, close the window"."""


class English:
    """The grammar of English, as far as these rules need it, over the lists of `words/en.toml`."""

    language = "en"
    longest_sentence = 25

    @cached_property
    def lists(self) -> WordLists:
        return word_lists("en")

    @cached_property
    def verbs(self) -> frozenset[str]:
        listed = self.lists.words["verbs"]
        return listed | {verb[:-3] + "ize" for verb in listed if verb.endswith("ise")}

    @cached_property
    def base_of(self) -> dict[str, str]:
        """Past participle → base form, regular ones made from the list of verbs."""
        irregular = {participle: verb for verb, participle in self.lists.pairs["irregular"].items()}
        return {form: verb for verb in self.verbs for form in regular_participles(verb)} | irregular

    @cached_property
    def rewriting(self) -> EnglishRewriting:
        return EnglishRewriting(self.lists, self.verbs, self.base_of)

    @cached_property
    def passive_pattern(self) -> re.Pattern[str]:
        irregular = "|".join(sorted({*self.lists.pairs["irregular"].values()} - {"become", "been", "got", "meant"}))
        return re.compile(
            rf"\b(?:(?P<be>{patterns.BE})|(?P<get>{patterns.GET})){patterns.ADVERBS}\s+"
            rf"(?!present\b)"
            rf"(?P<participle>[a-z]+(?:-[a-z]+)?ed|(?:re|over|un|mis|hand|hard|pre)?-?(?:{irregular}))\b"
            rf"(?P<by>\s+by\b)?(?!['’]s\b)",
            re.IGNORECASE,
        )

    def passives(self, sentence: Sentence) -> Iterator[Find]:
        """Forms of "be" or "get" with a past participle, states left out."""
        for match in self.passive_pattern.finditer(sentence.text):
            if self._is_passive(sentence.text, match):
                yield Find(Rule.PASSIVE, match.start(), match.end("participle"))

    def _is_passive(self, text: str, match: re.Match[str]) -> bool:
        words = self.lists.words
        participle, before = match["participle"].lower(), text[: match.start()]
        has_agent = bool(match["by"]) and not patterns.NOT_AN_AGENT.match(text, match.end("participle"))
        if match["get"]:
            states = words["not_after_get"] | words["always_states"]
            return (participle not in states or has_agent) and (participle in self.base_of or participle.endswith("ed"))
        if participle in words["always_states"] and not has_agent:
            return False
        if patterns.IDIOM.match(text, match.start("participle")):
            return False
        after_modal = bool(patterns.MODAL.search(before)) or match["be"].lower() in ("be", "been", "being")
        is_state = self._is_state(participle) or self._is_result(text, match)
        if has_agent and participle in words["states_by_things"] | words["always_states"]:
            has_agent = self._is_somebody(text, match.end("participle"))
            is_state = is_state or not has_agent
        if has_agent:
            return True
        if participle.startswith("un") and participle not in self.base_of:
            return False
        if after_modal:
            return True
        is_present = match["be"].lower() in ("is", "are")
        if is_state or (is_present and patterns.STATE.match(text, match.start("participle"))):
            return self._happens(text, match)
        if patterns.NOUN_BEHIND.match(text[match.end() :]):
            return False
        in_condition = is_present and patterns.CONDITION.search(before)
        return not (in_condition and participle in words["states_in_conditions"])

    def _is_state(self, participle: str) -> bool:
        """Whether `participle` says how something is: by the lists, or as the compound of a word that does."""
        words = self.lists.words
        *first, last = participle.split("-")
        stem = patterns.DEGREE.sub("", last)
        return last in words["states"] or stem in words["states"] or bool(first) and last in words["behind_hyphen"]

    def _is_result(self, text: str, match: re.Match[str]) -> bool:
        """Whether the sentence says no more than what came out: "The excavator is rented." """
        return (
            match["be"].lower() in ("is", "are")
            and match["participle"].lower() in self.lists.words["states_in_conditions"]
            and bool(patterns.NOTHING_BEHIND.match(text, match.end()))
            and bool(patterns.CERTAIN.search(text[: match.start()]))
        )

    def _is_somebody(self, text: str, position: int) -> bool:
        """Whether what follows "by" can act; a corridor cannot, in "connected by a corridor"."""
        words = self.lists.words
        match = patterns.AGENT.match(text, position)
        for name in patterns.WORD.findall(match["agent"]) if match else ():
            word = name.lower()
            known = {word, word.removesuffix("s"), word.removesuffix("'s").removesuffix("’s")}
            if known & (words["agents"] | words["somebody"]) or name[0].isupper():
                return True
            if patterns.ACTS.search(word) and not known & words["things"]:
                return True
        return False

    def _happens(self, text: str, match: re.Match[str]) -> bool:
        """Whether the sentence tells when or how: "is locked every evening" is no state."""
        before, behind = text[: match.start()], text[match.end("participle") :]
        in_condition = match["be"].lower() in ("is", "are") and patterns.CONDITION.search(before)
        if in_condition or patterns.TO_DO.match(behind):
            return False
        between = text[match.end("be") : match.start("participle")]
        clause = patterns.CLAUSE_ENDS.split(behind, maxsplit=1)[0]
        return bool(
            patterns.HAPPENS.search(clause)
            or patterns.HAPPENS_BETWEEN.search(between)
            or patterns.HAPPENS_FIRST.search(before)
        )

    # The verb at the start -----------------------------------------------------------------------------------

    def starts_with_verb(self, text: str) -> bool:
        """Whether `text` tells somebody to do something: a verb in the imperative, or in the infinitive with "to"."""
        return self._verb_at(text) is not None

    def _verb_at(self, text: str) -> int | None:
        """Where the verb stands that `text` begins with; labels, conditions and adverbs are left aside."""
        place = self._bare_verb_at(text)
        if place is not None:
            return place
        label = patterns.LABEL.match(text)
        if label and label.end() < len(text):
            place = self._bare_verb_at(text[label.end() :])
            if place is not None:
                return label.end() + place
        return self._verb_after_condition(text)

    def _bare_verb_at(self, text: str, conditions: int = MOST_CONDITIONS) -> int | None:
        position = patterns.NO_LETTERS.match(text).end()  # type: ignore[union-attr]
        if condition := patterns.CONDITION_FIRST.match(text[position:]):
            position += condition.end()
            place = self._bare_verb_at(text[position:], conditions - 1) if conditions else None
            return None if place is None else position + place
        lead_end = self._after_leads(text, position)
        if lead_end > position and (condition := patterns.CONDITION_FIRST.match(text[lead_end:])):
            lead_end = self._after_leads(text, lead_end + condition.end())
        elif text[lead_end : lead_end + 3].lower() == "to ":
            lead_end += 3
        match = patterns.WORD.match(text, lead_end)
        return lead_end if match and self._is_verb(match[0].lower(), text[match.end() :]) else None

    def _after_leads(self, text: str, position: int) -> int:
        while lead := patterns.LEAD.match(text[position:]):
            position += lead.end()
        return position

    def _verb_after_condition(self, text: str) -> int | None:
        """ "After drying wrap the flask": the comma is missing; a verb before "the" that has no subject."""
        if not patterns.CONDITION_WORD.match(text):
            return None
        words = self.lists.words
        found = list(patterns.WORD.finditer(text))
        for before, match, after in zip(found[1:], found[2:], found[3:], strict=False):
            has_subject = before[0].endswith("s") or before[0].lower() in (
                words["opens_clause"] | words["auxiliaries"] | words["determiners"] | {"not", "please"}
            )
            if match[0] in self.verbs and after[0].lower() in words["articles"] and not has_subject:
                return match.start()
        return None

    def _is_verb(self, word: str, rest: str) -> bool:
        """Whether `word`, the first of a sentence that goes on with `rest`, is an instruction."""
        words = self.lists.words
        touching = rest.lstrip()[:1]
        behind = [match[0].lower() for match in patterns.WORD.finditer(rest)] if touching.isalpha() else []
        following = behind[0] if behind else ""
        if not self._is_known(word):
            return self._is_verb_unknown(word, following, rest)
        if f"{word} {following}" in self.lists.phrases["compounds"] or following in words["auxiliaries"]:
            return False
        if word not in words["nouns_too"]:
            return following != "of" or word in words["verb_before_of"]
        return not self._is_noun(word, behind, touching) and (
            word in words["clause_without_that"] or not self._has_predicate(rest)
        )

    def _is_known(self, word: str) -> bool:
        return (
            word in self.verbs
            or patterns.PREFIX.sub("", word) in self.verbs
            or (word.startswith("re") and word[2:] in self.verbs)
        )

    def _is_verb_unknown(self, word: str, following: str, rest: str) -> bool:
        """A word of no list before an article, "Ascertain the cause", is a verb more often than anything else."""
        words = self.lists.words
        if following not in words["articles"] or word in words["no_verbs"] | words["auxiliaries"] or "-" in word:
            return False
        return not re.search(r"(?:ing|ed|ly|[^s]s)$", word) and not self._has_predicate(rest)

    def _is_noun(self, word: str, behind: list[str], touching: str) -> bool:
        """Whether `word` of the list `nouns_too` is a noun, by the words `behind` it."""
        words = self.lists.words
        following, second = (*behind, "", "")[:2]
        if touching == ":" or (touching.isdigit() and word in words["numbered"]):
            return True
        if following == "of" or (following == "for" and word in words["noun_before_for"]):
            return True
        if following in words["shows"] and second not in ("and", "or"):
            return True
        is_participle = following.endswith("ed") and following in self.base_of
        return is_participle and (not second or second in words["behind_participle"])

    def _has_predicate(self, rest: str) -> bool:
        """Whether a word like "is" follows before a clause begins: then the word in front was a noun."""
        words = self.lists.words
        for match in patterns.WORD.finditer(re.split(r"[,:;.()–—]", rest, maxsplit=1)[0]):
            word = match[0].lower()
            if word in words["opens_clause"]:
                return False
            if word in words["auxiliaries"]:
                return True
        return False

    # Several actions -----------------------------------------------------------------------------------------

    def actions(self, sentence: Sentence) -> list[int]:
        """Where the verbs stand that tell somebody to do something; one object for two verbs makes one action."""
        text = sentence.text
        first = self._verb_at(text)
        if first is None:
            return []
        places = [first]
        for joint in patterns.JOINT.finditer(text, first):
            place = self._after_leads(text, joint.end())
            word = patterns.WORD.match(text, place)
            if not word or sentence.is_quiet(place, word.end()):
                continue
            between = text[places[-1] : joint.start()]
            shares_object = all(match[0].lower() in self.verbs for match in patterns.WORD.finditer(between))
            depends = patterns.SUBORDINATE.search(between) and not patterns.STRONG_JOINT.search(joint[0])
            if not shares_object and not depends and self._is_second_verb(word[0].lower(), text[word.end() :]):
                places.append(place)
        return places

    def _is_second_verb(self, word: str, rest: str) -> bool:
        """A verb in the middle: with an object behind it, for many nouns look like verbs there."""
        if word not in self.verbs:
            return False
        if rest.lstrip()[:1] == OPAQUE:
            return True
        following = patterns.WORD.match(rest.lstrip()) if rest[:1] == " " else None
        if following is None:
            return False
        next_word, words = following[0].lower(), self.lists.words
        if next_word in words["determiners"] or f"{word} {next_word}" in self.lists.phrases["verb_phrases"]:
            return True
        return word not in words["nouns_too"] and self._is_verb(word, rest) and next_word not in ("and", "or", "of")

    # Rewriting -----------------------------------------------------------------------------------------------

    def imperative(self, text: str, role: str, *, as_infinitive: bool = True) -> str | None:
        """`text` as an instruction to whoever has `role`, where that is surely the same; else None."""
        return self.rewriting.imperative(text, role)

    def active(
        self, text: str, role: str, roles: frozenset[str], *, in_step: bool, as_infinitive: bool = True
    ) -> str | None:
        """`text` without its passive, where that surely says the same; else None. `roles` are known to act."""
        has_one = OPAQUE not in text and len(self.passive_pattern.findall(text)) == 1
        return self.rewriting.active(text, role, roles, in_step=in_step, may_turn=has_one)
