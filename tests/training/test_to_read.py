"""“To read” on the page of one's work: what has changed since one confirmed it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions import approval, drafts, emergency
from procedures.models import Revision
from procedures.queries import open_round
from procedures.states import State
from tests.factories import PASSWORD, approve, make_next, make_revision
from training.queries import changed_for, last_ones_of, own_rows
from training.reading import Worth
from training.templatetags.acknowledgements import SHOWN, to_read

pytestmark = pytest.mark.django_db

NOTHING = "No text has changed since you confirmed it."


def listed(person) -> list[str]:
    """The codes in their order; the other way to ask for the same says the same."""
    found = [revision.procedure.code for revision in changed_for(person)]
    rows = own_rows(person, last_ones_of(person))
    assert set(found) == {row.current.procedure.code for row in rows if row.current and row.worth == Worth.CHANGED}
    return found


def test_a_major_revision_since_is_listed_the_newest_first(firm, confirm, page):
    older, newer = make_revision(firm, code="FIN-501"), make_revision(firm, code="FIN-502")
    for revision in (older, newer):
        confirm(revision, firm.staff)
    assert NOTHING in page(firm.staff, "home")
    make_next(firm, older.procedure)
    make_next(firm, newer.procedure)
    html = page(firm.staff, "home")
    assert listed(firm.staff) == ["FIN-502", "FIN-501"]
    assert "Revision 2 is in force, you confirmed revision 1" in html
    assert reverse("compare-since-mine", args=["FIN-501"]) in html
    assert reverse("learn") in html
    assert NOTHING not in html


def test_minor_revisions_and_what_was_confirmed_again_are_not(firm, confirm):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure, significance="minor")
    assert listed(firm.staff) == []
    third = make_next(firm, first.procedure, significance="major")
    assert listed(firm.staff) == [first.procedure.code]
    confirm(third, firm.staff)
    assert listed(firm.staff) == []


def test_what_one_never_confirmed_or_others_did_is_not(firm, confirm):
    first = make_revision(firm)
    confirm(first, firm.outsider)
    make_next(firm, first.procedure)
    assert listed(firm.staff) == []


def test_what_one_may_no_longer_read_is_not(firm, confirm):
    first = make_revision(firm)
    confirm(first, firm.outsider)
    make_next(firm, first.procedure)
    assert listed(firm.outsider)
    drafts.change_procedure(
        first.procedure, actor=firm.owner, fields={"audience": "departments"},
        audience_departments=[firm.finance], reason="Not for everybody.",
    )  # fmt: skip
    assert listed(firm.outsider) == []


def test_an_emergency_issue_counts_while_it_lasts_and_so_does_another_text_of_its_number(firm, confirm):
    first = make_revision(firm)
    confirm(first, firm.staff)
    second = make_next(firm, first.procedure, state=State.IN_REVIEW)
    emergency.issue_emergency(
        second, actor=firm.owner, content_hash=second.content_hash, reason="Now.", days=2, password=PASSWORD, accepts=1,
    )  # fmt: skip
    assert listed(firm.staff) == [first.procedure.code]
    confirm(second, firm.staff)
    assert listed(firm.staff) == []
    round = open_round(second)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Wrong account.")
    assert listed(firm.staff) == []
    draft = Revision.objects.get(pk=second.pk)
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"purpose": "To the other account."})
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    assert listed(firm.staff) == [first.procedure.code]


def test_auditors_have_none(firm, page):
    make_revision(firm)
    assert to_read(firm.auditor) is None
    assert 'id="to-read"' not in page(firm.auditor, "home")
    assert 'id="to-read"' in page(firm.staff, "home")


def test_it_is_one_query_however_many_there_are_and_shows_a_few(firm, confirm, page):
    for _number in range(SHOWN + 1):
        confirm(revision := make_revision(firm), firm.staff)
        make_next(firm, revision.procedure)
    with CaptureQueriesContext(connection) as queries:
        found = to_read(firm.staff)
        assert [revision.procedure.code for revision in found.rows]
    assert len(queries) == 1
    assert (len(found.rows), found.in_all) == (SHOWN, SHOWN + 1)
    assert page(firm.staff, "home").count("you confirmed revision") == SHOWN
