"""English sentences said better, where that is surely the same."""

import re
from dataclasses import dataclass
from functools import cached_property

from procedures.advice import english_patterns as patterns
from procedures.advice.wordlists import WordLists


@dataclass(frozen=True)
class EnglishRewriting:
    """base_of: past participle → base form."""

    lists: WordLists
    verbs: frozenset[str]
    base_of: dict[str, str]

    @cached_property
    def third_persons(self) -> dict[str, str]:
        return {third_person(verb): verb for verb in self.verbs}

    @cached_property
    def gerunds(self) -> dict[str, str]:
        forms = {form: verb for verb in self.verbs for form in _gerunds(verb)}
        return {form: verb for form, verb in forms.items() if form not in self.lists.words["no_gerunds"]}

    def imperative(self, text: str, role: str) -> str | None:
        """ "You must sign the book", "Verification of the total", "Checking the stock", "The clerk signs the book"."""
        return (
            self._from_noun(text)
            or self._from_obligation(text)
            or self._from_gerund(text)
            or self._from_third_person(text, role)
        )

    def _from_noun(self, text: str) -> str | None:
        match = patterns.NOMINAL.match(text)
        verb = self.lists.pairs["nominalisations"].get(match["noun"].lower()) if match else None
        if match is None or verb is None or patterns.NOT_NOMINAL.search(match["object"]):
            return None
        return f"{_capital(verb.replace('_', ' '))} {match['object']}{match['end']}"

    def _from_obligation(self, text: str) -> str | None:
        for pattern in (patterns.IMPERSONAL, patterns.OBLIGATION):
            match = pattern.match(text)
            if match and match["act"].split()[0].lower() in self.verbs - {"be", "have"}:
                return _capital(match["act"])
        return None

    def _from_gerund(self, text: str) -> str | None:
        first = patterns.WORD.match(text)
        verb = self.gerunds.get(first[0].lower()) if first else None
        if first is None or verb is None or "," in text or not patterns.ARTICLE_BEHIND.match(text[first.end() :]):
            return None
        return (
            None
            if re.search(r"\b(?:is|are|was|has|must|should|can|will|may)\b", text)
            else (_capital(verb) + text[first.end() :])
        )

    def _from_third_person(self, text: str, role: str) -> str | None:
        if not role:
            return None
        match = re.match(rf"(?:the |an? )?{re.escape(role)} (?P<verb>[a-z]+) (?P<rest>.+)", text, re.I | re.S)
        verb = self.third_persons.get(match["verb"].lower()) if match else None
        return f"{_capital(verb)} {match['rest']}" if match and verb else None

    def active(self, text: str, role: str, roles: frozenset[str], *, in_step: bool, may_turn: bool) -> str | None:
        """A recommendation as an instruction, a passive with its agent turned round, "must be …" as an instruction."""
        if patterns.IMPERSONAL.match(text):
            return self._from_obligation(text)
        if may_turn and (match := patterns.BY_AGENT.match(text)):
            return self._turned(match, role, roles, in_step=in_step)
        match = patterns.DEONTIC.match(text) if in_step else None
        return self._instruction(match) if match else None

    def _instruction(self, match: re.Match[str]) -> str | None:
        """ "The filter should be removed" → "Remove the filter": a step speaks to whoever does it."""
        subject, rest = match["subject"].strip(), match["rest"]
        participle = match["participle"].lower()
        verb = self.base_of.get(participle)
        if verb is None or participle in self.lists.words["states"] or patterns.AGENT_BEHIND.search(rest):
            return None
        first = subject.split()[0].lower()
        if first in patterns.NO_SUBJECT or subject.lower() in ("this", "these", "all", "both", "each", "any"):
            return None
        if verb in ("see", "use", "be") and re.match(r" (?:to|as)\b", rest):
            return None
        particle = re.match(r" (\w+)\b", rest)
        if particle and f"{verb} {particle[1].lower()}" in self.lists.phrases["particles"]:
            verb, rest = f"{verb} {particle[1].lower()}", rest[particle.end() :]
        adverb = (match["before"] or match["adverb"] or "").strip()
        words = [adverb, verb, _lower(subject)] if adverb else [verb, _lower(subject)]
        return _capital(" ".join(words)) + rest + match["end"]

    def _turned(self, match: re.Match[str], role: str, roles: frozenset[str], *, in_step: bool) -> str | None:
        """ "The bill is paid by the clerk" → "The clerk pays the bill", or "Pay the bill" in a step of the clerk."""
        verb = self.base_of.get(match["participle"].lower())
        agent, head, aux = match["agent"], match["head"].lower(), match["aux"].lower()
        name = agent.split(" ", 1)[1].lower()
        agents = self.lists.words["agents"]
        is_plural = head not in agents and name not in roles and head.removesuffix("s") in agents
        if verb is None or not (is_plural or name in roles or head in agents):
            return None
        behind = f"{_lower(match['subject'])}{match['rest']}{match['end']}"
        if in_step and role and name == role.lower() and aux in ("is", "are", "must be", "should be"):
            return f"{_capital(verb)} {behind}"
        if " " in aux:
            return f"{_capital(agent)} {aux.removesuffix(' be')} {verb} {behind}"
        return f"{_capital(agent)} {verb if is_plural else third_person(verb)} {behind}"


def third_person(verb: str) -> str:
    """ "check" → "checks"."""
    if irregular := {"have": "has", "do": "does", "go": "goes", "be": "is"}.get(verb):
        return irregular
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if re.search(r"[^aeiou]y$", verb) else f"{verb}s"


def regular_participles(verb: str) -> tuple[str, ...]:
    """ "stop" → "stoped", "stopped": a form that does not exist does no harm."""
    if verb.endswith("e"):
        return (f"{verb}d",)
    if re.search(r"[^aeiou]y$", verb):
        return (f"{verb[:-1]}ied",)
    doubled = re.search(r"[^aeiou][aeiou][^aeiouwxy]$", verb)
    return (f"{verb}ed", f"{verb}{verb[-1]}ed") if doubled else (f"{verb}ed",)


def _gerunds(verb: str) -> tuple[str, ...]:
    if verb.endswith("e") and not verb.endswith("ee"):
        return (f"{verb[:-1]}ing",)
    return (f"{verb}ing", f"{verb}{verb[-1]}ing")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(subject: str) -> str:
    """The subject as an object in the middle of a sentence: "The form" → "the form", "VAT form" as it is."""
    first = subject.split()[0]
    return subject if any(letter.isupper() for letter in first[1:]) else subject[:1].lower() + subject[1:]
