"""The frame around every page."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from roles.models import Access, Theme, User
from sopdesk.context import Shell

pytestmark = pytest.mark.urls("tests.sopdesk.urls")


def shell_of(user: User) -> Shell:
    request = RequestFactory().get("/")
    request.user = user
    return Shell(request)


@pytest.mark.parametrize(
    ("path", "place", "current"),
    [
        ("/", "/", "page"),
        ("/remarks/", "/", "true"),
        ("/library/", "/library/", "page"),
        ("/library/list/", "/library/", "true"),
        ("/procedures/new/", "/library/", "true"),
        ("/manuals/", "/library/", "true"),
        ("/search/report/", "/library/", "true"),
        ("/people/", "/people/", "page"),
        ("/roles/", "/people/", "true"),
    ],
)
def test_a_page_says_in_which_place_it_is(sign_in: Callable[..., Client], path: str, place: str, current: str) -> None:
    page = sign_in(access=Access.ADMINISTRATOR).get(path).text
    nav = page[page.index('class="mainnav"') : page.index("</nav>")]
    assert nav.count("aria-current") == 1
    assert f'<a href="{place}" aria-current="{current}">' in nav


def test_page_follows_the_language_and_theme_of_the_person(sign_in: Callable[..., Client]) -> None:
    response = sign_in(language="fr", theme=Theme.DARK).get("/help/", headers={"Accept-Language": "en"})
    assert '<html lang="fr" data-theme="dark">' in response.text
    assert response["Content-Language"] == "fr"


def test_page_follows_the_browser_before_anybody_signs_in(client: Client, db: None) -> None:
    response = client.get("/help/", headers={"Accept-Language": "fr"})
    assert '<html lang="fr">' in response.text


def test_single_letter_keys_can_be_switched_off(sign_in: Callable[..., Client]) -> None:
    assert 'data-keys="off"' in sign_in(keys_enabled=False).get("/help/").text


def test_pages_of_a_person_stay_out_of_shared_caches(sign_in: Callable[..., Client]) -> None:
    response = sign_in().get("/help/")
    assert {"private", "no-cache"} == set(response["Cache-Control"].split(", "))
    assert {"Cookie", "Accept-Language"} <= set(response["Vary"].split(", "))


def test_a_view_may_set_its_own_caching_rule(sign_in: Callable[..., Client]) -> None:
    assert sign_in().get("/cached-by-view/")["Cache-Control"] == "private, max-age=60"


def test_public_page_costs_no_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, db: None
) -> None:
    with django_assert_num_queries(0):
        client.get("/help/")


def test_frame_costs_one_query_beside_session_and_person(
    sign_in: Callable[..., Client], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = sign_in()
    with django_assert_num_queries(3):
        client.get("/help/")


@pytest.mark.parametrize(
    ("access", "may_author", "sees_people", "is_administrator"),
    [
        (Access.READER, False, False, False),
        (Access.AUTHOR, True, False, False),
        (Access.AUDITOR, False, True, False),
        (Access.ADMINISTRATOR, False, True, True),
    ],
)
def test_frame_offers_what_the_access_allows(
    person: Callable[..., User], access: str, may_author: bool, sees_people: bool, is_administrator: bool
) -> None:
    shell = shell_of(person(access=access))
    assert (shell.may_author, shell.sees_people, shell.is_administrator) == (may_author, sees_people, is_administrator)


def test_author_is_offered_to_write(sign_in: Callable[..., Client]) -> None:
    html = sign_in(access=Access.AUTHOR).get("/help/").text
    assert 'href="/procedures/new/"' in html
    assert 'href="/people/"' not in html


def test_auditor_is_offered_people_but_not_to_write(sign_in: Callable[..., Client]) -> None:
    html = sign_in(access=Access.AUDITOR).get("/help/").text
    assert 'href="/people/"' in html
    assert 'href="/procedures/new/"' not in html


def test_signing_out_is_a_form(sign_in: Callable[..., Client]) -> None:
    html = sign_in().get("/help/").text
    assert '<form id="sign-out" method="post" action="/accounts/logout/" hidden' in html


def test_name_of_a_person_is_escaped(sign_in: Callable[..., Client]) -> None:
    html = sign_in(full_name='"><img src=x>').get("/help/").text
    assert "<img src=x>" not in html
    assert "&lt;img src=x&gt;" in html


def test_pages_carry_no_inline_code(sign_in: Callable[..., Client]) -> None:
    html = sign_in().get("/help/").text
    assert "<script>" not in html
    assert " style=" not in html
    assert " onclick=" not in html
