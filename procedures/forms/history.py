"""What is sent to follow the history of a draft, and to bring an earlier version of a step back."""

import json
from typing import cast
from uuid import UUID

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from procedures.draft_history import Filters
from procedures.forms.rows import posted_pairs
from procedures.forms.steps import StepForm
from procedures.merging import LETTERS, base_of, columns_of, stored_values
from procedures.models import Revision, Step
from procedures.step_versions import StepVersion, as_step
from roles.models import Role, User
from sopdesk.lib.languages import QuotingSelect

FACTS = "facts"
FIELDS_OF_PART = {"due": ("due_after", "due_unit")}
"""Fields of the form that are told as one in a redline."""


class HistoryFilterForm(forms.Form):
    """Which part of the history is shown: one step or the facts, one person. `present` and `removed` are steps as
    choices, with titles in `language`."""

    step = forms.ChoiceField(label=_("Where"), required=False, widget=QuotingSelect)
    person = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)

    def __init__(
        self,
        data: MultiValueDict,
        *,
        present: list[tuple[str, str]],
        removed: list[tuple[str, str]],
        people: list[User],
        language: str,
    ) -> None:
        super().__init__(data)
        where: list = [("", _("Everything")), (FACTS, _("Facts and purpose")), *present]
        if removed:
            where.append((_("Removed steps"), removed))
        self.fields["step"].choices = where  # type: ignore[attr-defined]
        cast(QuotingSelect, self.fields["step"].widget).quote((uid for uid, _title in [*present, *removed]), language)
        self.fields["person"].choices = [("", _("Everybody")), *((row.pk, str(row)) for row in people)]  # type: ignore[attr-defined]

    @property
    def filters(self) -> Filters:
        """What was chosen; what does not exist counts as not chosen."""
        self.full_clean()
        where = self.cleaned_data.get("step", "")
        return Filters(
            uid=UUID(where) if where not in ("", FACTS) else None,
            only_facts=where == FACTS,
            person=self.cleaned_data.get("person"),
        )


def base_for(step: Step) -> str:
    """The digests of what `step` says now, for a form that would change it."""
    return json.dumps(base_of(stored_values(step, (*StepForm.FIELDS, LETTERS))))


def data_to_bring_back(
    version: StepVersion, *, draft: Revision, step: Step, steps: list[Step], user: User, roles: list[Role],
    letters: list[dict[str, object]], sent: MultiValueDict,
) -> MultiValueDict:  # fmt: skip
    """The form of `step` as somebody would send it who typed what `version` says: all of it, or the field `field` of
    `sent` alone, whose `version` and `base` are those of the page on which it was chosen."""
    then = as_step(version.row)
    then.revision = draft
    earlier = [{"role": role, "letter": letter} for role, letter in version.letters]
    wanted = sent.get("field", "")
    names = FIELDS_OF_PART.get(wanted, (wanted,)) if wanted else (*StepForm.FIELDS, LETTERS)
    pairs = []
    for source, rows, only in (
        (step, letters, [name for name in (*StepForm.FIELDS, LETTERS) if name not in names]),
        (then, earlier, names),
    ):
        initial = StepForm.initial_of(source, rows)
        form = StepForm(None, step=source, steps=steps, user=user, roles=roles, initial=initial)
        pairs += posted_pairs(form, only=only)
    data = MultiValueDict({name: [value] for _field, name, value in pairs})
    data["version"], data["base"] = sent.get("version", ""), sent.get("base", "")
    return data


def says_the_same(step: Step, version: StepVersion) -> bool:
    """Whether `step` says what it said in `version`, letters left aside."""
    return columns_of(step, StepForm.FIELDS) == columns_of(as_step(version.row), StepForm.FIELDS)
