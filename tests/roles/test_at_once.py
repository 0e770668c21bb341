"""Two administrators at the same moment, in two real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from audit import names, trail
from roles import actions
from roles.errors import NotValid
from roles.models import Access, User
from sopdesk.lib.errors import DomainError
from tests.roles.conftest import make_person

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write after the other"),
]


def at_once(*acts: Callable[[], object]) -> list[type[Exception] | None]:
    """Run `acts` in threads that start together; what each of them raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> type[Exception] | None:
        try:
            start.wait(timeout=10)
            act()
        except DomainError as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("attempt", range(3))
def test_two_administrators_never_remove_each_other(attempt: int) -> None:
    one = make_person("one", access=Access.ADMINISTRATOR)
    two = make_person("two", access=Access.ADMINISTRATOR)
    raised = at_once(
        lambda: actions.deactivate_person(two, actor=one),
        lambda: actions.change_person(one, actor=two, fields={"access": Access.READER}),
    )
    assert sum(error is None for error in raised) == 1
    assert User.objects.filter(access=Access.ADMINISTRATOR, is_active=True).count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_an_address_is_given_once(attempt: int) -> None:
    one = make_person("one", access=Access.ADMINISTRATOR)
    raised = at_once(
        lambda: actions.add_person(actor=one, email="new@firm.test", full_name="New hire"),
        lambda: actions.add_person(actor=one, email="NEW@firm.test", full_name="New hire"),
    )
    assert sorted(raised, key=str) == sorted([None, NotValid], key=str)
    person = User.objects.get(email="new@firm.test")
    assert [entry.name for entry in trail.entries_for(person)] == [names.PERSON_ADD]
    assert list(trail.faults()) == []
