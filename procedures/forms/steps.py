"""The form of one step."""

import re
from typing import Any, cast

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.forms.drafts import DraftForm, field_of, markdown_field, role_choices
from procedures.forms.rows import RowsField
from procedures.merging import LETTERS, base_of
from procedures.models import DueUnit, Evidence, Procedure, Step, StepKind
from procedures.models.step import END
from procedures.permissions import get_procedure_for
from roles.models import User
from sopdesk.lib.errors import Missing
from sopdesk.lib.languages import QuotingSelect
from sopdesk.lib.merging import columns_of

MARK = re.compile(r"^(?:[-*•☐□]\s+)?(?:\[[ xX]?\]\s+)?")


class LinesField(forms.Field):
    """A list of texts ↔ lines. A list mark or box at the start of a pasted line is not part of the text."""

    widget = forms.Textarea

    def prepare_value(self, value: object) -> object:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[str]:
        texts = (MARK.sub("", line.strip()).strip() for line in str(value or "").splitlines())
        return [text for text in texts if text]

    def validate(self, value: list[str]) -> None:
        ProhibitNullCharactersValidator()(" ".join(value))

    def has_changed(self, initial: object, data: object) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(self.prepare_value(data))


class StepForm(DraftForm):
    """One step. Branches count for decisions, items for checklists, another procedure for its own kind; what was
    written there is kept when the kind changes, but for the procedure, which belongs to its kind alone."""

    title = field_of(
        Step, "title", required=False, help_text=_("Start with a verb. This line is the tick box when people do it.")
    )
    role = forms.TypedChoiceField(label=_("Who does it"), required=False, coerce=int, empty_value=None)
    minutes = field_of(Step, "minutes", widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    body = markdown_field(
        Step, "body", rows=6, help_text=_("One instruction per sentence. Esc, then Tab, leaves this field.")
    )
    expected = markdown_field(Step, "expected", rows=2)
    kind = forms.ChoiceField(label=_("Kind of step"), choices=StepKind.choices, widget=forms.RadioSelect)
    branches = RowsField(
        label=_("Branches"),
        help_text=_("What decides, and where it leads."),
        columns={
            "label": forms.CharField(label=_("If"), max_length=120),
            "target": forms.ChoiceField(label=_("Then"), required=False, widget=QuotingSelect),
        },
        spare=2,
    )
    items = LinesField(
        label=_("What is ticked"),
        required=False,
        help_text=_("One item per line; a list can be pasted."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    subprocedure = forms.CharField(
        label=_("Procedure to carry out"),
        required=False,
        max_length=200,
        help_text=_("Its code, such as FIN-002. Words of its title find it."),
        widget=forms.TextInput(attrs={"list": "procedures-to-carry-out", "autocomplete": "off"}),
    )
    warning = markdown_field(Step, "warning", rows=2, help_text=_("What can go wrong, and what happens then."))
    hold = forms.BooleanField(label=_("Nobody goes on until this step is done"), required=False)
    due_after = field_of(
        Step, "due_after", label=_("Done within"), widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    due_unit = forms.ChoiceField(
        label=_("Unit"), choices=DueUnit.choices, required=False, help_text=_("Counted from the start of the work.")
    )
    tool = field_of(Step, "tool", widget=forms.TextInput(attrs={"list": "tools-of-the-draft", "autocomplete": "off"}))
    record = field_of(
        Step, "record", widget=forms.TextInput(attrs={"list": "records-of-the-draft", "autocomplete": "off"})
    )
    evidence = forms.ChoiceField(
        label=_("Proof wanted"),
        choices=Evidence.choices,
        required=False,
        help_text=_("What somebody who carries the step out leaves behind."),
    )
    evidence_name = field_of(Step, "evidence_name", help_text=_("Such as: year-month_supplier_number.pdf"))
    section = field_of(Step, "section", help_text=_("Steps in a row with the same section stand under one heading."))

    FIELDS = (
        "kind", "section", "title", "body", "expected", "warning", "minutes", "role", "branches", "items",
        "subprocedure", "hold", "due_after", "due_unit", "tool", "record", "evidence", "evidence_name",
    )  # fmt: skip
    KIND_OF = {"branches": StepKind.DECISION, "items": StepKind.CHECKLIST, "subprocedure": StepKind.SUBPROCEDURE}
    """Fields that count for one kind only."""

    def __init__(self, *args: Any, step: Step, steps: list[Step], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step, self.user = step, user
        cast("forms.ChoiceField", self.fields["role"]).choices = role_choices(
            self.roles.values(), gettext("Nobody yet")
        )
        self.fields["responsibilities"].help_text = gettext("Besides the one who does it.")
        targets = [("", gettext("Choose…"))]
        targets += [
            (str(other.uid), _step_label(number, other))
            for number, other in enumerate(steps, start=1)
            if other.uid != step.uid
        ]
        present = {"", END, *(str(other.uid) for other in steps)}
        gone = {branch["target"] for branch in step.branches} - present
        targets += [(uid, gettext("A step that was removed")) for uid in sorted(gone)]
        target = self.column("branches", "target")
        target.choices = [*targets, (END, gettext("The procedure ends"))]
        cast(QuotingSelect, target.widget).quote((other.uid for other in steps), step.revision.language)

    @staticmethod
    def initial_of(step: Step, letters: list[dict[str, object]]) -> dict[str, object]:
        """What the form shows for `step` as it is stored."""
        values = {**columns_of(step, StepForm.FIELDS), LETTERS: letters}
        subprocedure = step.subprocedure.code if step.subprocedure else ""
        return {**values, "subprocedure": subprocedure, "version": step.version, "base": base_of(values)}

    def clean_subprocedure(self) -> Procedure | None:
        """The procedure whose code the text begins with. The one that is stored stays, whoever may see it."""
        text = self.cleaned_data["subprocedure"].strip()
        if not text or self.data.get(self.add_prefix("kind")) != StepKind.SUBPROCEDURE:
            return None
        code = text.split()[0].strip(",.:;").upper()
        if self.step.subprocedure and self.step.subprocedure.code == code:
            return self.step.subprocedure
        try:
            return get_procedure_for(self.user, code)
        except Missing as error:
            message = gettext("There is no procedure “%(code)s”, or none that you may see.")
            raise forms.ValidationError(message % {"code": code[:40]}) from error

    def clean_due_unit(self) -> str:
        return self.cleaned_data["due_unit"] or DueUnit.DAYS

    def clean_evidence(self) -> str:
        return self.cleaned_data["evidence"] or Evidence.NONE

    @property
    def details(self) -> dict[str, object]:
        """The cleaned fields in the shape that `save_step` takes, letters apart."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in self.FIELDS},
            "role": self.roles[data["role"]] if data["role"] else None,
        }

    def holds_text(self) -> dict[str, bool]:
        """Of the fields that count for one kind only: whether there is something in them."""
        return {name: bool(self[name].value()) or bool(self[name].errors) for name in self.KIND_OF}

    @property
    def is_timed_or_proven(self) -> bool:
        """Whether anything stands in the folded fields about deadline, tool, record and proof."""
        names = ("due_after", "tool", "record", "evidence_name")
        wants_proof = self["evidence"].value() not in (None, "", Evidence.NONE)
        return wants_proof or any(self[name].value() or self[name].errors for name in names)


def _step_label(number: int, step: Step) -> str:
    return f"{number}. {step.title or gettext('Step without a title')}"
