"""Pages of temporary deviations, and the page of the text they are from."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications.models import Notification
from procedures.actions import deviations as actions
from procedures.models import Deviation, DeviationState, Revision
from procedures.permissions import doors
from procedures.reading import extensions
from procedures.states import State
from roles.queries import today
from tests.factories import PASSWORD, approve, first_step, make_next, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
INSTEAD = "Write the numbers down by hand."


@pytest.fixture
def revision(firm) -> Revision:
    firm.operations.head = firm.outsider
    firm.operations.save(update_fields=["head"])
    return make_revision(firm, code="FIN-100")


@pytest.fixture
def clerk(firm):
    return make_user("store-clerk", department=firm.operations)


@pytest.fixture
def asked(firm, revision) -> Deviation:
    return actions.ask_deviation(
        revision, actor=firm.author, step=first_step(revision).uid, department=firm.operations,
        reason="The scanner is broken.", instead=INSTEAD, starts=today(), ends=today() + 9 * DAY,
    )  # fmt: skip


@pytest.fixture
def holds(firm, asked) -> Deviation:
    signed = {"asked_hash": asked.asked_hash, "password": PASSWORD, "accepts": 1}
    return actions.approve_deviation(asked, actor=firm.approver, **signed)


def address(name, deviation=None):
    return reverse(name, args=["FIN-100", *([deviation.pk] if deviation else [])])


def read(client, person, **headers):
    client.force_login(person)
    return client.get(reverse("procedure", args=["FIN-100"]), headers=headers)


def test_from_the_request_to_the_step(firm, revision, client, clerk):
    client.force_login(firm.author)
    page = client.get(reverse("procedure", args=["FIN-100"])).content.decode()
    assert address("deviation-new") in page
    sent = {
        "step": str(first_step(revision).uid), "department": firm.operations.pk, "reason": "The scanner is broken.",
        "instead": "<b>Write</b> it down.", "starts": today().isoformat(), "ends": today().isoformat(),
    }  # fmt: skip
    assert client.post(address("deviation-new"), {**sent, "reason": ""}).status_code == 422
    assert client.post(address("deviation-new"), {**sent, "ends": "2099-01-01"}).status_code == 422
    assert client.post(address("deviation-new"), {**sent, "step": "x"}).status_code == 422
    assert client.post(address("deviation-new"), sent).status_code == 302
    again = client.post(address("deviation-new"), sent)
    assert again.status_code == 422
    assert "Another deviation" in again.content.decode()
    asked = Deviation.objects.get()
    client.force_login(firm.approver)
    assert asked.get_absolute_url() in client.get(reverse("reviews")).content.decode()
    assert asked.get_absolute_url() in client.get(reverse("home")).content.decode()
    assert "sign-dialog" in client.get(asked.get_absolute_url()).content.decode()
    signed = {"asked_hash": asked.asked_hash, "accepts": "on", "statement": 1}
    assert client.post(address("deviation-approve", asked), {**signed, "password": "wrong"}).status_code == 403
    assert client.post(address("deviation-approve", asked), {**signed, "password": PASSWORD}).status_code == 302
    page = read(client, clerk).content.decode()
    assert "&lt;b&gt;Write&lt;/b&gt; it down." in page
    assert "Approved by Approver, Head of Finance." in page


def test_refusing_asks_why(firm, asked, client):
    client.force_login(firm.approver)
    sent = {"asked_hash": asked.asked_hash}
    assert client.post(address("deviation-refuse", asked), sent).status_code == 422
    assert client.post(address("deviation-refuse", asked), {**sent, "reason": "Use the other."}).status_code == 302
    client.force_login(firm.author)
    assert "Use the other." in client.get(asked.get_absolute_url()).content.decode()


def test_who_asked_takes_it_back_and_the_head_ends_it(firm, holds, client):
    client.force_login(firm.author)
    client.post(address("deviation-recall", holds))
    assert Deviation.objects.get().state == DeviationState.GRANTED
    assert client.get(address("deviation-end", holds)).status_code == 403
    client.force_login(firm.outsider)
    assert client.post(address("deviation-end", holds), {"reason": ""}).status_code == 422
    assert client.post(address("deviation-end", holds), {"reason": "It is mended."}).status_code == 302
    assert Deviation.objects.get().state == DeviationState.ENDED
    assert "It is mended." in client.get(holds.get_absolute_url()).content.decode()


def test_the_department_sees_it_at_the_step_and_others_do_not(firm, holds, client, clerk):
    at_step = 'data-kind="deviation" lang="en"><svg'
    page = read(client, clerk).content.decode()
    assert INSTEAD in page
    assert page.index("step-1") < page.index(INSTEAD) < page.index('id="step-2"')
    assert at_step in page
    for person in (firm.staff, firm.superuser):
        is_ops = person.department == firm.operations
        assert (INSTEAD in read(client, person).content.decode()) == is_ops
    for name in ("author", "owner", "approver", "auditor", "administrator"):
        page = read(client, firm.people[name]).content.decode()
        assert "A temporary deviation holds." in page, name
        assert INSTEAD not in page, name
    assert "A temporary deviation holds." not in read(client, firm.staff).content.decode()


def test_the_page_changes_the_moment_it_holds_and_the_moment_it_does_not(firm, asked, client, clerk):
    client.force_login(clerk)

    def read_if_not(etag=""):
        return client.get(reverse("procedure", args=["FIN-100"]), headers={"if-none-match": etag})

    read_if_not()  # the first page gives the cookie for forms, which is part of every later one
    before = read_if_not()["ETag"]
    assert read_if_not(before).status_code == 304
    signed = {"asked_hash": asked.asked_hash, "password": PASSWORD, "accepts": 1}
    deviation = actions.approve_deviation(asked, actor=firm.approver, **signed)
    response = read_if_not(before)
    assert response.status_code == 200
    during = response["ETag"]
    assert read_if_not(during).status_code == 304
    Deviation.objects.update(instead="Do nothing.")
    tampered = read_if_not(during)
    assert tampered.status_code == 200
    assert "not what was signed" in tampered.content.decode()
    Deviation.objects.update(instead=INSTEAD)
    actions.end_deviation(deviation, actor=firm.owner, reason="Mended.")
    after = read_if_not(during)
    assert after.status_code == 200
    assert INSTEAD not in after.content.decode()


def test_the_page_forgets_it_with_its_last_day(firm, holds, client, clerk, monkeypatch):
    monkeypatch.setattr(doors, "today", lambda: today() + 10 * DAY)
    assert INSTEAD not in read(client, clerk).content.decode()


def test_a_text_without_one_costs_no_query_more(firm, revision, client, clerk, django_assert_num_queries):
    client.force_login(clerk)
    client.get(reverse("procedure", args=["FIN-100"]))
    with django_assert_num_queries(4):
        assert client.get(reverse("procedure", args=["FIN-100"])).status_code == 200
    assert "deviations" in {extension.name for extension in extensions.extensions()}


def test_obsolete_texts_show_none(firm, holds, client, clerk):
    make_next(firm, holds.revision.procedure)
    client.force_login(clerk)
    page = client.get(reverse("revision", args=["FIN-100", 1])).content.decode()
    assert INSTEAD not in page
    assert INSTEAD not in read(client, clerk).content.decode()


def test_the_list_takes_the_same_queries_for_one_and_for_many(firm, revision, client):
    client.force_login(firm.owner)
    counts = []
    for step in revision.steps.all():
        for department in (firm.finance, firm.operations):
            actions.ask_deviation(
                revision, actor=firm.author, step=step.uid, department=department, reason="R", instead="I",
                starts=today(), ends=today(),
            )  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address("deviations")).content.decode()
        counts.append(len(queries))
    assert page.count('class="row"') == 6
    assert counts[1] == counts[2]


def test_who_decides_without_reading_the_text_gets_the_step(firm, client):
    compliance = make_user("compliance", department=firm.operations)
    make_route([("head", None)], [("person", compliance)], risk="high")
    readers = {"audience": "departments", "audience_departments": [firm.finance]}
    revision = make_revision(firm, code="FIN-100", risk="high", state=State.IN_REVIEW, **readers)
    approve(revision, by=firm.approver)
    approve(revision, by=compliance)
    asked = actions.ask_deviation(
        revision, actor=firm.author, step=first_step(revision).uid, department=firm.finance, reason="R", instead="I",
        starts=today(), ends=today(),
    )  # fmt: skip
    client.force_login(compliance)
    assert client.get(reverse("procedure", args=["FIN-100"])).status_code == 404
    page = client.get(asked.get_absolute_url()).content.decode()
    assert "How to: Lock the time sheets." in page
    assert "sign-dialog" in page
    assert Notification.objects.filter(recipient=compliance, kind="deviation-asked").exists()
    assert client.get(address("deviations")).status_code == 200
