"""What can be taken back by one button after a change of the steps, or of words by writing advice."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.actions.advice import Used, text_before
from procedures.forms.advice import UsedForm
from procedures.forms.steps import StepForm
from procedures.merging import LETTERS, base_of, stored_values
from procedures.models import Revision, Step


@dataclass(frozen=True, slots=True)
class Undo:
    """The offer: what has happened, and what is sent where to take it back. `keeps_form`: the open form stays."""

    sentence: str
    address: str
    pairs: tuple[tuple[str, str], ...] = ()
    keeps_form: bool = False


def undo_removal(code: str, uid: UUID) -> Undo:
    return Undo(_("A step was removed."), reverse("step-restore", args=[code, uid]))


def undo_move(code: str, uid: UUID, *, back_to: int, section: str) -> Undo:
    pairs = (("position", str(back_to)), ("section", section), ("undo", "1"))
    return Undo(_("A step was moved."), reverse("step-move", args=[code, uid]), pairs, keeps_form=True)


def undo_addition(code: str, uids: Sequence[UUID], *, instead_of: UUID | None = None) -> Undo:
    """Take out what was added; `instead_of` is the empty step that gave way to it and comes back."""
    sentence = ngettext("%(count)d step was added.", "%(count)d steps were added.", len(uids))
    pairs = [("uid", str(uid)) for uid in uids]
    if instead_of:
        pairs.append(("restore", str(instead_of)))
    return Undo(sentence % {"count": len(uids)}, reverse("steps-remove", args=[code]), tuple(pairs))


def undo_bringing_back(revision: Revision, step: Step, point: int) -> Undo:
    """Make of a step what it was at `point` of its history, before an earlier version was brought back."""
    values = stored_values(step, (*StepForm.FIELDS, LETTERS))
    pairs = (("version", str(step.version)), ("base", json.dumps(base_of(values))))
    address = reverse("draft-restore", args=[revision.procedure.code, point])
    return Undo(_("An earlier version was brought back."), address, pairs)


def undo_return(code: str, uid: UUID) -> Undo:
    """Take a step out again that was brought back."""
    return Undo(_("A step was brought back."), reverse("step-remove", args=[code, uid]))


def undo_suggestion(code: str, used: Used) -> Undo:
    row = "" if used.row is None else str(used.row)
    pairs = (("used", used.field), ("row", row), ("version", str(used.version)))
    return Undo(_("The suggestion is in the text."), reverse("advice-undo", args=[code]), pairs)


def undo_suggestion_in(parameters: MultiValueDict, opened: Revision | Step) -> Undo | None:
    """What the address offers to put back in the step or the details that are open, while that is possible."""
    form = UsedForm(parameters)
    if not form.is_valid() or text_before(opened, form.place) is None:
        return None
    revision = opened.revision if isinstance(opened, Step) else opened
    return undo_suggestion(revision.procedure.code, form.place)
