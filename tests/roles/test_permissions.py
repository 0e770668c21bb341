"""Who reaches which page of the administration: every route × every kind of user × GET and POST."""

import datetime
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from roles.models import Holding, User
from roles.permissions import can_administer, sees_people
from roles.urls import urlpatterns
from tests.roles.conftest import Cast

LIST = {"administrator": (200, 405), "auditor": (200, 405), "author": (404, 405), "reader": (404, 405)}
READ_AND_CHANGE = {"administrator": (200, 422), "auditor": (200, 403), "author": (404, 404), "reader": (404, 404)}
CHANGE = {"administrator": (200, 422), "auditor": (403, 403), "author": (404, 404), "reader": (404, 404)}
ACT = {"administrator": (405, 302), "auditor": (405, 403), "author": (405, 404), "reader": (405, 404)}
OWN = {kind: (200, 422) for kind in ("administrator", "auditor", "author", "reader")}

# An empty POST is refused by every form (422); deactivating needs no field, so it goes through.
TABLE: dict[str, dict[str, tuple[int, int]]] = {
    "people": LIST,
    "person-new": CHANGE,
    "person": READ_AND_CHANGE,
    "person-deactivate": CHANGE | {"administrator": (200, 302)},
    "person-activate": ACT,
    "holding-add": CHANGE,
    "holding-end": CHANGE,
    "departments": LIST,
    "department-new": CHANGE,
    "department": READ_AND_CHANGE,
    "roles": LIST,
    "role-new": CHANGE,
    "role": READ_AND_CHANGE,
    "settings": OWN,
    "firm": READ_AND_CHANGE,
    "account_email": dict.fromkeys(OWN, (404, 404)),
}


@pytest.fixture
def address(cast: Cast) -> Callable[[str], str]:
    holding = Holding.objects.create(user=cast.author, role=cast.clerk, starts=datetime.date(2020, 1, 1))
    keys = {
        "person": [cast.author.pk],
        "person-deactivate": [cast.author.pk],
        "person-activate": [cast.author.pk],
        "holding-add": [cast.author.pk],
        "holding-end": [cast.author.pk, holding.pk],
        "department": [cast.finance.pk],
        "role": [cast.clerk.pk],
    }
    return lambda name: reverse(name, args=keys.get(name, []))


def test_table_names_every_route() -> None:
    assert {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern)} == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("kind", ["administrator", "auditor", "author", "reader"])
def test_route_answers_each_kind_of_user(
    cast: Cast, address: Callable[[str], str], as_person: Callable[[User], Client], kind: str, name: str
) -> None:
    client = as_person(getattr(cast, kind))
    shown, changed = TABLE[name][kind]
    assert client.get(address(name)).status_code == shown
    assert client.post(address(name)).status_code == changed


@pytest.mark.parametrize("name", TABLE)
def test_anonymous_is_asked_to_sign_in(cast: Cast, address: Callable[[str], str], client: Client, name: str) -> None:
    for response in (client.get(address(name)), client.post(address(name))):
        assert response.status_code == 302
        assert response.url.startswith("/accounts/login/")


@pytest.mark.parametrize("name", ["person", "person-deactivate", "department", "role", "holding-add"])
def test_number_that_does_not_exist_is_not_found(cast: Cast, as_person: Callable[[User], Client], name: str) -> None:
    assert as_person(cast.administrator).get(reverse(name, args=[999_999])).status_code == 404


def test_holding_is_only_found_below_its_own_person(cast: Cast, as_person: Callable[[User], Client]) -> None:
    holding = Holding.objects.create(user=cast.author, role=cast.clerk, starts=datetime.date(2020, 1, 1))
    address = reverse("holding-end", args=[cast.reader.pk, holding.pk])
    assert as_person(cast.administrator).get(address).status_code == 404


def test_administrators_change_and_auditors_read(cast: Cast) -> None:
    everybody = [cast.administrator, cast.auditor, cast.author, cast.reader]
    assert [can_administer(person) for person in everybody] == [True, False, False, False]
    assert [sees_people(person) for person in everybody] == [True, True, False, False]


def test_superuser_flag_alone_administers_nothing(cast: Cast) -> None:
    cast.reader.is_superuser = True
    assert not can_administer(cast.reader)
    assert not sees_people(cast.reader)


def test_inactive_administrator_has_no_rights_left(cast: Cast) -> None:
    cast.administrator.is_active = False
    assert not can_administer(cast.administrator)
    assert not sees_people(cast.administrator)


def test_auditor_is_shown_no_way_to_change(
    cast: Cast, address: Callable[[str], str], as_person: Callable[[User], Client]
) -> None:
    client = as_person(cast.auditor)
    for name in ("people", "person", "departments", "department", "roles", "role"):
        html = client.get(address(name)).text.partition("<main")[2]
        assert 'method="post"' not in html
        assert "/new/" not in html
        assert "/deactivate/" not in html
        assert "/end/" not in html
