"""What is changed beside a text that readers rely on says why; before its first release nobody needs to."""

import pytest
from django.urls import reverse

from audit.trail import entries_for
from procedures.actions import drafts
from procedures.models import Audience
from procedures.states import State
from sopdesk.lib.errors import Refused
from tests.factories import make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db

CHANGES = {
    "owner": {"fields": {"owner": "staff"}},
    "audience": {"fields": {"audience": Audience.ROLES}, "audience_roles": "clerk"},
    "risk": {"fields": {"risk": "high"}},
    "coauthors": {"fields": {}, "coauthors": "coauthor"},
}


def change(firm, procedure, what, **more):
    named = {"staff": firm.staff, "clerk": [firm.clerk_role], "coauthor": [firm.coauthor]}
    row = CHANGES[what]
    fields = {name: named.get(value, value) for name, value in row["fields"].items()}
    lists = {name: named[value] for name, value in row.items() if name != "fields"}
    return drafts.change_procedure(procedure, actor=firm.owner, fields=fields, **lists, **more)


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN])
def test_after_the_first_release_a_change_needs_a_reason(firm, what, state):
    procedure = make_revision(firm, state=state).procedure
    for reason in ("", "  \n"):
        with pytest.raises(Refused):
            change(firm, procedure, what, reason=reason)
    assert not entries_for(procedure).filter(name="procedures.procedure.change").exists()
    change(firm, procedure, what, reason="She has left. ")
    assert entries_for(procedure).get(name="procedures.procedure.change").reason == "She has left."


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED])
def test_before_it_nobody_is_asked(firm, state):
    procedure = make_revision(firm, state=state).procedure
    change(firm, procedure, "risk")
    assert entries_for(procedure).filter(name="procedures.procedure.change").count() == 1


def test_the_draft_of_a_next_revision_changes_nothing_about_that(firm):
    procedure = make_revision(firm).procedure
    make_next(firm, procedure, state=State.DRAFT)
    with pytest.raises(Refused):
        change(firm, procedure, "risk")


def test_the_page_asks_for_it_only_where_it_is_needed(firm, client):
    client.force_login(firm.owner)
    sent = {"kind": "procedure", "owner": firm.owner.pk, "risk": "high", "audience": "everyone"}
    begun = reverse("procedure-settings", args=[make_draft(firm).procedure.code])
    assert 'name="reason"' not in client.get(begun).content.decode()
    released = make_revision(firm).procedure
    address = reverse("procedure-settings", args=[released.code])
    assert client.post(address, sent).status_code == 422
    assert client.post(address, {**sent, "risk": "normal"}).status_code == 302, "nothing changes, so nobody asks why"
    assert client.post(address, {**sent, "reason": "More money."}).status_code == 302
    released.refresh_from_db()
    assert released.risk == "high"
    assert "More money." in client.get(reverse("history", args=[released.code])).content.decode()
