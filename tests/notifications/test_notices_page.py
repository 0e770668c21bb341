"""The list of one's notices."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from notifications.kinds import KINDS
from notifications.models import Notification
from notifications.views import PER_PAGE
from roles.models import User

Tell = Callable[..., Notification]


@pytest.fixture
def browser(client: Client, reader: User) -> Iterator[Client]:
    client.force_login(reader)
    with translation.override("en"):  # a page in French leaves its language to the next test
        yield client


def test_newest_notice_stands_first_and_links_to_its_subject(browser: Client, reader: User, tell: Tell) -> None:
    tell(reader, title="FIN-001 First")
    tell(reader, title="FIN-002 Second")
    html = browser.get("/notices/").text
    assert html.index("FIN-002 Second") < html.index("FIN-001 First")
    assert '<a href="/procedures/FIN-014/">' in html


def test_notices_of_others_are_not_shown(browser: Client, other: User, tell: Tell) -> None:
    tell(other, title="OPS-001 Not for you")
    html = browser.get("/notices/").text
    assert "OPS-001" not in html
    assert "No notices yet" in html


def test_looking_changes_nothing(browser: Client, reader: User, tell: Tell) -> None:
    tell(reader)
    html = browser.get("/notices/").text
    assert "Unread" in html
    assert Notification.objects.unread().count() == 1


def test_notice_is_marked_as_read_once(browser: Client, reader: User, tell: Tell) -> None:
    notice = tell(reader)
    address = reverse("notice-read", args=[notice.pk])
    assert browser.post(f"{address}?page=2").url == "/notices/?page=2"
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    browser.post(address)
    notice.refresh_from_db()
    assert notice.read_at == first
    assert "Unread" not in browser.get("/notices/").text.partition("<main")[2]


def test_link_cannot_mark_as_read(browser: Client, reader: User, tell: Tell) -> None:
    notice = tell(reader)
    assert browser.get(reverse("notice-read", args=[notice.pk])).status_code == 405
    assert browser.get(reverse("notices-read")).status_code == 405
    assert Notification.objects.unread().count() == 1


def test_notice_of_somebody_else_is_not_found(browser: Client, other: User, tell: Tell) -> None:
    notice = tell(other)
    assert browser.post(reverse("notice-read", args=[notice.pk])).status_code == 404
    assert Notification.objects.unread().count() == 1


def test_all_are_marked_as_read_up_to_the_newest_shown(browser: Client, reader: User, other: User, tell: Tell) -> None:
    tell(reader)
    seen = tell(reader)
    tell(other)
    came_in_since = tell(reader)
    response = browser.post(reverse("notices-read"), {"up_to": seen.pk}, follow=True)
    assert "2 notices marked as read." in response.text
    assert list(Notification.objects.unread().filter(recipient=reader)) == [came_in_since]
    assert Notification.objects.unread().filter(recipient=other).count() == 1


def test_malformed_bound_marks_nothing(browser: Client, reader: User, tell: Tell) -> None:
    tell(reader)
    assert browser.post(reverse("notices-read"), {"up_to": "all"}).status_code == 302
    assert Notification.objects.unread().count() == 1


@pytest.mark.parametrize("name", ["notices", "notices-read"])
def test_anonymous_is_asked_to_sign_in(client: Client, db: None, name: str) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_hostile_title_is_text(browser: Client, reader: User, tell: Tell) -> None:
    tell(reader, title='<script>alert(1)</script>" onclick="x')
    html = browser.get("/notices/").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_list_is_paged_and_costs_the_same_queries(
    browser: Client, reader: User, tell: Tell, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(PER_PAGE + 1):
        tell(reader, title=f"FIN-{number:03d}")
    with django_assert_max_num_queries(6):
        first = browser.get("/notices/").text
    assert "FIN-000" not in first
    assert "FIN-000" in browser.get("/notices/?page=2").text
    assert browser.get("/notices/?page=99").status_code == 200


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_on_both_pages_what_happened(
    browser: Client, reader: User, tell: Tell, kind: str, language: str
) -> None:
    reader.language = language
    reader.save(update_fields=["language"])
    notice = tell(reader, kind=kind)
    told = []
    for page in ("home", "notices"):
        row = browser.get(reverse(page)).text.partition(f'<a href="{notice.url}">')[2].partition("</li>")[0]
        words = re.sub(r"<[^>]+>|\s+", " ", row.partition('<p class="meta">')[2].partition("</p>")[0])
        with translation.override(language):
            words = words.replace(translation.gettext("Unread"), "").strip()
        told.append(words.split("  ")[0].strip())
    assert re.search(r"[^\W\d]{3}", told[0])
    assert told[1].startswith(told[0])


def test_a_notice_of_what_is_watched_says_so(browser: Client, reader: User, tell: Tell) -> None:
    tell(reader, kind="watched-withdrawn")
    assert "Finance manager withdrew it (watched by you)" in browser.get("/notices/").text


def test_the_welcome_is_in_the_language_that_the_person_reads_now(browser: Client, reader: User, tell: Tell) -> None:
    tell(reader, kind="person-added", title="Welcome to sopdesk")
    reader.language = "fr"
    reader.save(update_fields=["language"])
    for page in ("home", "notices"):
        html = browser.get(reverse(page)).text
        assert "Bienvenue dans sopdesk" in html
        assert "Welcome to sopdesk" not in html
