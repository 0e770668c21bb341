"""The audience judged from a person's ties says the same as the condition inside queries."""

import datetime

import pytest

from procedures.actions import drafts
from procedures.models import Audience, Revision
from procedures.permissions import get_current_for, in_audience
from procedures.standing import standing_of
from procedures.states import State
from roles.models import Holding
from roles.queries import today
from sopdesk.lib.errors import Missing
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db


def may_read(user, code) -> bool:
    try:
        get_current_for(user, code)
    except Missing:
        return False
    return True


@pytest.mark.parametrize("audience", Audience.values)
@pytest.mark.parametrize("is_invited", [False, True], ids=["", "with an invitation"])
def test_both_shapes_agree_for_the_whole_cast(firm, audience, is_invited):
    readers = {"audience_departments": [firm.finance], "audience_roles": [firm.clerk_role]}
    revision = make_revision(firm, audience=audience, **readers)
    if is_invited:
        drafts.change_procedure(
            revision.procedure, actor=firm.owner, fields={}, coauthors=[firm.coauthor], reason="She helps."
        )
    for name, user in firm.people.items():
        inside_query = Revision.objects.filter(in_audience(user, today()), pk=revision.pk).exists()
        assert may_read(user, revision.procedure.code) == inside_query, name


def test_a_role_counts_on_the_days_it_is_held(firm):
    revision = make_revision(firm)
    Holding.objects.filter(user=firm.staff).update(ends=today())
    assert standing_of(firm.staff, revision, day=today()).role_ids == {firm.clerk_role.pk}
    assert standing_of(firm.staff, revision, day=today() + datetime.timedelta(days=1)).role_ids == set()


def test_what_is_on_its_way_is_named_with_its_state(firm):
    revision = make_revision(firm)
    assert standing_of(firm.staff, revision, day=today()).pending_number is None
    make_next(firm, revision.procedure, state=State.IN_REVIEW)
    standing = standing_of(firm.staff, revision, day=today())
    assert (standing.pending_number, standing.pending_state) == (2, State.IN_REVIEW)


def test_it_takes_one_query(firm, django_assert_num_queries):
    revision = make_revision(firm)
    with django_assert_num_queries(1) as asked:
        standing_of(firm.staff, revision, day=today())
    assert "UNION ALL" in asked.captured_queries[0]["sql"]
