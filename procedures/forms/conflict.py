"""Two texts of one thing: which fields differ, and the merged form out of the choices that a person made."""

from dataclasses import dataclass

from django import forms
from django.forms.widgets import Textarea, TextInput
from django.utils.datastructures import MultiValueDict

from procedures.forms.drafts import DraftForm
from procedures.forms.rows import shown_value
from procedures.merging import merge

THEIRS = "theirs"
"""Prefix of the other person's values in the conflict form."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field with two texts, in words. `is_text`: they can be edited into one, beginning with `edited`."""

    name: str
    label: str
    mine: str
    theirs: str
    edited: str
    is_text: bool
    is_long: bool


def compare(mine: DraftForm, theirs: DraftForm, stored: dict[str, object]) -> tuple[list[Difference], list[str]]:
    """The fields of `mine` (as sent, and valid) that both sides changed, and the names of those that only the other
    side did; what only the sender changed needs no question. `theirs` is the same form as it is stored, with the
    values `stored`."""
    found = merge(offered=mine.values, stored=stored, base=mine.cleaned_data["base"], is_current=False)
    differences = [_difference(name, mine, theirs) for name in mine.fields if name in found.clashes]
    return differences, found.kept


def _difference(name: str, mine: forms.Form, theirs: forms.Form) -> Difference:
    widget, sent = mine.fields[name].widget, mine[name].value()
    is_text = isinstance(widget, TextInput | Textarea)
    return Difference(
        name=name,
        label=str(mine[name].label),
        mine=shown_value(mine[name]),
        theirs=shown_value(theirs[name]),
        edited=str(sent or "") if is_text else "",
        is_text=is_text,
        is_long=isinstance(widget, Textarea),
    )


def merged(data: MultiValueDict) -> MultiValueDict:
    """The form's data after the choices of the conflict page: `choice-<field>` is mine, theirs or edited.

    Theirs comes from `theirs-<field>…`, the edited text from `edited-<field>`. Without choices the data stays as it is.
    """
    choices = {key.removeprefix("choice-"): data[key] for key in data if key.startswith("choice-")}
    if not choices:
        return data
    result = data.copy()
    for name, choice in choices.items():
        if choice == "edited":
            result[name] = data.get(f"edited-{name}", "")
        elif choice == THEIRS:
            for key in [key for key in result if key == name or key.startswith(f"{name}-")]:
                del result[key]
            for key in data:
                own = key.removeprefix(f"{THEIRS}-")
                if own != key and (own == name or own.startswith(f"{name}-")):
                    result.setlist(own, data.getlist(key))
    return result
