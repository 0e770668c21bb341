"""The writing advice on a draft: what the firm's glossary and its authors have settled is left out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.advice import Advice, Rule, advise
from procedures.advice.messages import name_of
from procedures.drafting import Hint, StepRef
from procedures.models import GlossaryTerm, Procedure, Revision, Step

NAMED_IN_PREFLIGHT = (Rule.NO_ROLE, Rule.NO_RESULT, Rule.NO_OTHERWISE)
"""Advice that the check before submitting names one by one; the rest is counted there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step with advice, or facts and purpose (number 0, uid "")."""

    number: int
    uid: str
    count: int


@dataclass(frozen=True, slots=True)
class DraftAdvice:
    """given: what is advised now. kept: what would be, had it not been turned down."""

    given: list[Advice]
    kept: list[Advice]

    def on(self, uid: str) -> list[Advice]:
        """The advice on the step `uid`, or on facts and purpose ("")."""
        return [advice for advice in self.given if advice.step == uid]

    def kept_on(self, uid: str) -> list[Advice]:
        return [advice for advice in self.kept if advice.step == uid]

    def places_besides(self, uid: str) -> list[Place]:
        """Where else there is advice, in the order of the document."""
        counts: dict[tuple[int, str], int] = {}
        for advice in self.given:
            if advice.step != uid:
                counts[advice.number, advice.step] = counts.get((advice.number, advice.step), 0) + 1
        return [Place(number, step, count) for (number, step), count in sorted(counts.items())]


def glossary_terms(language: str) -> list[str]:
    """The words of the glossary that hold in `language`; one query."""
    return list(GlossaryTerm.objects.filter(Q(language="") | Q(language=language)).values_list("term", flat=True))


def kept_advice(procedure: Procedure) -> set[tuple[str, str]]:
    """What was turned down in `procedure`, as (rule, key of the sentence); one query."""
    return set(procedure.kept_advice.values_list("rule", "sentence_hash"))


def advice_on(revision: Revision, content: dict) -> DraftAdvice:
    """The advice on `content`, the value of a draft; two queries."""
    kept = kept_advice(revision.procedure)
    everything = advise(content, glossary=glossary_terms(content["language"]))
    given = [advice for advice in everything if not _is_kept(advice, kept)]
    return DraftAdvice(given, [advice for advice in everything if _is_kept(advice, kept)])


def _is_kept(advice: Advice, kept: Collection[tuple[str, str]]) -> bool:
    return (advice.rule.value, advice.key) in kept


def advice_hints(given: Iterable[Advice]) -> list[Hint]:
    """The advice as few sentences, for the check before submitting."""
    given = list(given)
    hints = []
    for rule in NAMED_IN_PREFLIGHT:
        steps = _steps_of(advice for advice in given if advice.rule == rule)
        if steps:
            hints.append(Hint(name_of(rule), steps=steps))
    rest = [advice for advice in given if advice.rule not in NAMED_IN_PREFLIGHT]
    if rest:
        count = ngettext("%(count)d piece of writing advice", "%(count)d pieces of writing advice", len(rest))
        hints.append(Hint(count % {"count": len(rest)}, detail=_("They are shown beside the text in the editor.")))
    return hints


def _steps_of(given: Iterable[Advice]) -> tuple[StepRef, ...]:
    return tuple(StepRef(number, uid) for number, uid in sorted({(advice.number, advice.step) for advice in given}))


def field_name(advice: Advice) -> str:
    """What the form calls the field that `advice` is about."""
    model: type[Step] | type[Revision] = Step if advice.step else Revision
    return capfirst(str(model._meta.get_field(advice.field).verbose_name))  # type: ignore[union-attr]
