"""Who sees and answers suggestions: predicate and queryset agree, and other readers get nothing."""

import pytest

from procedures.actions import approval, drafts
from procedures.states import State
from runs.models import Remark
from runs.permissions import (
    can_answer,
    can_remark,
    can_see_remark,
    remarks_answerable_by,
    remarks_visible_to,
    revisions_remarkable_by,
)
from tests.factories import make_next

pytestmark = pytest.mark.django_db


def names(firm, rule, row) -> set[str]:
    return {name for name, person in firm.people.items() if rule(person, row)}


def test_both_shapes_agree_for_the_whole_cast(firm, revision, suggest):
    drafts.change_procedure(
        revision.procedure, actor=firm.owner, fields={}, coauthors=[firm.coauthor], reason="She helps."
    )
    remark = suggest(revision)
    for person in firm.people.values():
        assert can_remark(person, revision) == (revision in revisions_remarkable_by(person))
        assert can_answer(person, remark) == (remark in remarks_answerable_by(person))
        assert can_see_remark(person, remark) == (remark in remarks_visible_to(person))
    assert names(firm, can_remark, revision) == set(firm.people) - {"auditor"}
    assert names(firm, can_answer, remark) == {"author", "coauthor", "owner"}
    assert names(firm, can_see_remark, remark) == {
        "author", "coauthor", "owner", "staff", "auditor", "administrator",
    }  # fmt: skip


def test_other_readers_get_404_and_see_nothing_at_the_step(firm, revision, suggest, page):
    remark = suggest(revision, text="My secret")
    page(firm.outsider, "remark", remark.pk, status=404)
    assert "My secret" not in page(firm.outsider, "procedure", "FIN-700")
    assert "My secret" not in page(firm.outsider, "remarks")
    assert "My secret" not in page(firm.outsider, "remarks-mine")
    assert "My secret" in page(firm.staff, "remarks-mine")


def test_who_decides_sees_what_the_revision_answers_while_it_is_in_review(firm, revision, suggest, promise):
    answered, other = suggest(revision), suggest(revision, text="Other")
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    promise(answered)
    assert set(remarks_visible_to(firm.approver)) == set()
    approval.submit(draft, actor=firm.author)
    assert set(remarks_visible_to(firm.approver)) == {answered}
    assert other in remarks_visible_to(firm.author)


def test_who_may_no_longer_read_the_procedure_does_not_see_their_own(firm, revision, suggest):
    remark = suggest(revision, actor=firm.outsider)
    assert remark in remarks_visible_to(firm.outsider)
    type(revision.procedure).objects.filter(pk=revision.procedure_id).update(audience="roles")
    assert remark not in remarks_visible_to(firm.outsider)


def test_an_auditor_who_owns_a_procedure_looks_on(firm, revision, suggest):
    remark = suggest(revision)
    type(revision.procedure).objects.filter(pk=revision.procedure_id).update(owner=firm.auditor)
    assert not can_answer(firm.auditor, Remark.objects.get(pk=remark.pk))
