"""The checklist: what is signed, as boxes; no record on the server."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from procedures.actions import deviations, marking, steps
from procedures.models import Deviation, Revision
from procedures.states import State
from roles.queries import today
from tests.factories import PASSWORD, Firm, make_draft, make_revision, make_user
from tests.procedures.browsing.test_marks import client_of


@pytest.fixture
def staff(firm: Firm) -> Client:
    return client_of(firm.staff)


def test_every_step_and_every_item_is_a_box(firm, staff):
    draft = make_draft(firm, step_titles=["Lock", "Check"])
    steps.add_step(draft, actor=firm.author, fields={"title": "Tick", "kind": "checklist", "items": ["One", "Two"]})
    from procedures.actions import approval
    from tests.factories import approve

    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    page = staff.get(reverse("checklist", args=[draft.procedure.code])).content.decode()
    assert page.count('name="step"') == 3
    assert page.count('name="item"') == 2
    assert "They are no record" in page
    assert 'type="reset"' in page


def test_the_ticks_of_one_text_and_person_are_kept_apart_from_others(firm, staff):
    revision = make_revision(firm)
    address = reverse("checklist", args=[revision.procedure.code])
    kept = staff.get(address).context["kept_as"]
    assert kept != client_of(firm.owner).get(address).context["kept_as"]
    assert revision.content_hash[:12] in kept


def test_a_withdrawn_text_has_none_and_a_tampered_one_is_not_shown(firm, staff):
    gone = make_revision(firm, state=State.WITHDRAWN)
    assert staff.get(reverse("checklist", args=[gone.procedure.code])).status_code == 404
    revision = make_revision(firm)
    revision.content["steps"][0]["title"] = "Pay me instead"
    Revision.objects.filter(pk=revision.pk).update(content=revision.content)
    response = staff.get(reverse("checklist", args=[revision.procedure.code]))
    assert response.status_code == 409 or "Pay me instead" not in response.content.decode()


def test_the_reader_page_has_star_watch_and_beacon_at_no_further_query(firm, staff, django_assert_max_num_queries):
    revision = make_revision(firm)
    address = revision.procedure.get_absolute_url()
    staff.get(address)
    with django_assert_max_num_queries(6):
        page = staff.get(address)
    assert 'aria-pressed="false"' in page.content.decode()
    assert f'data-opened="{address}opened/"' in page.content.decode()
    etag = page["ETag"]
    marking.set_favourite(revision.procedure, actor=firm.staff, on=True)
    marking.set_watch(revision.procedure, actor=firm.staff, on=True)
    page = staff.get(address, headers={"If-None-Match": etag})
    assert page.status_code == 200
    assert page.content.decode().count('aria-pressed="true"') == 2
    assert staff.get(address, headers={"If-None-Match": page["ETag"]}).status_code == 304


def test_an_old_revision_has_no_marks(firm, staff):
    revision = make_revision(firm, state=State.SUPERSEDED)
    page = staff.get(reverse("revision", args=[revision.procedure.code, 1])).content.decode()
    assert "data-opened" not in page


def test_whom_to_ask_and_what_is_related_stand_beside_the_text(firm, staff):
    target = make_revision(firm, title="Find a supplier")
    secret = make_revision(firm, title="Zanzibar", audience="roles", audience_roles=[])
    code, hidden = target.procedure.code, secret.procedure.code
    user = make_revision(firm, title="Pay", contact="Extension 12", background=f"See [[{code}]] and [[{hidden}]].")
    page = staff.get(user.procedure.get_absolute_url()).content.decode()
    assert "Extension 12" in page
    related = reverse("procedure-links", args=[user.procedure.code])
    part = staff.get(related, headers={"HX-Request": "true"}).content.decode()
    assert "Find a supplier" in part
    assert "Zanzibar" not in part
    assert "<html" not in part
    back = staff.get(reverse("procedure-links", args=[code])).content.decode()
    assert "Pay" in back


# What is done otherwise -----------------------------------------------------------------------------------------


@pytest.fixture
def deviation(firm):
    """One from step 2 that holds for Operations."""
    revision = make_revision(firm, code="FIN-100")
    asked = deviations.ask_deviation(
        revision, actor=firm.author, step=revision.content["steps"][1]["uid"], department=firm.operations,
        reason="The scanner is broken.", instead="Write it by hand.", starts=today(), ends=today(),
    )  # fmt: skip
    signed = {"asked_hash": asked.asked_hash, "password": PASSWORD, "accepts": 1}
    return deviations.approve_deviation(asked, actor=firm.approver, **signed)


def pages_of(person) -> tuple[str, str]:
    """The checklist and the reader page, as this person sees them."""
    client = client_of(person)
    checklist, reader = (client.get(reverse(name, args=["FIN-100"])) for name in ("checklist", "procedure"))
    return checklist.content.decode(), reader.content.decode()


def test_a_deviation_stands_at_its_step_for_whom_it_stands_on_the_reader_page(firm, deviation):
    clerk = make_user("store-clerk", department=firm.operations)
    instead = "Write it by hand."
    for person in (clerk, *firm.people.values()):
        if person.is_active:
            checklist, reader = pages_of(person)
            assert checklist.count(instead) == reader.count(instead), person
            assert checklist.count(instead) == (person.department == firm.operations), person
    checklist, _reader = pages_of(clerk)
    second, third = checklist.index('name="step" value="2"'), checklist.index('name="step" value="3"')
    assert second < checklist.index(instead) < third


def test_a_deviation_that_has_ended_or_was_changed_is_not_followed(firm, deviation):
    clerk = make_user("store-clerk", department=firm.operations)
    Deviation.objects.update(instead="Do nothing.")
    checklist, _reader = pages_of(clerk)
    assert "Do nothing." not in checklist
    assert "not what was signed" in checklist
    Deviation.objects.update(instead="Write it by hand.")
    deviations.end_deviation(deviation, actor=firm.owner, reason="Mended.")
    checklist, _reader = pages_of(clerk)
    assert 'class="callout"' not in checklist


def test_the_printed_sheet_has_the_frame_with_the_address(firm, staff):
    revision = make_revision(firm)
    page = staff.get(reverse("checklist", args=[revision.procedure.code])).content.decode()
    frame = page[page.index('class="print-frame"') : page.index("data-checklist")]
    assert f"<dd>{settings.BASE_URL}{revision.get_absolute_url()}</dd>" in frame
    assert f"{firm.approver.full_name}, " in frame
    assert "<svg" in frame
