"""The pages of the administration, used as people use them."""

import datetime
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from audit import names, trail
from notifications.queries import notices_for
from roles import actions
from roles.models import Access, Department, Holding, User
from roles.queries import today
from tests.roles.conftest import PASSWORD, Cast, make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def browser(cast: Cast, as_person: SignIn) -> Client:
    return as_person(cast.administrator)


def main_of(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def form_of(html: str) -> dict[str, str]:
    """What a browser would send back from the page's last form of its own, untouched."""
    form = re.findall(r'<form class="form" method="post">.*?</form>', main_of(html), re.DOTALL)[-1]
    data = dict(re.findall(r'<input type="(?:text|email|hidden|date)" name="([^"]+)" value="([^"]*)"', form))
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in data.items() if name != "csrfmiddlewaretoken"}


# The list ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=READER", {"Reader"}),
        ("q=read+firm.test", {"Reader"}),
        ("q=élodie", {"Élodie Œuvrard"}),
        ("q=.*", set()),
        ("access=auditor", {"Auditor"}),
        ("active=inactive", {"Gone"}),
        ("q=o&active=all&access=reader", {"Élodie Œuvrard", "Gone"}),
        ("q=istr&access=king&active=never&department=99999", {"Administrator"}),
    ],
)
def test_list_is_searched_and_filtered(cast: Cast, browser: Client, query: str, found: set[str]) -> None:
    User.objects.create_user("elodie@other.test", full_name="Élodie Œuvrard")
    make_person("gone", is_active=False)
    html = main_of(browser.get(f"/people/?{query}").text)
    assert set(re.findall(r'<a href="/people/\d+/">([^<]+)</a>', html)) == found


def test_list_of_one_department(cast: Cast, browser: Client) -> None:
    html = main_of(browser.get(f"/people/?department={cast.finance.pk}").text)
    assert set(re.findall(r'<a href="/people/\d+/">([^<]+)</a>', html)) == {"Author", "Reader"}


def test_list_says_when_nobody_fits(browser: Client) -> None:
    html = browser.get("/people/?q=nobody-of-this-name").text
    assert "Nobody fits" in html


@pytest.mark.parametrize("count", [1, 120])
def test_list_of_people_costs_the_same_queries_whatever_the_number(
    cast: Cast, browser: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        person = make_person(f"person{number}", department=cast.finance)
        Holding.objects.create(user=person, role=cast.clerk, starts=datetime.date(2020, 1, 1))
    with django_assert_max_num_queries(8):
        html = browser.get(f"/people/?q=person&department={cast.finance.pk}").text
    assert html.count("<tr>") == min(count, 50) + 1
    assert "Payroll clerk" in html


@pytest.mark.parametrize("name", ["departments", "roles"])
def test_other_lists_cost_the_same_queries_whatever_the_number(
    cast: Cast, browser: Client, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        department = actions.add_department(actor=None, code=f"X{letter}", name=f"Hall {letter}", head=cast.reader)
        actions.add_role(actor=None, name=f"Keeper of hall {letter}", department=department)
    with django_assert_max_num_queries(5):
        html = browser.get(reverse(name)).text
    assert "all Z" in html


def test_lists_count_active_people_and_today_only(cast: Cast, browser: Client) -> None:
    gone = make_person("gone", department=cast.finance, is_active=False)
    for person, starts, ends in (
        (cast.reader, datetime.date(2020, 1, 1), None),
        (gone, datetime.date(2020, 1, 1), None),
        (cast.author, datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)),
    ):
        Holding.objects.create(user=person, role=cast.clerk, starts=starts, ends=ends)
    assert '<td class="numeric" data-label="People">2</td>' in browser.get("/departments/").text
    assert '<td class="numeric" data-label="Held today by">1</td>' in browser.get("/roles/").text


def test_empty_lists_say_what_belongs_there(db: None, as_person: SignIn) -> None:
    browser = as_person(make_person("administrator", access=Access.ADMINISTRATOR))
    assert "No department yet" in browser.get("/departments/").text
    assert "No role yet" in browser.get("/roles/").text


# One person --------------------------------------------------------------------------------------------------


def test_person_is_added_from_the_page(cast: Cast, browser: Client) -> None:
    data = {
        "full_name": "New hire",
        "email": "New@firm.test",
        "department": cast.finance.pk,
        "access": "author",
        "language": "fr",
    }
    response = browser.post("/people/new/", data, follow=True)
    person = User.objects.get(email="new@firm.test")
    assert response.redirect_chain == [(f"/people/{person.pk}/", 302)]
    assert "New hire was added" in response.text
    assert (person.access, person.department, person.language) == ("author", cast.finance, "fr")
    assert notices_for(person).count() == 1


def test_taken_address_is_said_beside_the_field(cast: Cast, browser: Client) -> None:
    data = {"full_name": "New hire", "email": "READER@firm.test", "access": "reader", "language": "en"}
    response = browser.post("/people/new/", data)
    assert response.status_code == 422
    assert 'id="id_email_error"' in response.text
    assert "Somebody has this e-mail address already." in response.text
    assert 'value="New hire"' in response.text


def test_page_that_is_sent_back_untouched_changes_nothing(cast: Cast, browser: Client) -> None:
    address = f"/people/{cast.reader.pk}/"
    assert browser.post(address, form_of(browser.get(address).text)).status_code == 302
    assert trail.entries_for(cast.reader).count() == 0


def test_two_people_changing_different_fields_both_succeed(cast: Cast, browser: Client, as_person: SignIn) -> None:
    address = f"/people/{cast.reader.pk}/"
    first, second = (form_of(browser.get(address).text) for _ in range(2))
    browser.post(address, first | {"full_name": "Payroll clerk"})
    as_person(cast.deputy).post(address, second | {"language": "fr"})
    cast.reader.refresh_from_db()
    assert (cast.reader.full_name, cast.reader.language) == ("Payroll clerk", "fr")


def test_refused_change_keeps_the_name_in_the_heading(cast: Cast, browser: Client) -> None:
    address = f"/people/{cast.reader.pk}/"
    data = form_of(browser.get(address).text) | {"full_name": "", "email": cast.author.email}
    response = browser.post(address, data)
    assert response.status_code == 422
    assert "<h1>Reader</h1>" in response.text


def test_person_page_names_roles_now_before_and_later(cast: Cast, browser: Client) -> None:
    day = datetime.timedelta(days=1)
    for starts, ends in ((today() - 9 * day, today() - 8 * day), (today(), today()), (today() + 8 * day, None)):
        actions.add_holding(cast.reader, actor=None, role=cast.clerk, starts=starts, ends=ends)
    html = main_of(browser.get(f"/people/{cast.reader.pk}/").text)
    states = [
        word for word in re.findall(r"</svg>([^<]+)</span>", html) if word in ("Held today", "Begins later", "Over")
    ]
    assert states == ["Held today", "Begins later", "Over"]


def test_history_says_who_changed_what_from_what(cast: Cast, browser: Client) -> None:
    actions.change_person(
        cast.reader, actor=cast.deputy, fields={"access": Access.AUTHOR, "department": None, "full_name": "<i>Clerk"}
    )
    actions.add_holding(cast.reader, actor=None, role=cast.clerk, starts=datetime.date(2026, 3, 15))
    html = main_of(browser.get(f"/people/{cast.reader.pk}/").text)
    assert "Access: from Reader to Author" in html
    assert "Department: from Finance to –" in html
    assert "Name: from Reader to &lt;i&gt;Clerk" in html
    assert "From: 15 Mar 2026" in html
    assert html.index("Role given") < html.index("Access: from")
    assert "Deputy" in html
    assert ">sopdesk<" in html


def test_own_page_offers_no_deactivation(cast: Cast, browser: Client) -> None:
    assert "/deactivate/" not in browser.get(f"/people/{cast.administrator.pk}/").text
    assert "/deactivate/" in browser.get(f"/people/{cast.deputy.pk}/").text


# Deactivation ------------------------------------------------------------------------------------------------


def test_confirmation_names_what_somebody_else_should_take_over(cast: Cast, browser: Client) -> None:
    address = f"/people/{cast.reader.pk}/deactivate/"
    assert "Somebody else should take this over" not in browser.get(address).text
    actions.change_department(cast.finance, actor=None, fields={"head": cast.reader})
    actions.add_holding(cast.reader, actor=None, role=cast.clerk, starts=today())
    html = main_of(browser.get(address).text)
    assert "Head of Finance" in html
    assert "Payroll clerk: set the last day" in html
    cast.reader.refresh_from_db()
    assert cast.reader.is_active


def test_session_ends_with_the_next_request(cast: Cast, browser: Client, as_person: SignIn) -> None:
    theirs = as_person(cast.reader)
    assert theirs.get("/settings/").status_code == 200
    browser.post(f"/people/{cast.reader.pk}/deactivate/", {"reason": "Left."})
    assert theirs.get("/settings/").url == "/accounts/login/?next=/settings/"


def test_deactivated_person_cannot_sign_in_or_reset_the_password(cast: Cast, client: Client, mailoutbox: list) -> None:
    actions.deactivate_person(cast.reader, actor=cast.administrator)
    client.post("/accounts/login/", {"login": cast.reader.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    client.post("/accounts/password/reset/", {"email": cast.reader.email})
    assert not any("/reset/key/" in message.body for message in mailoutbox)


def test_refused_deactivation_goes_back_with_the_reason(cast: Cast, browser: Client) -> None:
    address = f"/people/{cast.administrator.pk}/deactivate/"
    response = browser.post(address, follow=True)
    assert response.redirect_chain == [(f"/people/{cast.administrator.pk}/", 302)]
    assert "You cannot deactivate yourself." in response.text


def test_person_is_activated_from_the_page(cast: Cast, browser: Client) -> None:
    actions.deactivate_person(cast.reader, actor=cast.administrator)
    assert "Let sign in again" in browser.get(f"/people/{cast.reader.pk}/").text
    browser.post(f"/people/{cast.reader.pk}/activate/")
    assert trail.entries_for(cast.reader).last().name == names.PERSON_ACTIVATE


def test_old_address_cannot_ask_for_a_new_password(
    cast: Cast, browser: Client, client: Client, mailoutbox: list
) -> None:
    client.post("/accounts/password/reset/", {"email": cast.reader.email})
    assert "/reset/key/" in mailoutbox.pop().body
    actions.change_person(cast.reader, actor=cast.administrator, fields={"email": "moved@firm.test"})
    client.post("/accounts/password/reset/", {"email": "reader@firm.test"})
    assert not any("/reset/key/" in message.body for message in mailoutbox)


# Roles, departments and holdings -----------------------------------------------------------------------------


def test_role_is_given_and_ended_from_the_page(cast: Cast, browser: Client) -> None:
    person = cast.reader.pk
    data = {"role": cast.clerk.pk, "starts": "2026-03-01", "ends": ""}
    assert browser.post(f"/people/{person}/holdings/new/", data).url == f"/people/{person}/"
    holding = Holding.objects.get()
    end = f"/people/{person}/holdings/{holding.pk}/end/"
    assert f'value="{today().isoformat()}"' in browser.get(end).text
    browser.post(end, {"ends": "2026-02-01"})
    holding.refresh_from_db()
    assert holding.ends is None
    browser.post(end, {"ends": "2026-04-30"})
    holding.refresh_from_db()
    assert holding.ends == datetime.date(2026, 4, 30)


def test_role_held_already_is_refused_on_the_page(cast: Cast, browser: Client) -> None:
    actions.add_holding(cast.reader, actor=None, role=cast.clerk, starts=today())
    data = {"role": cast.clerk.pk, "starts": today().isoformat(), "ends": ""}
    response = browser.post(f"/people/{cast.reader.pk}/holdings/new/", data)
    assert response.status_code == 422
    assert "holds this role on some of these days already" in response.text


def test_department_is_added_and_changed_from_the_page(cast: Cast, browser: Client) -> None:
    browser.post("/departments/new/", {"code": "ops", "name": "Operations", "head": ""})
    department = Department.objects.get(code="OPS")
    address = f"/departments/{department.pk}/"
    browser.post(address, form_of(browser.get(address).text) | {"head": cast.reader.pk, "is_active": "on"})
    department.refresh_from_db()
    assert department.head == cast.reader
    assert department.is_active
    assert trail.entries_for(department).count() == 2


def test_role_is_taken_out_of_use_from_the_page(cast: Cast, browser: Client) -> None:
    address = f"/roles/{cast.clerk.pk}/"
    browser.post(address, form_of(browser.get(address).text) | {"description": "Prepares the payroll."})
    cast.clerk.refresh_from_db()
    assert not cast.clerk.is_active  # the box came back without its tick
    assert cast.clerk.description == "Prepares the payroll."
    assert "Payroll clerk</option>" not in browser.get(f"/people/{cast.reader.pk}/holdings/new/").text


def test_inactive_choice_stays_where_it_is_chosen_and_is_offered_nowhere_else(cast: Cast, browser: Client) -> None:
    actions.change_department(cast.finance, actor=None, fields={"is_active": False})
    option = f'<option value="{cast.finance.pk}" selected>Finance</option>'
    assert option in browser.get(f"/people/{cast.reader.pk}/").text
    assert "Finance</option>" not in main_of(browser.get("/people/new/").text)


@pytest.mark.parametrize("place", ["people", "departments", "roles"])
def test_hostile_names_are_text_everywhere(cast: Cast, browser: Client, place: str) -> None:
    evil = '"><script>alert(1)</script>'
    person = actions.change_person(cast.reader, actor=None, fields={"full_name": evil})
    actions.change_department(cast.finance, actor=None, fields={"name": evil, "head": person})
    actions.change_role(cast.clerk, actor=None, fields={"name": evil, "description": evil})
    actions.add_holding(person, actor=None, role=cast.clerk, starts=today())
    pk = {"people": person.pk, "departments": cast.finance.pk, "roles": cast.clerk.pk}[place]
    addresses = [f"/{place}/", f"/{place}/{pk}/"]
    if place == "people":
        addresses += [f"/people/{pk}/deactivate/", f"/people/{pk}/holdings/new/", f"/people/?q={evil}"]
    for address in addresses:
        html = browser.get(address).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;" in html
