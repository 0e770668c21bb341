"""The access of everybody on a day, from the trail alone: changed, ended and given back since."""

import csv
import datetime
import io

import pytest
import time_machine
from django.urls import reverse

from audit import names, trail
from reports.access import access_on
from roles import actions as people
from roles.models import Access

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = (datetime.date(2026, 3, day) for day in (2, 4, 6))


def at_noon(day: datetime.date):
    return time_machine.travel(datetime.datetime.combine(day, datetime.time(12), tzinfo=datetime.UTC), tick=False)


def row_of(day: datetime.date, email: str):
    return next((row for row in access_on(day) if row.facts["email"] == email), None)


@pytest.fixture
def anna(firm):
    """Added on the first day, changed on the second, deactivated on the third."""
    with at_noon(FIRST):
        person = people.add_person(
            actor=firm.administrator, email="anna@firm.test", full_name="Anna", department=firm.finance
        )
        people.add_holding(person, actor=firm.administrator, role=firm.clerk_role, starts=FIRST)
    with at_noon(SECOND):
        changes = {"access": Access.AUDITOR, "department": None}
        people.change_person(person, actor=firm.administrator, fields=changes)
        people.end_holding(person.holdings.get(), actor=firm.administrator, ends=SECOND)
    with at_noon(THIRD):
        people.deactivate_person(person, actor=firm.administrator)
    return person


def test_each_day_shows_what_held_at_its_end(firm, anna):
    day = datetime.timedelta(days=1)
    assert row_of(FIRST - day, "anna@firm.test") is None
    found = [row_of(when, "anna@firm.test") for when in (FIRST, SECOND, SECOND + day, THIRD)]
    assert [row.facts["access"] for row in found] == ["reader", "auditor", "auditor", "auditor"]
    assert [row.facts["department"] for row in found] == ["Finance", None, None, None]
    assert [row.roles for row in found] == [["Payroll clerk"], ["Payroll clerk"], [], []]
    assert [row.is_active for row in found] == [True, True, True, False]
    assert all(row.from_trail for row in found)


def test_who_was_set_up_past_the_trail_is_said_so_with_the_values_of_that_day(firm):
    before = datetime.date.today()
    with at_noon(before + datetime.timedelta(days=3)):
        people.change_person(firm.staff, actor=firm.administrator, fields={"access": Access.AUTHOR})
    row = row_of(before, "staff@firm.test")
    assert (row.facts["access"], row.roles, row.from_trail) == ("reader", ["Payroll clerk"], False)


def test_the_table_is_taken_along_and_that_is_on_the_trail(client, firm, anna):
    client.force_login(firm.auditor)
    address = reverse("audit-access")
    assert "Anna" in client.get(address, {"day": SECOND.isoformat()}).text
    data = client.post(address, {"day": SECOND.isoformat()}).content.decode("utf-8-sig")
    (row,) = [row for row in csv.DictReader(io.StringIO(data)) if row["email"] == "anna@firm.test"]
    assert (row["access"], row["roles"], row["active"], row["from_trail"]) == ("auditor", "Payroll clerk", "yes", "yes")
    assert trail.entries().filter(name=names.TRAIL_EXPORT).get().data["filters"] == {"access_on": "2026-03-04"}
    client.force_login(firm.author)
    assert client.get(address).status_code == 403
