"""Departments, roles, and who holds a role from when to when."""

import datetime

import pytest
from django.db import transaction

from audit import names, trail
from roles import actions
from roles.errors import NotValid
from roles.models import Department, Holding, Role
from roles.queries import holders_of, holdings_around
from sopdesk.lib.errors import InvalidTransition, NotPermitted
from tests.roles.conftest import Cast

DAY = datetime.date(2026, 3, 15)
BEFORE = datetime.date(2026, 3, 14)
AFTER = datetime.date(2026, 3, 16)


def hold(cast: Cast, starts: datetime.date = DAY, ends: datetime.date | None = None) -> Holding:
    return actions.add_holding(cast.reader, actor=cast.administrator, role=cast.clerk, starts=starts, ends=ends)


# Departments and roles ---------------------------------------------------------------------------------------


def test_department_is_added_with_a_code_in_capitals(cast: Cast) -> None:
    department = actions.add_department(actor=cast.administrator, code=" ops", name="Operations", head=cast.reader)
    entry = trail.entries_for(department).get()
    assert (department.code, department.head) == ("OPS", cast.reader)
    assert (entry.name, entry.data) == (
        names.DEPARTMENT_ADD,
        {"code": "OPS", "name": "Operations", "head": "Reader"},
    )


@pytest.mark.parametrize(
    ("code", "name", "field"), [("FIN", "New", "code"), ("NEW", "Finance", "name"), ("1", "New", "code")]
)
def test_department_with_a_taken_or_malformed_value_is_refused(cast: Cast, code: str, name: str, field: str) -> None:
    with pytest.raises(NotValid) as refused:
        actions.add_department(actor=cast.administrator, code=code, name=name)
    assert list(refused.value.errors) == [field]
    assert Department.objects.count() == 1


def test_new_head_is_recorded(cast: Cast) -> None:
    actions.change_department(cast.finance, actor=cast.administrator, fields={"head": cast.author})
    entry = trail.entries_for(cast.finance).get()
    assert (entry.name, entry.data) == (names.DEPARTMENT_CHANGE, {"head": {"old": None, "new": "Author"}})


def test_code_of_a_department_stays(cast: Cast) -> None:
    with pytest.raises(ValueError, match="code"):
        actions.change_department(cast.finance, actor=cast.administrator, fields={"code": "ACC"})


def test_head_is_an_active_person(cast: Cast) -> None:
    left = actions.deactivate_person(cast.author, actor=cast.administrator)
    with pytest.raises(NotValid) as refused:
        actions.change_department(cast.finance, actor=cast.administrator, fields={"head": left})
    assert list(refused.value.errors) == ["head"]
    assert trail.entries_for(cast.finance).count() == 0


def test_role_is_added_and_changed(cast: Cast) -> None:
    role = actions.add_role(actor=cast.administrator, name="Store  keeper", description="Counts stock.")
    actions.change_role(role, actor=cast.administrator, fields={"department": cast.finance, "is_active": False})
    added, changed = trail.entries_for(role)
    assert (added.name, added.data["name"]) == (names.ROLE_ADD, "Store keeper")
    assert (changed.name, changed.data) == (
        names.ROLE_CHANGE,
        {"department": {"old": None, "new": "Finance"}, "is_active": {"old": True, "new": False}},
    )
    assert role.history.first().history_user == cast.administrator


def test_role_name_is_taken_once(cast: Cast) -> None:
    with pytest.raises(NotValid) as refused:
        actions.add_role(actor=cast.administrator, name="Payroll clerk")
    assert list(refused.value.errors) == ["name"]
    assert Role.objects.count() == 1


# Holdings ----------------------------------------------------------------------------------------------------


def test_holding_includes_its_first_and_last_day(cast: Cast) -> None:
    hold(cast, starts=DAY, ends=DAY)
    held = [holders_of(cast.clerk, day=day).exists() for day in (BEFORE, DAY, AFTER)]
    assert held == [False, True, False]


def test_holding_is_an_event_of_the_person(cast: Cast) -> None:
    hold(cast)
    entry = trail.entries_for(cast.reader).get()
    assert (entry.name, entry.data) == (
        names.HOLDING_ADD,
        {"role": "Payroll clerk", "starts": "2026-03-15", "ends": None},
    )


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(BEFORE, None), (BEFORE, DAY), (AFTER, None), (BEFORE, AFTER)],
)
def test_same_role_is_not_held_twice_on_a_day(cast: Cast, starts: datetime.date, ends: datetime.date | None) -> None:
    hold(cast, starts=DAY, ends=datetime.date(2026, 3, 31))
    with pytest.raises(NotValid):
        hold(cast, starts=starts, ends=ends)
    assert Holding.objects.count() == 1
    assert trail.entries_for(cast.reader).count() == 1


def test_role_may_be_held_again_from_the_next_day(cast: Cast) -> None:
    hold(cast, starts=BEFORE, ends=DAY)
    hold(cast, starts=AFTER)
    assert Holding.objects.on(AFTER).count() == 1


def test_role_may_be_noted_for_days_before_another_holding(cast: Cast) -> None:
    hold(cast, starts=AFTER)
    hold(cast, starts=BEFORE, ends=DAY)
    assert Holding.objects.on(DAY).count() == 1


def test_days_the_wrong_way_round_are_said_beside_the_last_day(cast: Cast) -> None:
    with pytest.raises(NotValid) as refused:
        hold(cast, starts=DAY, ends=BEFORE)
    assert list(refused.value.errors) == ["ends"]


def test_second_open_holding_is_stopped_by_the_database_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(cast)
    monkeypatch.setattr(actions.structure, "_check_days", lambda holding, *, ends: None)
    with pytest.raises(NotValid):
        hold(cast)
    assert Holding.objects.count() == 1


def test_role_that_is_not_active_is_given_to_nobody(cast: Cast) -> None:
    actions.change_role(cast.clerk, actor=cast.administrator, fields={"is_active": False})
    with pytest.raises(NotValid) as refused:
        hold(cast)
    assert list(refused.value.errors) == ["role"]
    assert not Holding.objects.exists()


def test_person_who_is_not_active_takes_no_role(cast: Cast) -> None:
    actions.deactivate_person(cast.reader, actor=cast.administrator)
    with pytest.raises(NotValid):
        hold(cast)
    assert not Holding.objects.exists()


def test_holding_ends_on_a_day(cast: Cast) -> None:
    ended = actions.end_holding(hold(cast), actor=cast.administrator, ends=AFTER)
    entry = trail.entries_for(cast.reader).last()
    assert ended.ends == AFTER
    assert (entry.name, entry.data) == (
        names.HOLDING_END,
        {"role": "Payroll clerk", "ends": {"old": None, "new": "2026-03-16"}},
    )


def test_holding_that_is_over_stays_as_it_was(cast: Cast) -> None:
    holding = hold(cast, starts=DAY, ends=AFTER)
    with pytest.raises(InvalidTransition):
        actions.end_holding(holding, actor=cast.administrator, ends=DAY)
    holding.refresh_from_db()
    assert holding.ends == AFTER


def test_holding_does_not_end_before_it_begins(cast: Cast) -> None:
    holding = hold(cast)
    with pytest.raises(NotValid):
        actions.end_holding(holding, actor=cast.administrator, ends=BEFORE)
    holding.refresh_from_db()
    assert holding.ends is None


def test_last_day_does_not_reach_into_the_next_holding(cast: Cast) -> None:
    today = datetime.date.today()
    later = today + datetime.timedelta(days=30)
    first = hold(cast, starts=DAY, ends=later - datetime.timedelta(days=1))
    hold(cast, starts=later)
    with pytest.raises(NotValid):
        actions.end_holding(first, actor=cast.administrator, ends=later)


def test_holdings_are_told_apart_by_time(cast: Cast) -> None:
    before = hold(cast, starts=datetime.date(2020, 1, 1), ends=datetime.date(2020, 12, 31))
    now = hold(cast, starts=DAY, ends=DAY)
    later = hold(cast, starts=AFTER)
    found = holdings_around(DAY, user=cast.reader)
    assert (found.before, found.now, found.later) == ([before], [now], [later])
    assert holdings_around(DAY, role=cast.clerk) == found


@pytest.mark.parametrize("kind", ["auditor", "author", "reader"])
def test_only_administrators_change_the_structure(cast: Cast, kind: str) -> None:
    actor = getattr(cast, kind)
    holding = Holding.objects.create(user=cast.author, role=cast.clerk, starts=DAY)
    for act in (
        lambda: actions.add_department(actor=actor, code="NEW", name="New"),
        lambda: actions.change_department(cast.finance, actor=actor, fields={"name": "Accounts"}),
        lambda: actions.add_role(actor=actor, name="New"),
        lambda: actions.change_role(cast.clerk, actor=actor, fields={"name": "New"}),
        lambda: actions.add_holding(cast.reader, actor=actor, role=cast.clerk, starts=DAY),
        lambda: actions.end_holding(holding, actor=actor, ends=AFTER),
    ):
        with pytest.raises(NotPermitted), transaction.atomic():
            act()
    assert (Department.objects.count(), Role.objects.count(), Holding.objects.count()) == (1, 1, 1)
