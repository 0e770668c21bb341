"""French sentences said better, where that is surely the same."""

import re
from dataclasses import dataclass

from procedures.advice import french_patterns as patterns
from procedures.advice.wordlists import WordLists


@dataclass(frozen=True)
class FrenchRewriting:
    """Instructions are infinitives or imperatives in -ez, as the document has them."""

    lists: WordLists

    def imperative(self, text: str, role: str, *, as_infinitive: bool) -> str | None:
        """« Il faut signer », « Vérification du total », « Le comptable vérifie … » as an instruction."""
        if match := patterns.FORBIDDEN.match(text):
            forbidden = _without_de(match["act"])
            return f"Ne pas {forbidden}" if self._is_infinitive(forbidden) else None
        act = self._obligation(text) or self._noun(text) or self._third_person(text, role)
        return self._said(act, as_infinitive=as_infinitive) if act else None

    def _obligation(self, text: str) -> str | None:
        for pattern in (patterns.IMPERSONAL, patterns.MUST):
            match = pattern.match(text)
            if match and self._is_infinitive(act := _without_de(match["act"])):
                return act
        return None

    def _noun(self, text: str) -> str | None:
        match = patterns.NOMINAL.match(text)
        verb = self.lists.pairs["nominalisations"].get(match["noun"].lower()) if match else None
        if match is None or verb is None or patterns.NOT_NOMINAL.search(match["object"]):
            return None
        return f"{verb} {patterns.LINKS[match['link'].lower()]}{match['object']}{match['end']}"

    def _third_person(self, text: str, role: str) -> str | None:
        if not role:
            return None
        match = re.match(
            rf"(?:le |la |l['’])?{re.escape(role)} (?P<verb>[{patterns.L}]+e) (?P<rest>.+)", text, re.I | re.S
        )
        verb = f"{match['verb'].lower()}r" if match else ""
        return f"{verb} {match['rest']}" if match and verb in self.lists.words["verbs"] else None

    def active(
        self, text: str, role: str, roles: frozenset[str], *, in_step: bool, may_turn: bool, as_infinitive: bool
    ) -> str | None:
        """« Il est recommandé » and « doit être … » as an instruction, a passive with its agent turned round."""
        if patterns.FORBIDDEN.match(text) or patterns.IMPERSONAL.match(text):
            return self.imperative(text, role, as_infinitive=as_infinitive)
        if not may_turn:
            return None
        if match := patterns.BY_AGENT.match(text):
            return self._turned(match, role, roles, in_step=in_step, as_infinitive=as_infinitive)
        match = patterns.DEONTIC.match(text) if in_step else None
        if match is None or patterns.AGENT_BEHIND.search(match["rest"]):
            return None
        verb = self._instructing(match["participle"], as_infinitive=as_infinitive)
        adverb = f" {match['adverb'].strip()}" if match["adverb"] else ""
        return _capital(f"{verb}{adverb} {_lower(match['subject'])}{match['rest']}{match['end']}") if verb else None

    def _turned(
        self, match: re.Match[str], role: str, roles: frozenset[str], *, in_step: bool, as_infinitive: bool
    ) -> str | None:
        """« La facture est payée par le comptable » → « Le comptable paie la facture », or « Payer la facture »."""
        infinitive = self._infinitive(match["participle"])
        head, agent, aux, article = (
            match["head"].lower(),
            match["agent"],
            match["aux"].lower(),
            match["article"].lower(),
        )
        name = agent[len(article) :].lower()
        agents = self.lists.words["agents"]
        if infinitive is None or not (name in roles or head in agents or head.removesuffix("s") in agents):
            return None
        behind = f"{_lower(match['subject'])}{match['rest']}{match['end']}"
        if in_step and role and name == role.lower() and not aux.startswith("peu"):
            verb = self._instructing(match["participle"], as_infinitive=as_infinitive)
            return f"{_capital(verb)} {behind}" if verb else None
        plural = article in ("les ", "vos ")
        verb = _modal(aux, infinitive, plural=plural) if " " in aux else self._present(infinitive, plural=plural)
        return f"{_capital(agent)} {verb} {behind}" if verb else None

    def _infinitive(self, participle: str) -> str | None:
        """« vérifiées » → « vérifier », for verbs in -er of the list."""
        match = patterns.PARTICIPLE_IN_E.match(participle.lower())
        if match is None:
            return None
        verb = f"{match[1]}er"
        return verb if verb in self.lists.words["verbs"] else None

    def _instructing(self, participle: str, *, as_infinitive: bool) -> str | None:
        verb = self._infinitive(participle)
        return verb if verb is None or as_infinitive else self._in_ez(verb)

    def _is_infinitive(self, act: str) -> bool:
        word = patterns.WORD.match(patterns.CLITIC.sub("", re.sub(r"^ne (?:pas|jamais) ", "", act), count=1))
        if word is None:
            return False
        verb, words = word[0].lower(), self.lists.words
        return verb in words["verbs"] or (verb not in words["not_verbs"] and bool(patterns.INFINITIVE.search(verb)))

    def _said(self, act: str, *, as_infinitive: bool) -> str:
        """An infinitive with its object, in the mood of the document."""
        word = patterns.WORD.match(act)
        form = None if as_infinitive or not word else self._in_ez(word[0].lower())
        return _capital(f"{form}{act[word.end() :]}") if word and form else _capital(act)

    def _in_ez(self, verb: str) -> str | None:
        """« vérifier » → « vérifiez »; None for verbs whose form is not sure."""
        irregular = self.lists.pairs["irregular_imperatives"].get(verb)
        if irregular or not verb.endswith("er") or verb == "aller":
            return irregular
        return f"{verb[:-2]}ez"

    def _present(self, verb: str, *, plural: bool) -> str | None:
        """The third person of a verb in -er; None where its stem changes in a way that is not sure."""
        if verb == "aller":
            return None
        stem = verb[:-2]
        if re.search(r"[ou]y$", stem):
            stem = f"{stem[:-1]}i"
        elif re.search(r"é(?:[bcdfgjlmnprstv]|gu|qu|ch|gn|br|cr|tr|gr)$", stem):
            stem = re.sub(r"é([^é]+)$", r"è\1", stem)
        elif match := re.search(r"e([bcdfgjlmnprstv])$", stem):
            if match[1] in "lt" and verb not in self.lists.words["grave"]:
                return None
            stem = f"{stem[:-2]}è{match[1]}"
        return f"{stem}ent" if plural else f"{stem}e"


def _modal(aux: str, infinitive: str, *, plural: bool) -> str:
    """« doivent être » of the thing as « doit » of the person who acts."""
    word = aux.split()[0]
    kind = next(index for index, pair in enumerate(_MODALS) if word in pair)
    return f"{_MODALS[kind][plural]} {infinitive}"


_MODALS = (("doit", "doivent"), ("devra", "devront"), ("peut", "peuvent"))


def _without_de(act: str) -> str:
    return re.sub(r"^d['’]", "", act)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(subject: str) -> str:
    first = re.split(r"[\s'’]", subject, maxsplit=1)[0]
    return subject if len(first) > 1 and first.isupper() else subject[:1].lower() + subject[1:]
