"""Writing drafts: who may, what is kept, what is refused."""

import uuid

import pytest

from audit.trail import entries_for
from procedures.actions import drafts, steps
from procedures.errors import EditConflict
from procedures.models import Responsibility, Revision, Step
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import first_step, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db


def titles(revision) -> list[str]:
    return list(revision.steps.order_by("position").values_list("title", flat=True))


class TestCreate:
    @pytest.mark.parametrize("who", ["staff", "approver", "coauthor", "auditor", "administrator", "superuser"])
    def test_only_authors_of_the_department_start_procedures(self, firm, who):
        with pytest.raises(NotPermitted):
            make_draft(firm, author=firm.people[who])

    def test_a_code_is_never_given_twice_not_even_after_withdrawal(self, firm):
        make_revision(firm, state=State.WITHDRAWN, code="FIN-001")
        with pytest.raises(Refused, match="never given twice"):
            make_draft(firm, code="FIN-001")

    @pytest.mark.parametrize("code", ["fin-1", "FIN 1", "FIN", "-1", "FIN-1/../x", ""])
    def test_a_malformed_code_is_refused(self, firm, code):
        with pytest.raises(Refused):
            drafts.create_procedure(
                actor=firm.author,
                code=code,
                kind="procedure",
                department=firm.finance,
                owner=firm.owner,
                title="X",
            )


class TestSaveDraft:
    def test_counts_the_version_and_writes_history_with_the_actor(self, firm):
        revision = make_draft(firm)
        saved = drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"scope": "All."})
        assert saved.version == revision.version + 1
        assert saved.history.first().history_user == firm.author
        assert saved.history.first().scope == "All."

    def test_a_stale_version_gets_both_texts(self, firm):
        revision = make_draft(firm)
        drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"purpose": "Theirs."})
        with pytest.raises(EditConflict) as conflict:
            drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"purpose": "Mine."})
        assert conflict.value.stored.purpose == "Theirs."
        assert conflict.value.offered == {"purpose": "Mine."}
        assert conflict.value.editor_name == "Author"

    def test_the_same_text_sent_twice_is_no_conflict(self, firm):
        revision = make_draft(firm)
        for _turn in range(2):
            saved = drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"purpose": "X."})
        assert saved.version == revision.version + 1

    def test_nothing_changed_writes_nothing(self, firm):
        revision = make_draft(firm)
        before = revision.history.count()
        drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"purpose": revision.purpose})
        assert revision.history.count() == before

    def test_parts_are_rewritten_as_a_whole(self, firm):
        revision = make_draft(firm)
        tools = [{"name": "Payroll system", "note": "Read only"}, {"name": "Bank portal", "note": ""}]
        saved = drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={}, tools=tools)
        assert [row.name for row in saved.tools.all()] == ["Payroll system", "Bank portal"]
        saved = drafts.save_draft(saved, actor=firm.author, version=saved.version, fields={}, tools=tools[1:])
        assert [row.name for row in saved.tools.all()] == ["Bank portal"]

    def test_only_one_role_is_accountable_for_the_whole(self, firm):
        from roles.models import Role

        other = Role.objects.create(name="Finance manager")
        revision = make_draft(firm)
        with pytest.raises(Refused, match="accountable"):
            drafts.save_draft(
                revision,
                actor=firm.author,
                version=revision.version,
                fields={},
                responsibilities=[(firm.clerk_role.pk, "A"), (other.pk, "A")],
            )

    @pytest.mark.parametrize(
        "fields",
        [{"title": ""}, {"title": "x" * 201}, {"review_interval_months": 0}, {"frequency": "hourly"},
         {"purpose": "[" * 600}],
    )  # fmt: skip
    def test_text_that_does_not_fit_is_refused_and_nothing_is_saved(self, firm, fields):
        revision = make_draft(firm)
        with pytest.raises(Refused):
            drafts.save_draft(revision, actor=firm.author, version=revision.version, fields=fields)
        revision.refresh_from_db()
        assert revision.title == "Run the monthly payroll"

    @pytest.mark.parametrize("who", ["staff", "outsider", "approver", "auditor", "administrator", "superuser"])
    def test_others_do_not_write(self, firm, who):
        revision = make_draft(firm)
        with pytest.raises(NotPermitted):
            drafts.save_draft(revision, actor=firm.people[who], version=revision.version, fields={"purpose": "X"})

    def test_an_invited_coauthor_writes_and_becomes_a_contributor(self, firm):
        revision = make_draft(firm)
        drafts.change_procedure(revision.procedure, actor=firm.author, fields={}, coauthors=[firm.coauthor])
        drafts.save_draft(revision, actor=firm.coauthor, version=revision.version, fields={"purpose": "X"})
        assert firm.coauthor in revision.contributors.all()

    @pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
    def test_every_other_state_is_frozen(self, firm, state):
        revision = make_revision(firm, state=state)
        with pytest.raises(InvalidTransition):
            drafts.save_draft(revision, actor=firm.author, version=revision.version, fields={"purpose": "X"})
        with pytest.raises(InvalidTransition):
            steps.save_step(first_step(revision), actor=firm.author, version=1, fields={"title": "X"})
        with pytest.raises(InvalidTransition):
            steps.remove_step(first_step(revision), actor=firm.author)


class TestSteps:
    @pytest.fixture
    def draft(self, firm) -> Revision:
        return make_draft(firm, step_titles=["A", "B", "C", "D"])

    def step(self, draft, title) -> Step:
        return draft.steps.select_related("revision").get(title=title)

    def test_a_step_goes_behind_the_one_that_was_named(self, firm, draft):
        steps.add_step(draft, actor=firm.author, after=self.step(draft, "B"), fields={"title": "New"})
        assert titles(draft) == ["A", "B", "New", "C", "D"]

    @pytest.mark.parametrize(
        ("title", "position", "order"),
        [("A", 4, "BCDA"), ("D", 1, "DABC"), ("B", 3, "ACBD"), ("C", 3, "ABCD"), ("A", 99, "BCDA"), ("D", -5, "DABC")],
    )
    def test_moving_keeps_the_rest_in_order(self, firm, draft, title, position, order):
        steps.move_step(self.step(draft, title), actor=firm.author, position=position)
        assert "".join(titles(draft)) == order

    def test_a_removed_step_comes_back_with_its_text_letters_and_place(self, firm, draft):
        step = self.step(draft, "B")
        steps.save_step(
            step,
            actor=firm.author,
            version=1,
            fields={"body": "Look twice."},
            responsibilities=[(firm.clerk_role.pk, "I")],
        )
        steps.remove_step(step, actor=firm.author)
        assert titles(draft) == ["A", "C", "D"]
        back = steps.restore_step(draft, actor=firm.author, uid=step.uid)
        assert titles(draft) == ["A", "B", "C", "D"]
        assert (back.uid, back.body) == (step.uid, "Look twice.")
        assert Responsibility.objects.get(step=back).letter == "I"

    def test_letters_taken_off_before_a_removal_do_not_come_back(self, firm, draft):
        step = self.step(draft, "B")
        role = firm.clerk_role.pk
        steps.save_step(step, actor=firm.author, version=1, fields={}, responsibilities=[(role, "I"), (role, "C")])
        steps.save_step(step, actor=firm.author, version=2, fields={}, responsibilities=[(role, "C")])
        steps.remove_step(step, actor=firm.author)
        back = steps.restore_step(draft, actor=firm.author, uid=step.uid)
        assert [row.letter for row in back.responsibilities.all()] == ["C"]

    def test_restoring_twice_or_nothing(self, firm, draft):
        step = self.step(draft, "B")
        steps.remove_step(step, actor=firm.author)
        steps.restore_step(draft, actor=firm.author, uid=step.uid)
        steps.restore_step(draft, actor=firm.author, uid=step.uid)
        assert titles(draft) == ["A", "B", "C", "D"]
        with pytest.raises(Missing):
            steps.restore_step(draft, actor=firm.author, uid=uuid.uuid4())

    def test_removing_twice_is_missing(self, firm, draft):
        step = self.step(draft, "B")
        steps.remove_step(step, actor=firm.author)
        with pytest.raises(Missing):
            steps.remove_step(step, actor=firm.author)

    @pytest.mark.parametrize(
        "branches",
        [[{"label": "x"}], [{"label": "x", "target": "nowhere"}], [{"label": "x", "target": 3}],
         [{"label": "x", "target": "end"}] * 7],
    )  # fmt: skip
    def test_malformed_branches_are_refused(self, firm, draft, branches):
        with pytest.raises(Refused):
            steps.save_step(self.step(draft, "A"), actor=firm.author, version=1, fields={"branches": branches})

    def test_a_step_of_another_draft_cannot_be_touched_through_this_one(self, firm, draft):
        other = make_draft(firm)
        with pytest.raises(Missing):
            steps.add_step(draft, actor=firm.author, after=first_step(other))


class TestNextRevision:
    def test_copies_text_parts_letters_and_uids(self, firm):
        first = make_revision(firm)
        second = make_next(firm, first.procedure, state=State.DRAFT)
        assert second.number == 2
        assert titles(second) == titles(first)
        assert list(second.steps.values_list("uid", flat=True)) == list(first.steps.values_list("uid", flat=True))
        assert (second.change_summary, second.purpose) == ("The limit goes down to 3 %.", first.purpose)

    def test_only_one_revision_is_open(self, firm):
        first = make_revision(firm)
        make_next(firm, first.procedure, state=State.DRAFT)
        with pytest.raises(InvalidTransition):
            drafts.start_draft(first.procedure, actor=firm.author)

    def test_a_discarded_draft_makes_room_for_another(self, firm):
        first = make_revision(firm)
        second = make_next(firm, first.procedure, state=State.DRAFT)
        drafts.discard(second, actor=firm.author, reason="Not needed.")
        assert drafts.start_draft(first.procedure, actor=firm.author).number == 3


class TestProcedure:
    def test_only_the_owner_or_an_administrator_hands_it_over(self, firm):
        procedure = make_draft(firm).procedure
        with pytest.raises(NotPermitted):
            drafts.change_procedure(procedure, actor=firm.author, fields={"owner": firm.author})
        drafts.change_procedure(procedure, actor=firm.administrator, fields={"owner": firm.author})
        procedure.refresh_from_db()
        assert procedure.owner == firm.author
        entry = entries_for(procedure).last()
        assert entry.data == {"owner": {"old": "Owner", "new": "Author"}}

    def test_changing_the_owner_does_not_make_a_contributor_an_approver(self, firm):
        from procedures.permissions import can_decide
        from procedures.queries import open_round

        revision = make_revision(firm, state=State.IN_REVIEW)
        firm.finance.head = firm.author
        firm.finance.save(update_fields=["head"])
        assert not can_decide(firm.author, open_round(revision))


def test_an_invitation_shows_among_my_drafts(firm):
    from procedures.queries import drafts_of

    revision = make_draft(firm)
    assert list(drafts_of(firm.coauthor)) == []
    drafts.change_procedure(revision.procedure, actor=firm.author, fields={}, coauthors=[firm.coauthor])
    assert list(drafts_of(firm.coauthor)) == [revision]
    assert list(drafts_of(firm.author)) == [revision]
