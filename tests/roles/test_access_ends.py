"""An auditor from outside signs in until a day: at log-in, on every request, and in what follows from it."""

import datetime

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from audit import trail
from roles import actions
from roles.errors import NotValid
from roles.models import Access, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, Refused
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def end(person: User, day: datetime.date | None) -> None:
    """As if the day had been set long ago."""
    User.objects.filter(pk=person.pk).update(access_ends=day)


def sign_in(client, person: User):
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})


def test_the_last_day_counts_and_the_day_after_nobody_gets_in(client, firm):
    end(firm.auditor, today())
    assert sign_in(client, firm.auditor).url == reverse("home")
    assert client.get(reverse("library")).status_code == 200
    end(firm.auditor, today() - DAY)
    assert client.get(reverse("library")).status_code == 302, "the open session has ended"
    assert sign_in(client, firm.auditor).url == reverse("account_inactive")
    assert client.get(reverse("library")).status_code == 302


def test_an_administrator_sets_the_day_on_the_page_and_the_trail_tells(client, firm):
    client.force_login(firm.administrator)
    address = reverse("person", args=[firm.auditor.pk])
    last = today() + 30 * DAY
    form = client.get(address).context["form"]
    shown = {bound.html_initial_name: bound.value() or "" for bound in form}
    sent = {name: form[name].value() or "" for name in form.fields} | shown | {"access_ends": last.isoformat()}
    assert client.post(address, sent).status_code == 302
    entry = trail.entries_for(firm.auditor).last()
    assert entry.data == {"access_ends": {"old": None, "new": last.isoformat()}}
    assert f"access until {date_format(last)}" in client.get(address).text


def test_a_new_person_gets_a_last_day(firm):
    person = actions.add_person(
        actor=firm.administrator, email="external@audit.test", full_name="External Auditor", access=Access.AUDITOR,
        access_ends=today() + DAY,
    )  # fmt: skip
    assert person.access_ends == today() + DAY


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_a_day_that_has_passed_and_any_day_for_an_administrator_are_refused(firm, who):
    day = today() - DAY if who == "auditor" else today() + DAY
    with pytest.raises(NotValid) as refusal:
        actions.change_person(firm.people[who], actor=firm.administrator, fields={"access_ends": day})
    assert set(refusal.value.errors) == {"access_ends"}


def test_the_clock_deactivates_who_has_passed_the_day_once(firm):
    end(firm.auditor, today() - DAY)
    end(firm.staff, today())
    assert actions.end_accesses() == [firm.auditor]
    assert actions.end_accesses() == []
    entry = trail.entries_for(firm.auditor).last()
    assert (entry.name, entry.actor_id) == ("roles.person.deactivate", None)


def test_who_is_let_in_again_needs_a_later_day_first(firm):
    end(firm.auditor, today() - DAY)
    actions.end_accesses()
    with pytest.raises(Refused):
        actions.activate_person(firm.auditor, actor=firm.administrator)
    actions.change_person(firm.auditor, actor=firm.administrator, fields={"access_ends": today() + DAY})
    assert actions.activate_person(firm.auditor, actor=firm.administrator).is_active
    with pytest.raises(InvalidTransition):
        actions.activate_person(firm.auditor, actor=firm.administrator)
