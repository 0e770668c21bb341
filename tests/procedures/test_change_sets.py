"""Several revisions submitted, signed, returned, recalled and put in force as one."""

import datetime

import pytest
from django.urls import reverse

from audit import names, trail
from procedures.actions import approval, changesets, drafts, publishing
from procedures.changesets.checking import check_set
from procedures.changesets.manifest import rounds_in
from procedures.changesets.permissions import (
    can_decide_on_set,
    can_see_change_set,
    can_submit,
    change_sets_visible_to,
    drafts_to_submit_by,
)
from procedures.errors import NotReady, StaleContent
from procedures.invariants import violations
from procedures.models import ChangeSet, Decision, Revision, Round, SlotKind
from procedures.queries import approvals_of, open_round
from procedures.signatures import as_signatures, is_valid, signatures_of
from procedures.states import State
from roles.errors import WrongPassword
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.factories import PASSWORD, make_draft, make_route, make_user

pytestmark = pytest.mark.django_db


def submitted(firm, **kwargs) -> ChangeSet:
    pair = [make_draft(firm, code=code, title=f"Do {code}") for code in ("FIN-801", "FIN-802")]
    return changesets.submit_change_set(pair, actor=firm.author, name="New limits", **kwargs)


def states(change_set) -> set[str]:
    return {round.revision.state for round in rounds_in(ChangeSet.objects.get(pk=change_set.pk))}


def sign(change_set, person, **kwargs) -> None:
    given = {"manifest_hash": change_set.manifest_hash, "password": PASSWORD} | kwargs
    changesets.approve_change_set(change_set, actor=person, **given)


def test_one_signature_puts_all_in_force_and_is_over_the_manifest(firm):
    change_set = submitted(firm)
    sign(change_set, firm.approver, comment="Fine.")
    assert states(change_set) == {State.PUBLISHED}
    decisions = Decision.objects.filter(round__set_item__change_set=change_set)
    assert [is_valid(decision) for decision in decisions] == [True, True]
    assert list(violations()) == []
    ChangeSet.objects.filter(pk=change_set.pk).update(manifest_hash="0" * 64)
    assert [is_valid(decision) for decision in Decision.objects.all()] == [False, False]
    assert any(sentence.startswith("I12") for sentence in violations())


def test_its_signatures_are_verified_in_one_statement_and_one_over_another_manifest_shows(
    firm, django_assert_num_queries
):
    change_set = submitted(firm)
    sign(change_set, firm.approver)
    revision = Revision.objects.filter(rounds__set_item__change_set=change_set)[0]
    with django_assert_num_queries(1):
        shown = signatures_of(revision)
    assert shown == as_signatures(approvals_of(revision), revision)
    assert [row.is_valid for row in shown] == [True]
    ChangeSet.objects.filter(pk=change_set.pk).update(manifest_hash="0" * 64)
    assert [row.is_valid for row in signatures_of(revision)] == [False]


def test_the_trail_notes_the_manifest(firm):
    change_set = submitted(firm)
    entry = trail.entries_for(change_set).get(name=names.CHANGE_SET_SUBMIT)
    assert [row["code"] for row in entry.data["manifest"]] == ["FIN-801", "FIN-802"]
    assert entry.data["manifest_hash"] == change_set.manifest_hash


def test_a_round_of_a_set_is_not_decided_on_alone(firm):
    round = rounds_in(submitted(firm))[0]
    with pytest.raises(NotPermitted, match="as a whole"):
        approval.approve_revision(round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD)
    with pytest.raises(NotPermitted, match="as a whole"):
        approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="No.")


def test_another_manifest_or_password_signs_nothing(firm):
    change_set = submitted(firm)
    with pytest.raises(StaleContent):
        sign(change_set, firm.approver, manifest_hash="0" * 64)
    with pytest.raises(WrongPassword):
        sign(change_set, firm.approver, password="a guess")
    assert not Decision.objects.exists()
    assert states(change_set) == {State.IN_REVIEW}


def test_returning_sends_all_back(firm):
    change_set = submitted(firm)
    changesets.return_change_set(
        change_set, actor=firm.approver, manifest_hash=change_set.manifest_hash, reason="The limit is wrong."
    )
    assert states(change_set) == {State.DRAFT}
    assert set(Round.objects.values_list("outcome", "closed_reason")) == {("returned", "The limit is wrong.")}
    assert list(violations()) == []
    again = [round.revision for round in rounds_in(change_set)]
    assert states(changesets.submit_change_set(again, actor=firm.author, name="Again")) == {State.IN_REVIEW}


def test_recalling_one_recalls_all(firm):
    change_set = submitted(firm)
    approval.recall(rounds_in(change_set)[1].revision, actor=firm.author, reason="A mistake.")
    assert states(change_set) == {State.DRAFT}
    with pytest.raises(InvalidTransition):
        sign(change_set, firm.approver)
    assert list(violations()) == []


@pytest.mark.parametrize("act", ["revoke", "publish", "due"])
def test_what_waits_for_its_day_is_revoked_and_published_together(firm, act):
    later = today() + datetime.timedelta(days=30)
    change_set = submitted(firm, effective_on=later)
    sign(change_set, firm.approver)
    assert states(change_set) == {State.APPROVED}
    first = rounds_in(change_set)[0].revision
    match act:
        case "revoke":
            approval.revoke(first, actor=firm.owner, reason="The law has changed.")
        case "publish":
            publishing.publish(first, actor=firm.owner)
        case _:
            assert len(publishing.publish_due(later)) == 2
    assert states(change_set) == {State.DRAFT if act == "revoke" else State.PUBLISHED}
    assert list(violations()) == []


def test_all_stages_are_gone_through_together(firm):
    make_route([(SlotKind.HEAD, None)], [(SlotKind.OWNER, None)], department=firm.finance)
    change_set = submitted(firm)
    sign(change_set, firm.approver)
    assert states(change_set) == {State.IN_REVIEW}
    sign(change_set, firm.owner)
    assert states(change_set) == {State.PUBLISHED}
    assert list(violations()) == []


def test_drafts_on_different_routes_or_with_different_owners_are_refused(firm):
    make_route([(SlotKind.OWNER, None)], name="By the owner", risk="high")
    low = make_draft(firm, code="FIN-801")
    high = make_draft(firm, code="FIN-802", risk="high")
    with pytest.raises(NotReady) as refusal:
        changesets.submit_change_set([low, high], actor=firm.author, name="Both")
    assert "FIN-802 (By the owner)" in refusal.value.blockers[0]
    other = make_draft(firm, code="FIN-803", risk="high", owner=firm.staff)
    assert "FIN-803 (Staff)" in check_set([high, other]).problems[0]
    assert set(Revision.objects.values_list("state", flat=True)) == {State.DRAFT}


def test_who_wrote_one_of_the_texts_cannot_sign_any(firm):
    make_route([(SlotKind.PERSON, firm.coauthor)], department=firm.finance)
    pair = [make_draft(firm, code="FIN-801"), make_draft(firm, code="FIN-802")]
    drafts.change_procedure(pair[0].procedure, actor=firm.author, fields={}, coauthors=[firm.coauthor])
    drafts.save_draft(pair[0], actor=firm.coauthor, version=pair[0].version, fields={"scope": "Everybody."})
    with pytest.raises(NotReady):
        changesets.submit_change_set(pair, actor=firm.author, name="Both")


def test_one_draft_is_no_set_and_a_set_has_a_name(firm):
    draft = make_draft(firm)
    with pytest.raises(NotReady):
        changesets.submit_change_set([draft], actor=firm.author, name="One")
    with pytest.raises(Refused):
        changesets.submit_change_set([draft], actor=firm.author, name=" ")
    assert Revision.objects.get().state == State.DRAFT


def test_links_inside_the_set_count_as_good(firm):
    first, second = make_draft(firm, code="FIN-801", scope="See [[FIN-802]]."), make_draft(firm, code="FIN-802")
    warned = [check.warnings for _draft, check in check_set([first, second]).checks]
    assert not any("FIN-802" in sentence for warnings in warned for sentence in warnings)


def test_both_shapes_of_each_rule_agree(firm):
    change_set = submitted(firm)
    draft = make_draft(firm)
    for person in firm.people.values():
        assert can_see_change_set(person, change_set) == (change_set in change_sets_visible_to(person))
        assert can_submit(person, draft) == (draft in drafts_to_submit_by(person))
        assert can_decide_on_set(person, change_set) == (person == firm.approver)
    seen = {name for name, person in firm.people.items() if can_see_change_set(person, change_set)}
    assert seen == {"author", "approver", "owner", "auditor", "administrator"}


def test_pages_from_choosing_to_publishing(client, firm):
    pair = [make_draft(firm, code=code) for code in ("FIN-801", "FIN-802")]
    client.force_login(firm.author)
    sent = {"name": "New limits", "drafts": [draft.pk for draft in pair]}
    page = client.post(reverse("change-set-new"), sent | {"check": "1"})
    assert page.status_code == 200
    assert page.context["check"].is_clear
    assert not ChangeSet.objects.exists()
    assert client.post(reverse("change-set-new"), {"name": "One", "drafts": [pair[0].pk]}).status_code == 422
    client.post(reverse("change-set-new"), sent)
    change_set = ChangeSet.objects.get()
    round = open_round(pair[0])
    assert "/recall/" in client.get(change_set.get_absolute_url()).content.decode()
    assert "FIN-802" in client.get(reverse("recall", args=["FIN-801"])).content.decode()
    client.force_login(firm.approver)
    review = client.get(round.get_absolute_url()).content.decode()
    assert change_set.get_absolute_url() in review
    assert "sign-dialog" not in review
    signing = {"manifest_hash": change_set.manifest_hash, "password": "a guess"}
    address = reverse("change-set-approve", args=[change_set.pk])
    assert client.post(address, signing).status_code in (403, 422)
    assert client.post(reverse("change-set-return", args=[change_set.pk]), signing).status_code == 422
    assert client.post(address, signing | {"password": PASSWORD}).status_code == 302
    assert states(change_set) == {State.PUBLISHED}
    page = client.post(address, signing | {"password": PASSWORD}, follow=True)
    assert "This round has ended" in page.content.decode()
    assert Decision.objects.count() == 2


def test_the_list_asks_as_much_for_many_as_for_one(client, firm, django_assert_max_num_queries):
    submitted(firm)
    changesets.submit_change_set(
        [make_draft(firm), make_draft(firm), make_draft(firm)], actor=firm.author, name="More limits"
    )
    client.force_login(firm.auditor)
    client.get(reverse("change-sets"))
    with django_assert_max_num_queries(10):
        page = client.get(reverse("change-sets"))
    assert "More limits" in page.content.decode()


def test_an_outsider_is_told_of_no_set(client, firm):
    change_set = submitted(firm)
    client.force_login(make_user("stranger"))
    assert client.get(change_set.get_absolute_url()).status_code == 404
    assert "New limits" not in client.get(reverse("change-sets")).content.decode()
    assert client.get(reverse("change-set-new")).status_code == 403
