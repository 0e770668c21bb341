"""Forms of the notices page."""

from django import forms


class MarkAllReadForm(forms.Form):
    up_to = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
