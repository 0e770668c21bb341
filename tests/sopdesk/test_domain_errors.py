"""Domain errors become messages, pages or fragments."""

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.sopdesk.urls")


@pytest.mark.parametrize(
    ("name", "status"),
    [("Missing", 404), ("NotPermitted", 403), ("InvalidTransition", 409), ("Conflict", 409), ("Refused", 400)],
)
def test_each_error_has_its_page(sign_in: Callable[..., Client], name: str, status: int) -> None:
    response = sign_in().get(f"/fail/{name}/")
    assert response.status_code == status
    assert "<h1>" in response.text


@pytest.mark.parametrize("name", ["NotPermitted", "InvalidTransition", "Conflict", "Refused"])
def test_page_gives_the_reason_and_the_way_on(sign_in: Callable[..., Client], name: str) -> None:
    response = sign_in().get(f"/fail/{name}/", {"target": "/help/?from=here"})
    assert "The reason in words." in response.text
    assert 'href="/help/?from=here"' in response.text


def test_missing_says_nothing_about_what_is_missing(sign_in: Callable[..., Client]) -> None:
    response = sign_in().get("/fail/Missing/")
    assert "The reason in words." not in response.text


@pytest.mark.parametrize("name", ["InvalidTransition", "Refused"])
def test_sent_form_goes_back_to_its_object_with_the_reason(sign_in: Callable[..., Client], name: str) -> None:
    response = sign_in().post(f"/fail/{name}/?target=/help/", follow=True)
    assert response.redirect_chain == [("/help/", 302)]
    assert "The reason in words." in response.text


def test_page_that_cannot_be_shown_does_not_redirect_to_itself(sign_in: Callable[..., Client]) -> None:
    assert sign_in().get("/fail/InvalidTransition/?target=/fail/InvalidTransition/").status_code == 409


@pytest.mark.parametrize("target", ["https://elsewhere.test/", "//elsewhere.test/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(sign_in: Callable[..., Client], target: str) -> None:
    response = sign_in().post("/fail/InvalidTransition/", query_params={"target": target})
    assert response.status_code == 409


def test_conflict_never_redirects_because_the_text_sent_would_be_lost(sign_in: Callable[..., Client]) -> None:
    assert sign_in().post("/fail/Conflict/?target=/help/").status_code == 409


@pytest.mark.parametrize(("name", "status"), [("NotPermitted", 403), ("InvalidTransition", 409), ("Refused", 400)])
def test_htmx_gets_a_fragment_with_the_status(sign_in: Callable[..., Client], name: str, status: int) -> None:
    response = sign_in().post(f"/fail/{name}/?target=/help/", headers={"HX-Request": "true"})
    assert response.status_code == status
    assert "The reason in words." in response.text
    assert "<html" not in response.text


def test_other_errors_are_left_to_django(sign_in: Callable[..., Client]) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        sign_in().get("/crash/")
