"""One's own settings."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from roles.models import User
from tests.roles.conftest import Cast

SignIn = Callable[[User], Client]


def test_settings_are_saved_and_answered_in_the_new_language(cast: Cast, as_person: SignIn) -> None:
    browser = as_person(cast.reader)
    response = browser.post("/settings/", {"language": "fr", "theme": "dark", "watch_mail": "daily"}, follow=True)
    assert response.redirect_chain == [("/settings/", 302)]
    assert '<html lang="fr" data-theme="dark" data-keys="off">' in response.text
    cast.reader.refresh_from_db()
    saved = (cast.reader.language, cast.reader.theme, cast.reader.keys_enabled, cast.reader.watch_mail)
    assert saved == ("fr", "dark", False, "daily")


def test_settings_change_nothing_else(cast: Cast, as_person: SignIn) -> None:
    wanted = {"language": "en", "theme": "", "watch_mail": "at_once"}
    data = wanted | {"access": "administrator", "email": "mine@firm.test", "is_superuser": "on"}
    assert as_person(cast.reader).post("/settings/", data).status_code == 302
    cast.reader.refresh_from_db()
    assert (cast.reader.access, cast.reader.email, cast.reader.is_superuser) == ("reader", "reader@firm.test", False)


@pytest.mark.parametrize(
    "data",
    [
        {"language": "tlh", "theme": "", "watch_mail": "daily"},
        {"language": "en", "theme": "neon", "watch_mail": "daily"},
        {"language": "en", "theme": "", "watch_mail": "hourly"},
    ],
)
def test_unknown_choice_is_refused(cast: Cast, as_person: SignIn, data: dict[str, str]) -> None:
    assert as_person(cast.reader).post("/settings/", data).status_code == 422
    cast.reader.refresh_from_db()
    assert (cast.reader.language, cast.reader.theme) == ("en", "")


def test_settings_lead_to_password_and_second_factor(cast: Cast, as_person: SignIn) -> None:
    browser = as_person(cast.reader)
    html = browser.get("/settings/").text
    for address in ("/accounts/password/change/", "/accounts/2fa/"):
        assert f'href="{address}"' in html
        assert browser.get(address).status_code == 200


def test_nobody_adds_an_address_to_their_own_account(cast: Cast, as_person: SignIn) -> None:
    browser = as_person(cast.reader)
    assert browser.post("/accounts/email/", {"action_add": "", "email": "mine@other.test"}).status_code == 404
    assert not EmailAddress.objects.filter(email="mine@other.test").exists()
