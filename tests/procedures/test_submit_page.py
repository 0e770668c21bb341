"""The submit page: what is in the way and where, who would be asked, whom the author proposes, what it leads to."""

import datetime

import pytest
from django.urls import reverse

from notifications.models import Notification
from procedures.actions import approval, drafts, steps
from procedures.errors import NotReady
from procedures.models import Revision, RoundSlot, SlotKind
from procedures.permissions import slot_to_fill
from procedures.preflight import Subject, preflight
from procedures.queries import open_round, proposed_in
from procedures.states import State
from roles.models import Holding, Role
from roles.queries import today
from sopdesk.lib.errors import Refused
from tests.factories import first_step, make_draft, make_next, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def checkers(firm):
    """A role with two holders, any of whom decides on texts of high risk, and the author, who holds it too."""
    role = Role.objects.create(name="Checker", department=firm.finance)
    people = [make_user(name, department=firm.finance) for name in ("ann", "bob")]
    for person in [*people, firm.author]:
        Holding.objects.create(user=person, role=role, starts=datetime.date(2020, 1, 1))
    make_route([(SlotKind.ROLE, role)], risk="high")
    return people


def address(draft) -> str:
    return reverse("submit", args=[draft.procedure.code])


def sent(draft, **values) -> dict[str, str]:
    version = Revision.objects.get(pk=draft.pk).version
    return {"change_summary": "", "significance": "major", "effective_on": "", "version": str(version), **values}


def test_what_must_be_mended_leads_to_its_place(firm, client):
    draft = make_draft(firm)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "", "body": "See [[FIN-999]]."})
    client.force_login(firm.author)
    page = client.get(address(draft)).content.decode()
    place = f"{reverse('draft', args=[draft.procedure.code])}?step={step.uid}"
    assert f'href="{place}#id_title"' in page
    assert f'href="{place}"' in page, "the reference that leads nowhere"
    assert [subject for subject, _found in preflight(draft).groups][0] == Subject.TEXT


@pytest.mark.parametrize("summary", ["", "   \n "])
def test_a_later_revision_is_not_submitted_without_saying_what_changes(firm, client, summary):
    draft = make_next(firm, make_revision(firm).procedure, state=State.DRAFT, change_summary="")
    client.force_login(firm.author)
    response = client.post(address(draft), sent(draft, change_summary=summary))
    assert response.status_code == 422
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    with pytest.raises(NotReady):
        approval.submit(draft, actor=firm.author)


def test_nobody_wishes_for_a_day_that_has_passed(firm, client):
    draft = make_draft(firm)
    client.force_login(firm.author)
    yesterday = today() - datetime.timedelta(days=1)
    response = client.post(address(draft), sent(draft, effective_on=yesterday.isoformat()))
    assert response.status_code == 422
    assert "This day has passed." in response.content.decode()
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"effective_on": yesterday})
    with pytest.raises(NotReady):
        approval.submit(draft, actor=firm.author)


def test_the_page_names_who_would_be_asked_and_strikes_out_who_wrote_it(firm, client, checkers):
    client.force_login(firm.author)
    page = client.get(address(make_draft(firm, risk="high"))).content.decode()
    assert "Ann" in page
    assert "<del>Author</del> (wrote this revision)" in page
    assert "<b>11 people</b> may read it from then on." in page


def test_an_author_proposes_one_of_several_and_the_others_may_still_decide(firm, client, checkers):
    ann, bob = checkers
    draft = make_draft(firm, risk="high")
    client.force_login(firm.author)
    assert client.post(address(draft), sent(draft, **{"proposed-1-1": str(bob.pk)})).status_code == 302
    round = open_round(draft)
    assert proposed_in(round) == [bob]
    mails = Notification.objects.filter(kind="revision-submitted")
    assert [mail.recipient for mail in mails.order_by("pk")] == [bob, ann]
    assert {mail.context["proposed"] for mail in mails} == {"Bob"}
    assert slot_to_fill(ann, round) is not None


@pytest.mark.parametrize("who", ["author", "staff"])
def test_only_who_may_decide_there_is_proposed(firm, checkers, who):
    draft = make_draft(firm, risk="high")
    with pytest.raises(Refused):
        approval.submit(draft, actor=firm.author, proposed={(1, 1): firm.people[who]})
    assert not RoundSlot.objects.exists()


def test_where_only_one_can_decide_nobody_is_proposed(firm, client):
    draft = make_draft(firm)
    client.force_login(firm.author)
    assert "proposed-" not in client.get(address(draft)).content.decode()
    with pytest.raises(Refused):
        approval.submit(draft, actor=firm.author, proposed={(1, 1): firm.approver})


def test_who_is_proposed_fills_the_slot_for_which_they_were(firm, checkers):
    ann, bob = checkers
    role = Role.objects.get(name="Checker")
    make_route([(SlotKind.ROLE, role), (SlotKind.ROLE, role)], kind="policy")
    draft = make_draft(firm, kind="policy", risk="high", background="All pay on time.")
    round = approval.submit(draft, actor=firm.author, proposed={(1, 1): ann, (1, 2): bob})
    assert slot_to_fill(bob, round).position == 2
    assert slot_to_fill(ann, round).position == 1
