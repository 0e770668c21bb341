"""Both shapes of every rule agree for the whole cast, and say what design.md section 6 says."""

import pytest

from procedures.actions import drafts
from procedures.models import Revision
from procedures.permissions import (
    can_decide,
    can_edit,
    can_view,
    get_current_for,
    get_revision_for,
    library_revisions_for,
    open_slots,
    revisions_editable_by,
    revisions_visible_to,
    rounds_awaiting,
)
from procedures.queries import open_round
from procedures.states import State
from sopdesk.lib.errors import Missing
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db

EVERYBODY = {"author", "coauthor", "approver", "owner", "staff", "outsider", "auditor", "administrator", "superuser"}
WRITERS_AND_READERS_OF_ALL = {"author", "owner", "auditor", "administrator"}
SEES = {
    State.DRAFT: WRITERS_AND_READERS_OF_ALL,
    State.IN_REVIEW: WRITERS_AND_READERS_OF_ALL | {"approver"},
    State.APPROVED: WRITERS_AND_READERS_OF_ALL,
    State.PUBLISHED: EVERYBODY,
    State.SUPERSEDED: EVERYBODY,
    State.WITHDRAWN: EVERYBODY,
    State.DISCARDED: WRITERS_AND_READERS_OF_ALL,
}


def who(firm, test) -> set[str]:
    return {name for name, person in firm.people.items() if test(person)}


@pytest.mark.parametrize("state", list(State))
def test_who_sees_a_revision_in_each_state(firm, state):
    revision = make_revision(firm, state=state)
    assert who(firm, lambda person: can_view(person, revision)) == SEES[state]
    assert who(firm, lambda person: revision in revisions_visible_to(person)) == SEES[state]

    def door_opens(person):
        try:
            return get_revision_for(person, revision.procedure.code, revision.number) == revision
        except Missing:
            return False

    assert who(firm, door_opens) == SEES[state]


def test_an_audience_of_departments_leaves_others_out(firm):
    revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    readers = {"author", "approver", "owner", "staff", "auditor", "administrator"}
    assert who(firm, lambda person: can_view(person, revision)) == readers
    assert who(firm, lambda person: revision in library_revisions_for(person)) == readers


def test_an_audience_of_roles_follows_holdings_of_today(firm):
    import datetime

    revision = make_revision(firm, audience="roles", audience_roles=[firm.clerk_role])
    readers = {"author", "owner", "staff", "auditor", "administrator"}
    assert who(firm, lambda person: can_view(person, revision)) == readers
    firm.staff.holdings.update(ends=datetime.date.today() - datetime.timedelta(days=1))
    assert who(firm, lambda person: can_view(person, revision)) == readers - {"staff"}


def test_the_library_lists_what_is_in_force_only(firm):
    first = make_revision(firm)
    make_next(firm, first.procedure, state=State.IN_REVIEW)
    make_revision(firm, state=State.WITHDRAWN)
    make_revision(firm, state=State.DRAFT)
    for person in firm.people.values():
        assert list(library_revisions_for(person)) == [first]


def test_the_bare_address_opens_the_revision_in_force(firm):
    first = make_revision(firm)
    second = make_next(firm, first.procedure)
    assert get_current_for(firm.staff, first.procedure.code) == second


@pytest.mark.parametrize("state", list(State))
def test_who_edits(firm, state):
    revision = make_revision(firm, state=state)
    editors = {"author"} if state in (State.DRAFT, State.IN_REVIEW, State.APPROVED) else set()
    assert who(firm, lambda person: can_edit(person, revision)) == editors
    assert who(firm, lambda person: revision in revisions_editable_by(person)) == editors


def test_a_coauthor_edits_after_the_invitation_only(firm):
    revision = make_revision(firm, state=State.DRAFT)
    assert not can_edit(firm.coauthor, revision)
    drafts.change_procedure(revision.procedure, actor=firm.author, fields={}, coauthors=[firm.coauthor])
    assert can_edit(firm.coauthor, revision)
    assert can_view(firm.coauthor, revision)


def test_who_decides(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    round = open_round(revision)
    assert who(firm, lambda person: can_decide(person, round)) == {"approver"}
    assert who(firm, lambda person: round in rounds_awaiting(person)) == {"approver"}


def test_nobody_who_wrote_any_part_decides_superusers_included(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    revision.contributors.add(*firm.people.values())
    for person in firm.people.values():
        person.is_superuser = True
        assert not open_slots(person).exists()


def test_inactive_people_edit_and_decide_nothing(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    round = open_round(revision)
    for name in ("author", "approver"):
        person = firm.people[name]
        person.is_active = False
        assert not can_edit(person, revision)
        assert not can_decide(person, round)
    assert Revision.objects.count() == 1
