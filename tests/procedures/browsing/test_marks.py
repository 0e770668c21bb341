"""Favourites, what was opened, and watching: one's own, as far as one may read, and never by a GET."""

import datetime
import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from notifications.delivery import deliver, deliver_waiting
from notifications.models import Notification
from procedures.actions import confirming, marking, publishing
from procedures.browsing.permissions import (
    can_mark,
    is_told_of,
    people_reading,
    procedures_markable_by,
    watchers_told_of,
)
from procedures.models import Favourite, Opening, Procedure, Watch
from procedures.permissions import can_view
from procedures.states import State
from roles.models import Holding
from sopdesk.lib.errors import Missing
from tests.factories import PASSWORD, make_next, make_revision


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def told(kind: str) -> set[str]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient__email", flat=True))


def watching(procedure: Procedure, *people) -> None:
    for person in people:
        marking.set_watch(procedure, actor=person, on=True)


# Who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["everyone", "departments", "roles"])
@pytest.mark.parametrize("state", [State.PUBLISHED, State.DRAFT, State.WITHDRAWN])
def test_both_shapes_of_the_rule_agree_for_the_whole_cast(firm, audience, state):
    readers = {"departments": {"audience_departments": [firm.finance]}, "roles": {"audience_roles": [firm.clerk_role]}}
    revision = make_revision(firm, state=state, audience=audience, **readers.get(audience, {}))
    procedure = revision.procedure
    reading = set(people_reading(procedure).values_list("pk", flat=True))
    for name, person in firm.people.items():
        in_list = procedures_markable_by(person).filter(pk=procedure.pk).exists()
        assert can_mark(person, procedure) == in_list, name
        if state == State.PUBLISHED:
            assert (person.pk in reading) == can_view(person, revision) == in_list, name
        if state == State.DRAFT:
            assert not in_list
        if in_list:
            watching(procedure, person)
            assert is_told_of(person, procedure)
            assert watchers_told_of(procedure).filter(pk=person.pk).exists()


def test_what_one_may_not_read_cannot_be_marked(firm):
    revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    for act in (marking.set_favourite, marking.set_watch):
        with pytest.raises(Missing):
            act(revision.procedure, actor=firm.outsider, on=True)
    with pytest.raises(Missing):
        marking.note_opened(revision.procedure, actor=firm.outsider)
    outsider = client_of(firm.outsider)
    for name in ("favourite", "watch", "opened"):
        assert outsider.post(reverse(name, args=[revision.procedure.code])).status_code == 404
    assert not (Favourite.objects.exists() or Watch.objects.exists() or Opening.objects.exists())


# Favourites and openings ---------------------------------------------------------------------------------------


def test_the_star_goes_on_and_off_without_script_and_leads_back(firm):
    code = make_revision(firm).procedure.code
    staff = client_of(firm.staff)
    response = staff.post(reverse("favourite", args=[code]), {"on": "1", "next": "/library/?q=pay"})
    assert response["Location"] == "/library/?q=pay"
    assert staff.get("/library/").context["starred"] == {Procedure.objects.get(code=code).pk}
    assert code in staff.get("/library/mine/").content.decode()
    staff.post(reverse("favourite", args=[code]), {"on": "0"})
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("hostile", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "\\\\evil.test"])
def test_nobody_is_sent_elsewhere(firm, hostile):
    code = make_revision(firm).procedure.code
    response = client_of(firm.staff).post(reverse("favourite", args=[code]), {"next": hostile})
    assert response["Location"] == f"/procedures/{code}/"


def test_htmx_gets_the_button_as_it_is_now(firm):
    code = make_revision(firm).procedure.code
    page = client_of(firm.staff).post(reverse("favourite", args=[code]), {"on": "1"}, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' in page.content.decode()


def test_a_favourite_that_left_my_sight_is_counted_and_not_named(firm):
    revision = make_revision(firm, title="Zanzibar secret")
    marking.set_favourite(revision.procedure, actor=firm.outsider, on=True)
    Procedure.objects.filter(pk=revision.procedure_id).update(audience="departments")
    page = client_of(firm.outsider).get("/library/mine/")
    assert page.context["favourites"].others == 1
    assert "Zanzibar" not in page.content.decode()
    assert revision.procedure.code not in page.content.decode()


def test_opening_is_noted_by_the_beacon_only_and_thirty_are_kept(firm):
    revision = make_revision(firm)
    staff = client_of(firm.staff)
    staff.get(revision.procedure.get_absolute_url())
    assert not Opening.objects.exists()
    procedures = Procedure.objects.bulk_create(
        Procedure(code=f"OLD-{number:03d}", department=firm.finance, owner=firm.owner) for number in range(35)
    )
    long_ago = timezone.now() - datetime.timedelta(days=9)
    Opening.objects.bulk_create(Opening(person=firm.staff, procedure=row, seen_at=long_ago) for row in procedures)
    assert staff.post(reverse("opened", args=[revision.procedure.code])).status_code == 204
    assert Opening.objects.filter(person=firm.staff).count() == marking.OPENINGS_KEPT
    assert Opening.objects.filter(procedure=revision.procedure).exists()


def test_the_list_of_what_was_opened_can_be_emptied_by_its_owner_alone(firm):
    revision = make_revision(firm)
    for person in (firm.staff, firm.owner):
        marking.note_opened(revision.procedure, actor=person)
    staff = client_of(firm.staff)
    assert revision.procedure.code in staff.get("/library/mine/").content.decode()
    staff.post(reverse("opened-forget"))
    assert set(Opening.objects.values_list("person", flat=True)) == {firm.owner.pk}


def test_marks_leave_nothing_on_the_trail(firm):
    procedure = make_revision(firm).procedure
    before = Entry.objects.count()
    marking.set_favourite(procedure, actor=firm.staff, on=True)
    marking.set_watch(procedure, actor=firm.staff, on=True)
    marking.note_opened(procedure, actor=firm.staff)
    assert Entry.objects.count() == before


def test_marks_cost_the_same_for_many(firm, django_assert_max_num_queries):
    for number in range(6):
        procedure = make_revision(firm, title=f"No {number}").procedure
        marking.set_favourite(procedure, actor=firm.staff, on=True)
        marking.set_watch(procedure, actor=firm.staff, on=True)
        marking.note_opened(procedure, actor=firm.staff)
    staff = client_of(firm.staff)
    staff.get("/library/mine/")
    with django_assert_max_num_queries(9):
        staff.get("/library/mine/")
    with django_assert_max_num_queries(7):
        staff.get("/settings/watching/")


# In the library ------------------------------------------------------------------------------------------------


def test_favourites_and_what_is_watched_can_be_filtered_by_and_are_counted_at_once(firm):
    first, second, third = (make_revision(firm, code=f"FIN-{n}01").procedure for n in range(1, 4))
    staff = client_of(firm.staff)
    marking.set_favourite(third, actor=firm.owner, on=True)
    assert facets_of(staff)["mine"] == {"role": 3}
    for procedure in (first, second):
        marking.set_favourite(procedure, actor=firm.staff, on=True)
    marking.set_watch(third, actor=firm.staff, on=True)
    assert facets_of(staff)["mine"] == {"role": 3, "favourite": 2, "watched": 1}
    assert listed(staff, mine="favourite") == ["FIN-101", "FIN-201"]
    assert listed(staff, mine=["favourite", "watched"]) == ["FIN-101", "FIN-201", "FIN-301"]
    marking.set_favourite(first, actor=firm.staff, on=False)
    assert facets_of(staff)["mine"] == {"role": 3, "favourite": 1, "watched": 1}
    assert listed(staff, mine="favourite") == ["FIN-201"]


def test_words_and_marks_are_asked_for_together(firm):
    first, second = (make_revision(firm, code=f"FIN-{n}01").procedure for n in (1, 2))
    marking.set_watch(second, actor=firm.staff, on=True)
    staff = client_of(firm.staff)
    assert listed(staff, q="payroll", mine="watched") == ["FIN-201"]
    page = staff.get("/library/list/", {"q": "payroll", "mine": "watched"}).content.decode()
    assert "FIN-201" in page
    assert "FIN-101" not in page


def test_what_is_taken_along_of_ones_own_is_ones_own(firm):
    """Exports, posters and manuals hold what the page listed."""
    mine, other = (make_revision(firm, code=f"FIN-{n}01").procedure for n in (1, 2))
    marking.set_favourite(mine, actor=firm.staff, on=True)
    staff = client_of(firm.staff)
    for address in ("/library/posters/", "/manuals/new/"):
        page = staff.get(address, {"mine": "favourite"}).content.decode()
        assert mine.code in page, address
        assert other.code not in page, address
    assert "My favourites" in staff.get("/manuals/new/", {"mine": "favourite"}).content.decode()
    assert staff.get("/library/export/", {"mine": "favourite"}).context["total"] == 1


def facets_of(client: Client) -> dict[str, dict[str, int]]:
    groups = client.get("/library/").context["groups"]
    return {group.name: {choice.value: choice.count for choice in group.shown} for group in groups}


def listed(client: Client, **parameters) -> list[str]:
    page = client.get("/library/", parameters).content.decode()
    return sorted(set(re.findall(r"FIN-\d01(?= r1)", page)))


# Watching ------------------------------------------------------------------------------------------------------


def test_watchers_are_told_of_a_new_revision_and_of_its_end(firm):
    procedure = make_revision(firm).procedure
    watching(procedure, firm.staff, firm.outsider)
    make_next(firm, procedure)
    assert told("watched-published") == {firm.staff.email, firm.outsider.email}
    publishing.withdraw(procedure, actor=firm.owner, reason="No longer done.")
    assert told("watched-withdrawn") == {firm.staff.email, firm.outsider.email}


def test_watchers_are_told_that_it_is_still_valid(firm):
    revision = make_revision(firm)
    watching(revision.procedure, firm.staff, firm.owner)
    confirming.confirm_revision(
        revision, actor=firm.owner, number=1, content_hash=revision.content_hash, comment="All steps.",
        password=PASSWORD,
    )  # fmt: skip
    assert told("watched-confirmed") == {firm.staff.email}


def test_who_is_told_anyway_is_not_told_twice(firm):
    procedure = make_revision(firm).procedure
    watching(procedure, firm.owner, firm.author, firm.staff)
    make_next(firm, procedure)
    assert told("watched-published") == {firm.staff.email}
    assert {firm.owner.email, firm.author.email} <= told("revision-published")


def test_nobody_is_told_of_what_they_did(firm):
    procedure = make_revision(firm).procedure
    watching(procedure, firm.administrator, firm.staff)
    publishing.withdraw(procedure, actor=firm.administrator, reason="No longer done.")
    assert told("watched-withdrawn") == {firm.staff.email}


def test_who_lost_the_right_is_not_told(firm):
    procedure = make_revision(firm, audience="roles", audience_roles=[firm.clerk_role]).procedure
    watching(procedure, firm.staff)
    Holding.objects.filter(user=firm.staff).update(ends=datetime.date(2021, 1, 1))
    make_next(firm, procedure)
    assert told("watched-published") == set()


def test_who_loses_the_right_before_the_mail_goes_gets_none(firm):
    procedure = make_revision(firm).procedure
    watching(procedure, firm.outsider, firm.staff)
    deliver_waiting()
    mail.outbox.clear()
    make_next(firm, procedure)
    Procedure.objects.filter(pk=procedure.pk).update(audience="roles")
    procedure.audience_roles.add(firm.clerk_role)
    for pk in Notification.objects.filter(kind="watched-published").values_list("pk", flat=True):
        deliver(pk)
    assert [message.to for message in mail.outbox if "In force" in message.subject] == [[firm.staff.email]]


def test_the_mail_leads_to_the_way_out_which_asks_first(firm):
    procedure = make_revision(firm).procedure
    watching(procedure, firm.staff)
    make_next(firm, procedure)
    mail.outbox.clear()
    deliver(Notification.objects.get(kind="watched-published").pk)
    address = f"/procedures/{procedure.code}/watch/"
    assert address in mail.outbox[0].body
    assert "The limit goes down to 3 %." in mail.outbox[0].body
    assert Client().get(address).status_code == 302
    staff = client_of(firm.staff)
    assert "Stop watching" in staff.get(address).content.decode()
    assert Watch.objects.exists()
    staff.post(address, {"on": "0"})
    assert not Watch.objects.exists()


def test_what_i_watch_is_listed_in_the_settings(firm):
    revision = make_revision(firm)
    watching(revision.procedure, firm.staff)
    staff = client_of(firm.staff)
    assert "/settings/watching/" in staff.get("/settings/").content.decode()
    assert revision.procedure.code in staff.get("/settings/watching/").content.decode()
    staff.post(reverse("watch", args=[revision.procedure.code]), {"on": "0", "next": "/settings/watching/"})
    assert staff.get("/settings/watching/").context["watched"].revisions == []
