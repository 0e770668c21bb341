"""Signing in, out, and getting a new password, in our own clothes."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from roles.models import User
from tests.sopdesk.conftest import PASSWORD


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/inactive/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/1-bad/",
        "/accounts/password/reset/key/done/",
    ],
)
def test_entrance_pages_stand_on_the_card(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert '<main class="entrance"' in response.text


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/2fa/"])
def test_account_pages_stand_in_the_frame(person: Callable[..., User], client: Client, path: str) -> None:
    client.force_login(person())
    response = client.get(path)
    assert response.status_code == 200
    assert '<header class="topbar">' in response.text


def test_authenticator_app_is_set_up_after_confirming_who_one_is(person: Callable[..., User], client: Client) -> None:
    client.force_login(person())
    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Confirm that it is you" in asked.text
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    response = client.get("/accounts/2fa/totp/activate/")
    assert response.status_code == 200
    assert 'src="data:image/svg+xml' in response.text
    assert 'name="code"' in response.text


def test_login_offers_no_account_of_ones_own(client: Client, db: None) -> None:
    html = client.get("/accounts/login/").text
    assert "/accounts/signup/" not in html
    assert "/accounts/password/reset/" in html


def test_wrong_password_does_not_tell_whether_the_account_exists(person: Callable[..., User], client: Client) -> None:
    def summary(email: str) -> str:
        html = client.post("/accounts/login/", {"login": email, "password": "wrong"}).text
        return re.search(r'<div class="error-summary".*?</div>', html, re.DOTALL)[0]

    person()
    assert summary("person@firm.test") == summary("nobody@firm.test")


def test_forgotten_password_is_replaced_by_the_link_in_the_mail(person: Callable[..., User], client: Client) -> None:
    user = person()
    client.post("/accounts/password/reset/", {"email": user.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    response = client.post(
        page.request["PATH_INFO"], {"password1": "a-new-long-secret", "password2": "a-new-long-secret"}, follow=True
    )
    user.refresh_from_db()
    assert "Your password is changed" in response.text
    assert user.check_password("a-new-long-secret")
    assert user.password_is_own, "so that it signs"
