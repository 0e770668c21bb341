"""Links to other sites: found in texts in force, asked by a worker and on request only, told to who answers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from audit import names
from audit.models import Entry
from procedures import linkchecking
from procedures.actions import publishing
from procedures.actions.linkchecks import ask_for_link_check, remove_old_checks
from procedures.externallinks import addresses_in_text, report_for
from procedures.linkchecking import continue_link_check
from procedures.models import ExternalLink, LinkCheck, Procedure
from roles.models import Access
from sopdesk.lib.errors import NotPermitted, Refused
from sopdesk.lib.reaching import Reach, Reached
from tests.factories import make_user
from tests.procedures.standards.test_links import client_of, linking

pytestmark = pytest.mark.django_db

URL = "/standards/links/"
GONE = "https://docs.example.org/gone"
THERE = "https://docs.example.org/there"


@pytest.fixture(autouse=True)
def sites(settings):
    settings.LINK_CHECK_HOSTS = ["docs.example.org"]


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The addresses that were asked, in order; those that end in "gone" are."""
    addresses: list[str] = []

    def answer(address: str, *, hosts: list[str]) -> Reached:
        addresses.append(address)
        if "docs.example.org" not in address:
            return Reached(Reach.NOT_LISTED)
        return Reached(Reach.GONE, 404) if address.endswith("gone") else Reached(Reach.FOUND, 200)

    monkeypatch.setattr(linkchecking, "reach", answer)
    return addresses


def check_of(person) -> LinkCheck:
    """A check of `person`, carried out."""
    check = ask_for_link_check(actor=person)
    while not continue_link_check(check.pk):
        pass
    return LinkCheck.objects.get(pk=check.pk)


def test_the_addresses_in_a_text_are_those_that_become_links():
    text = f"[a]({GONE}) `https://code.example/` <{THERE}> [b]({GONE}) [c](mailto:a@example.org) [[FIN-S01]]"
    assert addresses_in_text(text) == [GONE, THERE]
    assert addresses_in_text("nothing") == []


def test_a_check_asks_each_address_once_and_tells_where_it_stands(firm, asked):
    linking(firm, body=f"[a]({GONE}) [b]({THERE})")
    linking(firm, code="FIN-011", body=f"[a]({GONE})", purpose=f"See [x]({GONE}) and [y](https://other.example/).")
    check_of(firm.author)
    assert sorted(asked) == [GONE, THERE, "https://other.example/"]
    report = report_for(firm.author)
    assert report is not None and not report.is_running
    assert (report.total, report.asked) == (3, 3)
    places = {(place.revision.procedure.code, place.number) for place in report.faults[0].places}
    assert [fault.link.address for fault in report.faults] == [GONE]
    assert places == {("FIN-010", 1), ("FIN-011", 1), ("FIN-011", None)}
    assert [link.link.address for link in report.not_asked] == ["https://other.example/"]


def test_nothing_is_asked_before_somebody_says_so(firm, asked):
    linking(firm, body=f"[a]({GONE})")
    client = client_of(firm.author)
    assert client.get(URL).status_code == 200
    client.get("/procedures/FIN-010/")
    assert asked == []
    assert not LinkCheck.objects.exists()


def test_a_check_is_on_the_trail_and_left_to_a_worker(firm, asked):
    linking(firm, body=f"[a]({GONE})")
    response = client_of(firm.author).post(URL + "check/")
    assert response["Location"] == URL + "#external-links"
    entry = Entry.objects.get(name=names.LINKS_CHECK)
    assert (entry.actor_id, entry.data) == (firm.author.pk, {"sites": ["docs.example.org"]})
    assert DBTaskResult.objects.filter(task_path="procedures.tasks.check_links").count() == 1
    assert asked == []


def test_two_clicks_make_one_check(firm):
    linking(firm, body=f"[a]({GONE})")
    assert ask_for_link_check(actor=firm.author) == ask_for_link_check(actor=firm.author)
    assert Entry.objects.filter(name=names.LINKS_CHECK).count() == 1


def test_the_next_check_of_a_person_replaces_theirs_only(firm, asked):
    linking(firm, body=f"[a]({GONE})")
    first, other = check_of(firm.author), check_of(firm.auditor)
    second = check_of(firm.author)
    assert set(LinkCheck.objects.values_list("pk", flat=True)) == {other.pk, second.pk}
    assert not ExternalLink.objects.filter(check_run=first.pk).exists()


def test_no_site_listed_no_check(firm, settings):
    settings.LINK_CHECK_HOSTS = []
    with pytest.raises(Refused):
        ask_for_link_check(actor=firm.author)
    page = client_of(firm.author).get(URL).content.decode()
    assert "LINK_CHECK_HOSTS" in page
    assert "links/check/" not in page


def test_readers_do_not_have_links_checked(firm):
    for person in (firm.staff, firm.owner, firm.outsider):
        with pytest.raises(NotPermitted):
            ask_for_link_check(actor=person)
        assert client_of(person).post(URL + "check/").status_code == 404
    assert Client().post(URL + "check/").status_code == 302
    assert not LinkCheck.objects.exists()


def test_an_author_has_the_links_of_the_own_department_asked(firm, asked):
    linking(firm, body=f"[a]({GONE})")
    other = make_user("other-author", department=firm.operations, access=Access.AUTHOR)
    check_of(other)
    assert asked == []
    assert report_for(other).total == 0


def test_what_may_not_be_read_any_more_is_not_told(firm, asked):
    linking(firm, body=f"[a]({GONE})")
    check_of(firm.author)
    publishing.withdraw(Procedure.objects.get(code="FIN-010"), actor=firm.owner, reason="x")
    assert report_for(firm.author).faults == []


def test_a_worker_that_dies_goes_on_where_it_was(firm, asked, monkeypatch):
    linking(firm, body=f"[a]({GONE}) [b]({THERE})")
    check = ask_for_link_check(actor=firm.author)
    answer = linkchecking.reach

    def die(address: str, *, hosts: list[str]) -> Reached:
        if asked:
            raise KeyboardInterrupt
        return answer(address, hosts=hosts)

    monkeypatch.setattr(linkchecking, "reach", die)
    with pytest.raises(KeyboardInterrupt):
        continue_link_check(check.pk)
    assert report_for(firm.author).is_running
    monkeypatch.setattr(linkchecking, "reach", answer)
    assert continue_link_check(check.pk)
    assert len(asked) == 2, "the one that was asked before is not asked again"
    assert not report_for(firm.author).is_running


def test_a_long_check_lets_other_tasks_through(firm, asked, monkeypatch):
    linking(firm, body=f"[a]({GONE}) [b]({THERE})")
    check = ask_for_link_check(actor=firm.author)
    monkeypatch.setattr(linkchecking, "AT_A_TIME", 0)
    assert not continue_link_check(check.pk)
    assert asked == []
    assert not LinkCheck.objects.filter(finished_at__isnull=False).exists()


def test_a_check_that_is_gone_is_no_fault():
    assert continue_link_check(123456)


def test_the_page_shows_progress_and_then_the_answers(firm, asked):
    linking(firm, body=f"[a]({GONE}) [b](https://other.example/x)")
    client = client_of(firm.author)
    check = ask_for_link_check(actor=firm.author)
    waiting = client.get(URL).content.decode()
    assert "Waiting for a worker" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    continue_link_check(check.pk)
    part = client.get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert GONE in part
    assert "There is nothing any more (404)." in part
    assert "1 address was not asked" in part
    assert "/procedures/FIN-010/#step-1" in part


def test_a_hostile_address_stays_text(firm, asked):
    linking(firm, body='[a](https://docs.example.org/"><script>alert(1)</script>gone)')
    check_of(firm.author)
    assert "<script>alert" not in client_of(firm.author).get(URL).content.decode()


@pytest.mark.parametrize("count", [1, 6])
def test_the_report_asks_three_queries_however_many_links(firm, asked, count, django_assert_max_num_queries):
    for number in range(count):
        linking(firm, code=f"FIN-1{number}0", body=f"[a]({GONE}{number}gone)")
    check_of(firm.author)
    with django_assert_max_num_queries(3):
        report = report_for(firm.author)
    assert len(report.faults) == count


def test_old_checks_are_removed_and_unfinished_ones_after_a_week(firm, asked, settings):
    linking(firm, body=f"[a]({GONE})")
    old, recent = check_of(firm.author), check_of(firm.administrator)
    stuck = ask_for_link_check(actor=firm.auditor)
    assert remove_old_checks() == 0
    LinkCheck.objects.filter(pk=old.pk).update(requested_at=timezone.now() - timedelta(days=91))
    LinkCheck.objects.filter(pk__in=[recent.pk, stuck.pk]).update(requested_at=timezone.now() - timedelta(days=8))
    assert remove_old_checks() == 2
    assert remove_old_checks() == 0
    assert list(LinkCheck.objects.all()) == [recent]
    assert set(ExternalLink.objects.values_list("check_run", flat=True)) == {recent.pk}
    assert ask_for_link_check(actor=firm.auditor).pk != stuck.pk
