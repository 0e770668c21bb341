"""Who could do what on a day, worked out from the trail alone: for access reviews, and for days long gone."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from audit import names, trail
from roles.models import Access, Holding, User

EVENTS = (
    names.PERSON_ADD, names.PERSON_CHANGE, names.PERSON_DEACTIVATE, names.PERSON_ACTIVATE, names.HOLDING_ADD,
    names.HOLDING_END,
)  # fmt: skip
FACTS = ("full_name", "email", "department", "access", "access_ends", "is_active")
HEADINGS = ("name", "email", "department", "access", "access_ends", "active", "roles", "from_trail")


@dataclass(slots=True)
class AccessRow:
    """One person as they were; `from_trail` is false for who was set up past it (`createsuperuser`): what nobody has
    noted is then taken from today's row."""

    facts: dict[str, Any] = field(default_factory=dict)
    holdings: dict[tuple[str, str], str | None] = field(default_factory=dict)
    from_trail: bool = False
    roles: list[str] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        return bool(self.facts.get("is_active", True))

    @property
    def access(self) -> str:
        """The access level in words."""
        return str(dict(Access.choices).get(self.facts.get("access", ""), ""))

    def cells(self) -> list[str]:
        """The row of the table, in the order of HEADINGS."""
        facts = [str(self.facts.get(name) or "") for name in FACTS[:-1]]
        return [*facts, "yes" if self.is_active else "no", ", ".join(self.roles), "yes" if self.from_trail else "no"]


def access_on(day: datetime.date) -> list[AccessRow]:
    """Everybody who had an account at the end of `day`, by name, with the roles that they held on it; 3 queries."""
    end = timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))
    rows: dict[str, AccessRow] = {}
    later: dict[str, dict[str, Any]] = {}
    for subject, event, data, at in _entries():
        if at < end:
            _apply(rows.setdefault(subject, AccessRow()), event, data)
        elif event in (names.PERSON_CHANGE, names.PERSON_DEACTIVATE, names.PERSON_ACTIVATE):
            for name, change in data.items():
                later.setdefault(subject, {}).setdefault(name, change["old"])
    for person in User.objects.filter(created_at__lt=end).select_related("department"):
        row = rows.setdefault(str(person.pk), AccessRow())
        today = {name: getattr(person, name) for name in FACTS} | {"department": str(person.department or "")}
        row.facts = {**today, **later.get(str(person.pk), {}), **row.facts} if not row.from_trail else row.facts
    unnoted = [int(pk) for pk, row in rows.items() if not row.from_trail]
    for holding in Holding.objects.filter(user__in=unnoted).select_related("role"):
        ends = holding.ends.isoformat() if holding.ends else None
        rows[str(holding.user_id)].holdings.setdefault((holding.role.name, holding.starts.isoformat()), ends)
    for row in rows.values():
        row.roles = sorted(_held(row, day.isoformat()))
    return sorted(rows.values(), key=lambda row: (str(row.facts.get("full_name", "")), str(row.facts.get("email", ""))))


def _entries() -> Iterator[tuple[str, str, dict[str, Any], datetime.datetime]]:
    entries = trail.entries().filter(name__in=EVENTS).order_by("seq")
    yield from entries.values_list("subject_id", "name", "data", "at").iterator(chunk_size=trail.AT_ONCE)


def _apply(row: AccessRow, event: str, data: dict[str, Any]) -> None:
    match event:
        case names.PERSON_ADD:
            row.facts, row.from_trail = {"is_active": True, **data}, True
        case names.HOLDING_ADD:
            row.holdings[data["role"], data["starts"]] = data.get("ends")
        case names.HOLDING_END:
            old, new = data["ends"]["old"], data["ends"]["new"]
            found = [key for key, ends in row.holdings.items() if key[0] == data["role"] and ends == old]
            if found:
                row.holdings[found[-1]] = new
        case _:
            row.facts.update({name: change["new"] for name, change in data.items()})


def _held(row: AccessRow, day: str) -> Iterator[str]:
    for (role, starts), ends in row.holdings.items():
        if starts <= day and (not ends or day <= ends):
            yield role
