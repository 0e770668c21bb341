"""When somebody is away and who stands in; who decides in a place that nobody fills."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from procedures.models import RoundSlot
from roles.forms import ActionForm
from roles.models import Absence, User
from roles.queries import today


class AbsenceForm(ActionForm):
    """`is_for_another`: an administrator fills it in for somebody else, and says why."""

    class Meta:
        model = Absence
        fields = ["starts", "ends", "deputy", "reason"]
        help_texts: Mapping[str, object] = {
            "ends": _("On this day you are still away."),
            "deputy": _("Decides for you on what waits for you meanwhile, and is named as your deputy. You may decide "
                        "too."),
        }  # fmt: skip
        widgets: Mapping[str, object] = {
            "starts": forms.DateInput(attrs={"type": "date"}),
            "ends": forms.DateInput(attrs={"type": "date"}),
        }

    def __init__(self, *args: Any, person: User, is_for_another: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("deputy", User.objects.filter(is_active=True).exclude(pk=person.pk), _("Nobody"))
        self.fields["starts"].initial = today()
        if is_for_another:
            self.fields["reason"].required = True
            self.fields["ends"].help_text = _("On this day the person is still away.")
            self.fields["deputy"].help_text = _(
                "Decides on what waits for the person meanwhile, and is named as the deputy."
            )
            self.fields["reason"].help_text = _("Kept in the trail, and told to the person and the deputy.")
        else:
            del self.fields["reason"]


class AbsenceEndForm(forms.Form):
    """Why an administrator ends the absence of somebody else; one's own needs no reason."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Kept in the trail, and told to the deputy.")
    )

    def __init__(self, *args: Any, is_for_another: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_for_another:
            del self.fields["reason"]


class ReassignForm(forms.Form):
    """Somebody else for a place. `held_by` is who filled it when the page was shown."""

    held_by = forms.CharField(widget=forms.HiddenInput)
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Who should decide?"), empty_label=_("Choose a person")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kept in the trail, and told to those who are concerned."),
        error_messages={"required": _("Say why somebody else should decide.")},
    )

    def __init__(self, *args: Any, slot: RoundSlot, people: QuerySet[User], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"held_by": slot.place_key})
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
