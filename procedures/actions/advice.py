"""What an author does with writing advice: take a suggestion over, keep the sentence, ask for the advice again."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from procedures.actions.drafts import lock_draft, save_draft
from procedures.actions.steps import save_step
from procedures.advice import Advice, Rule, advise
from procedures.advising import glossary_terms
from procedures.content import read_content
from procedures.models import KeptAdvice, Revision, Step
from roles.models import User
from sopdesk.lib.errors import Missing


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which piece of advice: its rule, sentence and field; `start` tells it from one like it in the same field."""

    step: str
    field: str
    row: int | None
    rule: Rule
    key: str
    start: int


@transaction.atomic
def use_suggestion(revision: Revision, chosen: Chosen, *, actor: User) -> Revision | Step:
    """Put the suggested words in the place of those that are advised against, and save the step or the details.

    The advice is worked out anew from what is stored. Raises Missing when it is not given any more, because the text
    has changed meanwhile, and what saving raises.
    """
    draft = lock_draft(revision, actor=actor)
    content = read_content(draft)
    advice = _find(advise(content, glossary=glossary_terms(content["language"])), chosen)
    suggestion = advice.suggestion
    if suggestion is None:
        raise Missing(_("There is no safe rewrite of this sentence."))
    stored: Revision | Step = draft.steps.get(uid=advice.step) if advice.step else draft
    value = getattr(stored, advice.field)
    old = value if advice.row is None else value[advice.row]
    new = old[: suggestion.start] + suggestion.text + old[suggestion.end :]
    fields = {advice.field: new if advice.row is None else [*value[: advice.row], new, *value[advice.row + 1 :]]}
    if isinstance(stored, Step):
        stored.revision = draft
        return save_step(stored, actor=actor, version=stored.version, fields=fields)
    return save_draft(draft, actor=actor, version=draft.version, fields=fields)


@transaction.atomic
def keep_advice(revision: Revision, *, actor: User, rule: Rule, key: str) -> None:
    """Turn advice down for the sentence `key`, in this and all later revisions of the procedure.

    Raises what `lock_draft` raises.
    """
    draft = lock_draft(revision, actor=actor)
    KeptAdvice.objects.get_or_create(
        procedure=draft.procedure, rule=rule.value, sentence_hash=key, defaults={"kept_by": actor}
    )


@transaction.atomic
def give_again(revision: Revision, *, actor: User, rule: Rule, key: str) -> None:
    """Undo `keep_advice`. Raises what `lock_draft` raises."""
    draft = lock_draft(revision, actor=actor)
    KeptAdvice.objects.filter(procedure=draft.procedure, rule=rule.value, sentence_hash=key).delete()


def _find(given: list[Advice], chosen: Chosen) -> Advice:
    """The advice that was meant; of several alike, the one nearest to where it stood."""
    wanted = (chosen.step, chosen.field, chosen.row, chosen.rule, chosen.key)
    alike = [row for row in given if (row.step, row.field, row.row, row.rule, row.key) == wanted]
    if not alike:
        raise Missing(_("The text has changed meanwhile, so this advice no longer fits. Nothing was replaced."))
    return min(alike, key=lambda row: abs(row.start - chosen.start))
