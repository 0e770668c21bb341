"""What the buttons beside a piece of writing advice send."""

from django import forms

from procedures.actions.advice import Chosen, Used
from procedures.advice import Rule
from procedures.advice.engine import DETAILS, FIELDS, STEP_FIELDS


class AdviceForm(forms.Form):
    """Which piece of advice is meant."""

    step = forms.UUIDField(required=False)
    field = forms.ChoiceField(choices=[(name, name) for name in FIELDS])
    row = forms.IntegerField(required=False, min_value=0)
    rule = forms.ChoiceField(choices=[(rule.value, rule.value) for rule in Rule])
    key = forms.RegexField(r"^[0-9a-f]{64}$")
    start = forms.IntegerField(required=False, min_value=0)

    @property
    def chosen(self) -> Chosen:
        data = self.cleaned_data
        return Chosen(
            step=str(data["step"] or ""),
            field=data["field"],
            row=data["row"],
            rule=Rule(data["rule"]),
            key=data["key"],
            start=data["start"] or 0,
        )


class UsedForm(forms.Form):
    """Which suggestion is to be undone: `used` is the field in which it stands."""

    step = forms.UUIDField(required=False)
    used = forms.CharField()
    row = forms.IntegerField(required=False, min_value=0)
    version = forms.IntegerField(min_value=2, max_value=2**31 - 1)

    def clean(self) -> None:
        data = self.cleaned_data
        field, is_list = data.get("used"), data.get("row") is not None
        if field not in (STEP_FIELDS if data.get("step") else DETAILS) or is_list != (field == "items"):
            raise forms.ValidationError("no such text")

    @property
    def place(self) -> Used:
        data = self.cleaned_data
        return Used(step=str(data["step"] or ""), field=data["used"], row=data["row"], version=data["version"])
