"""What people type when they submit, decide, take back, publish or withdraw."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.models import Revision
from procedures.routes.deciding import SlotCheck, StageCheck
from roles.models import User
from roles.queries import today
from roles.signingforms import SigningForm


class SubmitForm(forms.ModelForm):
    """The last facts before a round opens; they belong to the draft and are saved with it. Whom the author proposes,
    where a slot of `stages` allows a choice, goes into the round.

    `version` is the one that the page showed.
    """

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    class Meta:
        model = Revision
        fields = ["change_summary", "significance", "effective_on"]
        labels = {"effective_on": _("Wished for from")}
        widgets = {
            "change_summary": forms.Textarea(attrs={"rows": 4}),
            "significance": forms.RadioSelect,
            "effective_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "change_summary": _("Approvers read it first; readers find it in the history."),
            "significance": _(
                "Major: whoever has to do otherwise than before, so that all readers are asked to read it again. "
                "Minor: wording only. Approvers see your choice. Both take the same route."
            ),
            "effective_on": _(
                "Not before today. Left empty, it is in force as soon as the last approver has signed; if they sign "
                "later than this day, from the day on which they do."
            ),
        }

    def __init__(self, *args: Any, stages: Iterable[StageCheck], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["change_summary"].required = self.instance.number > 1
        self.choices = {(check.stage.position, slot.slot.position): slot for check in stages for slot in check.slots}
        for place, slot in self.choices.items():
            if slot.allows_choice:
                self.fields[_name_of(place)] = self._proposal(slot)

    @staticmethod
    def _proposal(slot: SlotCheck) -> forms.TypedChoiceField:
        people = {person.pk: person for person in slot.able}
        return forms.TypedChoiceField(
            label=gettext("Propose for “%(slot)s”") % {"slot": slot.slot},
            choices=[("", gettext("Nobody in particular")), *((pk, str(person)) for pk, person in people.items())],
            coerce=lambda value: people[int(value)],
            empty_value=None,
            required=False,
            help_text=gettext("Named in the mail. The others may decide as well."),
        )

    def clean_effective_on(self) -> datetime.date | None:
        return not_in_the_past(self.cleaned_data["effective_on"])

    @property
    def proposals(self) -> Iterator[forms.BoundField]:
        """The fields in which somebody can be proposed."""
        return (self[_name_of(place)] for place in self.choices if _name_of(place) in self.fields)

    @property
    def details(self) -> dict[str, object]:
        """What is saved in the draft."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    @property
    def proposed(self) -> dict[tuple[int, int], User]:
        """Position of stage and slot → whom the author proposes."""
        chosen = {place: self.cleaned_data.get(_name_of(place)) for place in self.choices}
        return {place: person for place, person in chosen.items() if person}


def _name_of(place: tuple[int, int]) -> str:
    return f"proposed-{place[0]}-{place[1]}"


def not_in_the_past(day: datetime.date | None) -> datetime.date | None:
    """A wished day as it was given. Raises ValidationError when it has passed."""
    if day is not None and day < today():
        raise forms.ValidationError(gettext("This day has passed. Choose today or later, or leave it empty."))
    return day


def comment_field() -> forms.CharField:
    """What somebody may add to a signature."""
    return forms.CharField(
        label=_("Comment"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Goes to the authors and stays in the history."),
    )


def return_reason_field() -> forms.CharField:
    """Why something goes back to its authors."""
    return forms.CharField(
        label=_("What must change?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The authors get it by mail and see it above their draft."),
        error_messages={"required": _("Say what must change: the author needs a reason.")},
    )


class ApproveForm(SigningForm):
    """A signature: the password again, bound to the hash of what was shown."""

    content_hash = forms.CharField(widget=forms.HiddenInput)
    comment = comment_field()
    field_order = ["content_hash", "comment"]

    @property
    def decision(self) -> dict[str, Any]:
        """What `approve_revision` takes."""
        return {name: self.cleaned_data[name] for name in ("content_hash", "comment")} | self.proof


class ReturnForm(forms.Form):
    """A request for changes: never without a reason."""

    content_hash = forms.CharField(widget=forms.HiddenInput)
    reason = return_reason_field()


class ReasonForm(forms.Form):
    """A reason for an act that others will ask about."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give a reason.")},
    )
