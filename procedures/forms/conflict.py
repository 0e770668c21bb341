"""Two texts of one thing: which fields differ, and the merged form out of the choices that a person made."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.forms.widgets import Textarea, TextInput
from django.utils.datastructures import MultiValueDict

from procedures.forms.rows import shown_value

THEIRS = "theirs"
"""Prefix of the other person's values in the conflict form."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field with two texts, in words.

    `is_text`: they can be edited into one, beginning with `edited`. `is_only_theirs`: the sender did not touch it.
    """

    name: str
    label: str
    mine: str
    theirs: str
    edited: str
    is_text: bool
    is_long: bool
    is_only_theirs: bool


def differences(mine: forms.Form, theirs: forms.Form, base: Mapping[str, object]) -> list[Difference]:
    """The fields of `mine` (as sent) that differ from `theirs` (as stored, same class).

    base: the values that both began with, as far as they are known.
    """
    found = []
    for name, field in mine.fields.items():
        sent = mine[name].value()
        if name == "version" or not field.has_changed(theirs[name].initial, sent):
            continue
        is_text = isinstance(field.widget, TextInput | Textarea)
        found.append(
            Difference(
                name=name,
                label=str(mine[name].label),
                mine=shown_value(mine[name]),
                theirs=shown_value(theirs[name]),
                edited=str(sent or "") if is_text else "",
                is_text=is_text,
                is_long=isinstance(field.widget, Textarea),
                is_only_theirs=name in base and not field.has_changed(base[name], sent),
            )
        )
    return found


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
