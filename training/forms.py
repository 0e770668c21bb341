from django import forms


class AcknowledgeForm(forms.Form):
    """Which text the page showed."""

    number = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    content_hash = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)
