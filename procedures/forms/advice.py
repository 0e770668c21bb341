"""What the buttons beside a piece of writing advice send."""

from django import forms

from procedures.actions.advice import Chosen
from procedures.advice import Rule
from procedures.advice.engine import FIELDS


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
