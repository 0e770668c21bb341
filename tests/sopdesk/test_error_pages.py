"""Pages for what goes wrong before or beside a view."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

pytestmark = pytest.mark.urls("tests.sopdesk.urls")


def test_server_error_page_needs_neither_database_nor_request() -> None:
    html = render_to_string("500.html")
    assert "The server could not answer" in html
    assert 'lang="en"' in html


def test_server_error_page_is_what_people_see(sign_in: Callable[..., Client]) -> None:
    client = sign_in()
    client.raise_request_exception = False
    response = client.get("/crash/")
    assert response.status_code == 500
    assert "The server could not answer" in response.text
    assert "on purpose" not in response.text


def test_request_that_is_not_understood_gets_a_page(sign_in: Callable[..., Client]) -> None:
    response = sign_in().get("/suspicious/")
    assert response.status_code == 400
    assert "Nothing was changed." in response.text
    assert "on purpose" not in response.text


def test_unknown_address_gets_a_page(client: Client, db: None) -> None:
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "There is nothing here for you" in response.text
    assert "Perhaps it is there once you have signed in." in response.text
    assert 'href="/accounts/login/">Sign in</a>' in response.text
    assert "Go to my work" not in response.text


def test_form_without_token_gets_a_page_that_says_what_to_do(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@b.test", "password": "x"})
    assert response.status_code == 403
    assert "This page was open for too long" in response.text


@pytest.mark.parametrize("template", ["400.html", "403_csrf.html", "429.html", "500.html"])
def test_bare_error_pages_use_no_inline_code(template: str) -> None:
    with translation.override("fr"):
        html = render_to_string(template)
    assert 'lang="fr"' in html
    assert " style=" not in html
    assert "<style" not in html
    assert "<script>" not in html


def test_address_that_only_takes_forms_gets_a_page(sign_in: Callable[..., Client]) -> None:
    response = sign_in().get("/notices/read/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "Nothing to see at this address" in response.text


FORM = "/procedures/FIN-001/suggest/?step=1"


@pytest.mark.parametrize(
    ("came_from", "back_to"),
    [
        (f"http://testserver{FORM}", FORM),
        ("http://elsewhere.test/form/", "/notices/read/"),
        ("", "/notices/read/"),
    ],
)
def test_who_sent_a_form_after_the_session_comes_back_to_the_form(
    client: Client, db: None, came_from: str, back_to: str
) -> None:
    response = client.post("/notices/read/", headers={"Referer": came_from})
    assert parse_qs(urlsplit(response["Location"]).query, strict_parsing=True)["next"] == [back_to]
