"""What an author does with writing advice: use a suggestion, undo that, keep the sentence, ask for advice again."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.actions.drafts import lock_draft, save_draft
from procedures.actions.steps import save_step
from procedures.advice import Advice, Rule, advise
from procedures.advising import glossary_terms
from procedures.content import read_content
from procedures.models import KeptAdvice, Revision, Step
from roles.models import User
from sopdesk.lib.errors import InvalidTransition, Missing


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which piece of advice: its rule, sentence and field; `start` tells it from one like it in the same field."""

    step: str
    field: str
    row: int | None
    rule: Rule
    key: str
    start: int


@dataclass(frozen=True, slots=True)
class Used:
    """Where a suggestion was put: step ("" for facts and purpose), field, row; `version` is the one it made."""

    step: str
    field: str
    row: int | None
    version: int


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
    old = _text(stored, advice.field, advice.row) or ""
    new = old[: suggestion.start] + suggestion.text + old[suggestion.end :]
    return _write(draft, stored, advice.field, advice.row, new, actor=actor)


@transaction.atomic
def undo_suggestion(revision: Revision, used: Used, *, actor: User) -> Revision | Step:
    """Put back the text as it was before a suggestion was used in it. What was written elsewhere since, stays.

    Raises InvalidTransition when that very text was changed since or has gone, and what saving raises.
    """
    draft = lock_draft(revision, actor=actor)
    stored = draft.steps.filter(uid=used.step).first() if used.step else draft
    before = text_before(stored, used) if stored else None
    if stored is None or before is None:
        address = reverse("draft", args=[draft.procedure.code])
        raise InvalidTransition(
            _("This text was changed after the suggestion was used, so it stays as it is. Nothing was undone."),
            target=f"{address}?step={used.step}" if isinstance(stored, Step) else address,
        )
    return _write(draft, stored, used.field, used.row, before, actor=actor)


def text_before(stored: Revision | Step, used: Used) -> str | None:
    """The text that a suggestion took the place of; None when what it made of it does not stand there any more."""
    rows = stored.history.filter(version__in=[used.version - 1, used.version]).order_by("history_id")
    by_version = {row.version: _text(row, used.field, used.row) for row in rows}
    before, made = by_version.get(used.version - 1), by_version.get(used.version)
    return before if before != made == _text(stored, used.field, used.row) else None


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


def _text(row: object, field: str, number: int | None) -> str | None:
    """The text in a field, or in row `number` of a list; None beyond its end."""
    value = getattr(row, field)
    return value if number is None else next(iter(value[number : number + 1]), None)


def _write(
    draft: Revision, stored: Revision | Step, field: str, number: int | None, text: str, *, actor: User
) -> Revision | Step:
    value = getattr(stored, field)
    fields = {field: text if number is None else [*value[:number], text, *value[number + 1 :]]}
    if isinstance(stored, Step):
        stored.revision = draft
        return save_step(stored, actor=actor, version=stored.version, fields=fields)
    return save_draft(draft, actor=actor, version=draft.version, fields=fields)


def _find(given: list[Advice], chosen: Chosen) -> Advice:
    """The advice that was meant; of several alike, the one nearest to where it stood."""
    wanted = (chosen.step, chosen.field, chosen.row, chosen.rule, chosen.key)
    alike = [row for row in given if (row.step, row.field, row.row, row.rule, row.key) == wanted]
    if not alike:
        raise Missing(_("The text has changed meanwhile, so this advice no longer fits. Nothing was replaced."))
    return min(alike, key=lambda row: abs(row.start - chosen.start))
