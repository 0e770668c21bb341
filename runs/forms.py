"""What readers suggest, what they are answered, and which suggestions a list shows."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from procedures.models import Procedure
from runs.models import MAX_LENGTH, Answer, Remark, RemarkKind, RemarkQuerySet

MAX_DIGITS = 18
"""Longer numbers are no ids."""

TOO_LONG = _("At most %(limit_value)d characters; these are %(show_value)d.")


class RemarkForm(forms.Form):
    """A suggestion. `number` is the revision that the page showed, `step` the uid, empty for the whole text."""

    number = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    step = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("What is it about?"),
        choices=RemarkKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about.")},
    )
    text = forms.CharField(
        label=_("What should be different?"),
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Those who look after this procedure read it, with your name, and answer you."),
        error_messages={"required": _("Say what should be different."), "max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The browser would cut off what is too long; the error says it instead, and the text is kept.
        self.fields["text"].widget.attrs.pop("maxlength", None)


class AnswerForm(forms.Form):
    """An answer to a suggestion as the page showed it."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (Answer.PROMISED.value, _("I will change it")),
            (Answer.CHANGED.value, _("The text in force says it already")),
            (Answer.DECLINED.value, _("No, because…")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    text = forms.CharField(
        label=_("Reason or explanation"),
        max_length=MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who suggested it gets it by mail. A “no” needs a reason."),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("answer") == Answer.DECLINED and not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say why the text stays as it is: who suggested it gets the reason."))
        return cleaned


class VersionForm(forms.Form):
    """A button beside a suggestion as the page showed it."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class InboxForm(forms.Form):
    """Which suggestions are listed; what does not fit lists all."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("open", _("Without an answer")), *Answer.choices],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *RemarkKind.choices])
    procedure = forms.ModelChoiceField(
        label=_("Procedure"),
        required=False,
        queryset=Procedure.objects.none(),
        to_field_name="code",
        empty_label=_("All"),
    )

    def __init__(self, *args: Any, procedures: QuerySet[Procedure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["procedure"]).queryset = procedures
        for field in self.fields.values():
            field.widget.attrs["class"] = "select"

    def listed(self, remarks: RemarkQuerySet) -> RemarkQuerySet:
        self.full_clean()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if "state" in chosen:
            remarks = remarks.filter(answer="" if chosen["state"] == "open" else chosen["state"])
        return remarks.filter(**{name: chosen[name] for name in ("kind", "procedure") if name in chosen})


class IdsField(forms.TypedMultipleChoiceField):
    """Ids of remarks, whatever has become of these since the page was shown: the action looks at that."""

    def valid_value(self, value: Any) -> bool:
        return str(value).isdecimal() and len(str(value)) < MAX_DIGITS


class SubmissionForm(forms.Form):
    """Which suggestions the draft that is being submitted answers: what was promised, unless its author says otherwise.

    `rows` are those that it could answer, `shown` those that the page showed.
    """

    shown = IdsField(coerce=int, required=False, widget=forms.MultipleHiddenInput)
    remarks = IdsField(
        label=_("Suggestions that this revision answers"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever made them is told when the revision is in force."),
    )

    def __init__(self, data: MultiValueDict | None, *, rows: Iterable[Remark]) -> None:
        self.rows = list(rows)
        promised = [row.pk for row in self.rows if row.is_promised]
        shown = [row.pk for row in self.rows]
        super().__init__(data, initial={"remarks": promised, "shown": shown})
        field = cast(forms.TypedMultipleChoiceField, self.fields["remarks"])
        field.choices = [(row.pk, row.text) for row in self.rows]

    def options(self) -> Iterator[tuple[Remark, Any]]:
        """The remarks with their boxes to tick."""
        return zip(self.rows, self["remarks"], strict=True)
