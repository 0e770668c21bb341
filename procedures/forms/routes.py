"""The form of a route: facts, stages, and in every stage its slots.

Controls are named by their places ("stages-0-slots-1-who"). A button inside the form may change the places instead of
saving; everything that was typed stays as it is, also what does not fit yet.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from procedures.actions.routes import MAX_DAYS, MAX_SLOTS
from procedures.models import Kind, Meaning, Risk, Route, SlotKind, StageRule
from procedures.routes.specs import DAYS_TO_DECIDE, SlotSpec, StageSpec, stages_of
from roles.errors import NotValid
from roles.forms import in_use_or
from roles.models import Department, Role, User
from sopdesk.lib.sorting import by_name

CHECKED = "on"
MAX_DIGITS = 9
MOVES = re.compile(
    r"(add-stage|remove-stage|stage-up|stage-down|add-slot|remove-slot|slot-up|slot-down)((?:-\d{1,3})*)"
)


class RouteForm(forms.Form):
    """What a route is called and what it is for."""

    version = forms.IntegerField(required=False)
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", pgettext_lazy("kinds", "Every kind")), *Kind.choices]
    )
    department = forms.ModelChoiceField(
        Department.objects.all(),
        label=gettext_lazy("Department"),
        required=False,
        empty_label=pgettext_lazy("departments", "Every department"),
    )
    risk = forms.ChoiceField(
        label=gettext_lazy("Risk"), required=False, choices=[("", pgettext_lazy("risks", "Every risk")), *Risk.choices]
    )

    FACTS = ("name", "kind", "department", "risk")


class StageForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name of the stage"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    rule = forms.ChoiceField(
        label=gettext_lazy("Who must sign"),
        choices=[
            (StageRule.ALL.value, gettext_lazy("All places")),
            (StageRule.ANY.value, gettext_lazy("One place is enough")),
            (StageRule.N_OF.value, gettext_lazy("A number of places")),
        ],
    )
    needed = forms.IntegerField(
        label=gettext_lazy("How many"), required=False, min_value=1, max_value=MAX_SLOTS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    meaning = forms.ChoiceField(label=gettext_lazy("Meaning of the signature"), choices=Meaning.choices)
    days = forms.IntegerField(
        label=gettext_lazy("Days to decide"), min_value=1, max_value=MAX_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    needs_signature = forms.BooleanField(label=gettext_lazy("Ask for the password"), required=False)
    needs_second_factor = forms.BooleanField(label=gettext_lazy("Ask for a second factor too"), required=False)


class SlotForm(forms.Form):
    """Who fills one slot: one list of roles, people, the head and the owner."""

    who = forms.ChoiceField(label=gettext_lazy("Filled by"))


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot of the form; `number` is its place in the stage from 0 on."""

    form: SlotForm
    number: int

    @property
    def place(self) -> str:
        """Its number as the values of buttons hold it."""
        return str(self.number)

    @property
    def shown(self) -> int:
        return self.number + 1


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the form with its slots; `number` is its place from 0 on."""

    form: StageForm
    number: int
    slots: list[Slot]

    @property
    def place(self) -> str:
        """Its number as the values of buttons hold it."""
        return str(self.number)

    @property
    def title(self) -> str:
        return _("Stage %(number)d") % {"number": self.number + 1}


Row = dict[str, Any]
"""What stands in the controls of a stage: text by field, and under "slots" the choice of each."""


class RouteEditor:
    """The whole form, as it is shown first, after a button, or after it was sent."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, route: Route | None = None) -> None:
        self.route = route
        self.data = data
        self.said = ""
        self.focus = ""
        self.overwrites: int | None = None
        """The version that is saved over next time, by whoever has seen it."""
        self.rows: list[Row] = _rows_sent(data) if data is not None else _rows_of(route)
        self._is_sent = data is not None

    # Buttons that change the places

    def move(self, wish: str) -> bool:
        """Carry out what the button `wish` says; False when it is none of these, and the form is to be saved."""
        match = MOVES.fullmatch(wish)
        if not match:
            return False
        self._is_sent = False
        places = [int(place) for place in match[2].split("-")[1:]]
        act = getattr(self, f"_{match[1].replace('-', '_')}")
        try:
            act(*places)
        except (IndexError, TypeError):  # a button of a stage that is not there any more
            self.said = ""
        return True

    def _add_stage(self) -> None:
        self.rows.append(_empty_row())
        self.focus = f"stages-{len(self.rows) - 1}-name"
        self.said = _("Stage %(number)d was added.") % {"number": len(self.rows)}

    def _remove_stage(self, place: int) -> None:
        del self.rows[place]
        self.focus = f"stages-{min(place, len(self.rows) - 1)}-name" if self.rows else "add-stage"
        self.said = _("Stage %(number)d was removed.") % {"number": place + 1}

    def _stage_up(self, place: int) -> None:
        self._swap(self.rows, place, place - 1)
        self.focus = f"stage-up-{place - 1}" if place > 1 else f"stage-down-{place - 1}"
        self.said = _("Moved to place %(number)d.") % {"number": place}

    def _stage_down(self, place: int) -> None:
        self._swap(self.rows, place, place + 1)
        self.focus = f"stage-down-{place + 1}" if place + 2 < len(self.rows) else f"stage-up-{place + 1}"
        self.said = _("Moved to place %(number)d.") % {"number": place + 2}

    def _add_slot(self, place: int) -> None:
        slots = self.rows[place]["slots"]
        slots.append("")
        self.focus = f"stages-{place}-slots-{len(slots) - 1}-who"
        self.said = _("A place was added.")

    def _remove_slot(self, place: int, slot: int) -> None:
        slots = self.rows[place]["slots"]
        del slots[slot]
        self.focus = f"stages-{place}-slots-{min(slot, len(slots) - 1)}-who" if slots else f"add-slot-{place}"
        self.said = _("The place was removed.")

    def _slot_up(self, place: int, slot: int) -> None:
        self._swap(self.rows[place]["slots"], slot, slot - 1)
        self.focus = f"slot-up-{place}-{slot - 1}" if slot > 1 else f"slot-down-{place}-{slot - 1}"
        self.said = _("Moved to place %(number)d.") % {"number": slot}

    def _slot_down(self, place: int, slot: int) -> None:
        slots = self.rows[place]["slots"]
        self._swap(slots, slot, slot + 1)
        self.focus = f"slot-down-{place}-{slot + 1}" if slot + 2 < len(slots) else f"slot-up-{place}-{slot + 1}"
        self.said = _("Moved to place %(number)d.") % {"number": slot + 2}

    @staticmethod
    def _swap(rows: list, one: int, other: int) -> None:
        if other < 0:
            raise IndexError
        rows[one], rows[other] = rows[other], rows[one]

    # Forms

    @cached_property
    def form(self) -> RouteForm:
        if self.data is None:
            form = RouteForm(initial=self._facts(), auto_id="id_%s")
        elif self._is_sent:
            form = RouteForm(self.data)
        else:
            form = RouteForm(initial={name: self.data.get(name, "") for name in RouteForm.base_fields})
        offered = in_use_or(Department, self.route.department_id if self.route else None)
        cast(forms.ModelChoiceField, form.fields["department"]).queryset = offered
        return form

    def _facts(self) -> dict[str, object]:
        return {name: getattr(self.route, name) for name in (*RouteForm.FACTS, "version")} if self.route else {}

    @cached_property
    def stages(self) -> list[Stage]:
        return [self._stage(number, row) for number, row in enumerate(self.rows)]

    def _stage(self, number: int, row: Row) -> Stage:
        prefix = f"stages-{number}"
        form = StageForm(**self._filled(prefix, {name: row[name] for name in StageForm.base_fields}))
        slots = []
        for place, who in enumerate(row["slots"]):
            slot = SlotForm(**self._filled(f"{prefix}-slots-{place}", {"who": who}))
            slot.fields["who"].label = _("Place %(number)d") % {"number": place + 1}
            cast(forms.ChoiceField, slot.fields["who"]).choices = self._people(who)
            slots.append(Slot(slot, place))
        for one in [form, *(slot.form for slot in slots)]:
            self._give_focus(one)
        return Stage(form, number, slots)

    def _give_focus(self, form: forms.Form) -> None:
        for name, field in form.fields.items():
            if form.add_prefix(name) == self.focus:
                field.widget.attrs["autofocus"] = True

    def _filled(self, prefix: str, values: Mapping[str, object]) -> dict[str, Any]:
        if not self._is_sent:
            return {"prefix": prefix, "initial": values}
        return {"prefix": prefix, "data": {f"{prefix}-{name}": value for name, value in values.items() if value != ""}}

    @cached_property
    def _choices(self) -> list[tuple[str, Any]]:
        roles = Role.objects.filter(is_active=True)
        people = User.objects.filter(is_active=True)
        return [
            ("", _("Choose who decides")),
            (SlotKind.HEAD.value, SlotKind.HEAD.label),
            (SlotKind.OWNER.value, SlotKind.OWNER.label),
            (_("Any holder of a role"), [(f"role:{role.pk}", str(role)) for role in by_name(roles)]),
            (_("A named person"), [(f"person:{person.pk}", str(person)) for person in by_name(people)]),
        ]

    def _people(self, who: str) -> list[tuple[str, Any]]:
        """The choices of a slot, with who fills it now although they are not offered any more."""
        slot = _slot_from(who)
        offered = {value for _label, rows in self._choices if isinstance(rows, list) for value, _name in rows}
        if slot is None or who in offered or not (slot.role_id or slot.person_id):
            return self._choices
        rows = Role.objects.filter(pk=slot.role_id) if slot.role_id else User.objects.filter(pk=slot.person_id or 0)
        left = rows.first()
        return [*self._choices, (who, _("%(name)s (not active)") % {"name": left})] if left else self._choices

    @property
    def all_forms(self) -> list[forms.Form]:
        inside = [form for stage in self.stages for form in [stage.form, *(slot.form for slot in stage.slots)]]
        return [self.form, *inside]

    # What was sent

    def is_valid(self) -> bool:
        return all([form.is_valid() for form in self.all_forms])

    @property
    def has_errors(self) -> bool:
        return self._is_sent and any(form.errors for form in self.all_forms)

    @property
    def faulty(self) -> list[SimpleNamespace]:
        """The fields that are wrong, each by a name that says in which stage it stands."""
        of_stage = [(stage, form) for stage in self.stages for form in [stage.form, *(s.form for s in stage.slots)]]
        named = [("", self.form), *((f"{stage.title}, ", form) for stage, form in of_stage)]
        return [
            SimpleNamespace(
                label=f"{before}{bound.label}",
                errors=bound.errors,
                id_for_label=bound.id_for_label,
                auto_id=bound.auto_id,
            )
            for before, form in named
            for bound in form
            if self._is_sent and bound.errors
        ]

    @property
    def general(self) -> list[str]:
        return [str(error) for error in self.form.non_field_errors()] if self._is_sent else []

    @property
    def error_count(self) -> int:
        return len(self.faulty) + len(self.general)

    @property
    def facts(self) -> dict[str, Any]:
        return {name: self.form.cleaned_data[name] for name in RouteForm.FACTS}

    @property
    def version(self) -> int:
        return self.form.cleaned_data["version"] or 0

    @property
    def shown_version(self) -> object:
        """What the form carries until it is sent."""
        return self.overwrites or self.form["version"].value() or ""

    @property
    def specs(self) -> list[StageSpec]:
        """The stages as the action takes them."""
        return [
            StageSpec(
                slots=tuple(cast(SlotSpec, _slot_from(slot.form.cleaned_data["who"])) for slot in stage.slots),
                **stage.form.cleaned_data,
            )
            for stage in self.stages
        ]

    def take_errors(self, error: NotValid) -> None:
        """Show what the action refused beside its field, or above the form where there is none."""
        places = {form.add_prefix(name): (form, name) for form in self.all_forms for name in form.fields}
        for field, sentences in error.errors.items():
            form, name = places.get(field, (self.form, None))
            form.add_error(None if field == NON_FIELD_ERRORS else name, ValidationError(list(sentences)))


def _slot_from(who: str) -> SlotSpec | None:
    kind, _colon, number = who.partition(":")
    pk = int(number) if number.isdecimal() and len(number) <= MAX_DIGITS else None
    if kind == SlotKind.ROLE and pk:
        return SlotSpec(SlotKind.ROLE, role_id=pk)
    if kind == SlotKind.PERSON and pk:
        return SlotSpec(SlotKind.PERSON, person_id=pk)
    return SlotSpec(SlotKind(kind)) if kind in (SlotKind.HEAD, SlotKind.OWNER) and not number else None


def _who_of(slot: SlotSpec) -> str:
    number = slot.role_id or slot.person_id
    return f"{slot.kind}:{number}" if number else str(slot.kind)


def _empty_row() -> Row:
    return {
        "name": "", "rule": StageRule.ALL.value, "needed": "", "meaning": Meaning.APPROVED.value,
        "days": DAYS_TO_DECIDE, "needs_signature": CHECKED, "needs_second_factor": "", "slots": [""],
    }  # fmt: skip


def _rows_of(route: Route | None) -> list[Row]:
    """What the form shows of a stored route; for a new one a stage in which the head of the department approves."""
    if route is None:
        return [{**_empty_row(), "name": _("Approval"), "slots": [SlotKind.HEAD.value]}]
    return rows_from(stages_of(route))


def rows_from(stages: Sequence[StageSpec]) -> list[Row]:
    return [
        {
            **{name: getattr(stage, name) for name in ("name", "rule", "meaning", "days")},
            "needed": stage.needed or "",
            "needs_signature": CHECKED if stage.needs_signature else "",
            "needs_second_factor": CHECKED if stage.needs_second_factor else "",
            "slots": [_who_of(slot) for slot in stage.slots],
        }
        for stage in stages
    ]


def _rows_sent(data: Mapping[str, Any]) -> list[Row]:
    """The stages as they stand in what was sent, in the order of their numbers."""
    numbers = {int(match[1]) for key in data if (match := re.match(r"stages-(\d{1,3})-", key))}
    rows = []
    for number in sorted(numbers):
        prefix = f"stages-{number}"
        row: Row = {name: data.get(f"{prefix}-{name}", "") for name in StageForm.base_fields}
        found = {int(match[1]) for key in data if (match := re.fullmatch(rf"{prefix}-slots-(\d{{1,3}})-who", key))}
        row["slots"] = [data.get(f"{prefix}-slots-{place}-who", "") for place in sorted(found)]
        rows.append(row)
    return rows


class WhoForm(forms.Form):
    """For which department, author and owner it is asked who would decide."""

    department = forms.ModelChoiceField(
        Department.objects.filter(is_active=True), label=gettext_lazy("Department"), empty_label=None
    )
    author = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=gettext_lazy("Written by"),
        required=False,
        empty_label=pgettext_lazy("author", "Somebody else"),
    )
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=gettext_lazy("Owner"),
        required=False,
        empty_label=pgettext_lazy("owner", "Not known yet"),
    )

    @classmethod
    def for_route(cls, route: Route, data: Mapping[str, Any], *, user: User) -> "WhoForm":
        """The form as it was sent; before that it asks for the department of the route, or of `user`, or the first."""
        asked = {name: data[name] for name in cls.base_fields if data.get(name)}
        active = Department.objects.filter(is_active=True)
        usual = [route.department, user.department, active.first()]
        department = next((row for row in usual if row is not None and row.is_active), None)
        return cls({"department": department.pk if department else "", **asked})


class DeactivateRouteForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500,
        help_text=gettext_lazy("Kept in the trail, such as: Finance decides on all of it now."),
    )  # fmt: skip
