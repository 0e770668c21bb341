"""Starting variants and translations, and taking along what changed in the text that they follow."""

import pytest

from audit import names
from audit.models import Entry
from notifications.models import Notification
from procedures.actions import approval, drafts, relatives, steps
from procedures.content import revision_content, step_hash
from procedures.errors import EditConflict, NotReady
from procedures.invariants import violations
from procedures.models import Procedure, Revision
from procedures.permissions import get_source_for
from procedures.preflight import preflight
from procedures.relatives import PointKind, following_of, tasks_of
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import make_revision
from tests.procedures.relatives.conftest import publish, translate_all

pytestmark = pytest.mark.django_db


def following(family, procedure):
    draft = procedure.revisions.open().first() or procedure.revisions.get(state=State.PUBLISHED)
    draft.procedure = procedure
    return following_of(draft, get_source_for(family.adapter, procedure))


def settle(family, procedure, number, *, take=True, reason="", limit=50):
    """Decide on every open point in one way."""
    actor = family.adapter if procedure == family.variant else family.firm.author
    for point in following(family, procedure).points[:limit]:
        is_taken = take and point.kind != PointKind.ORDER
        relatives.settle_point(
            procedure, actor=actor, number=number, kind=point.kind, key=point.key, take=is_taken, reason=reason
        )


class TestStarting:
    def test_a_variant_begins_with_the_whole_text(self, family):
        source, draft = family.parent.revisions.get(), family.draft_of(family.variant)
        theirs, ours = revision_content(source), revision_content(draft)
        assert family.variant.variant_of == family.parent
        assert draft.source == source
        assert ours["source"] == {"code": "FIN-100", "number": 1}
        assert [step | {"number": 0} for step in ours["steps"]] == [step | {"number": 0} for step in theirs["steps"]]
        assert ours["purpose"] == theirs["purpose"]
        assert ours["title"] == "Run the site payroll"
        assert [step.source_hash for step in draft.steps.order_by("position")] == [
            step_hash(step) for step in theirs["steps"]
        ]
        assert following(family, family.variant).points == []

    def test_a_translation_has_the_structure_and_no_words(self, family):
        draft = family.draft_of(family.translation)
        theirs, ours = revision_content(family.parent.revisions.get()), revision_content(draft)
        assert draft.language == "fr"
        assert [step["uid"] for step in ours["steps"]] == [step["uid"] for step in theirs["steps"]]
        assert [step["role"] for step in ours["steps"]] == [step["role"] for step in theirs["steps"]]
        assert {step["title"] + step["body"] for step in ours["steps"]} == {""}
        assert {step.source_hash for step in draft.steps.all()} == {""}

    def test_who_may_not_read_the_parent_makes_no_variant(self, firm, family):
        hidden = make_revision(firm, audience="departments", audience_departments=[firm.finance])
        common = {"actor": family.adapter, "department": firm.operations, "owner": family.adapter, "title": "X"}
        with pytest.raises(NotPermitted):
            relatives.make_variant(hidden, code="OPS-200", **common)
        with pytest.raises(NotPermitted):
            relatives.start_translation(hidden, code="OPS-200", language="fr", **common)
        assert not Procedure.objects.filter(code="OPS-200").exists()

    @pytest.mark.parametrize("name", ["staff", "outsider", "auditor", "administrator", "superuser"])
    def test_only_authors_of_the_department_start_one(self, firm, family, name):
        source = family.parent.revisions.get()
        with pytest.raises(NotPermitted):
            relatives.make_variant(
                source, actor=firm.people[name], code="FIN-900", department=firm.finance, owner=firm.owner, title="X"
            )
        assert Procedure.objects.count() == 3

    def test_a_text_that_is_no_longer_in_force_has_no_variant(self, firm, family, change_parent):
        source = family.parent.revisions.get()
        change_parent()
        with pytest.raises(InvalidTransition):
            relatives.make_variant(
                source, actor=firm.author, code="FIN-900", department=firm.finance, owner=firm.owner, title="X"
            )

    def test_one_translation_per_language(self, firm, family):
        source = family.parent.revisions.get()
        common = {"actor": firm.author, "department": firm.finance, "owner": firm.owner, "title": "X"}
        for language in ("fr", "en"):
            with pytest.raises(Refused, match="already"):
                relatives.start_translation(source, code="FIN-901", language=language, **common)
        with pytest.raises(Refused, match="not known"):
            relatives.start_translation(source, code="FIN-901", language="<b>", **common)
        relatives.start_translation(source, code="FIN-901", language="de", **common)

    def test_a_translation_is_not_translated(self, firm, family):
        translate_all(family)
        french = publish(firm, family.translation)
        with pytest.raises(Refused, match="itself"):
            relatives.start_translation(
                french, actor=firm.author, code="FIN-901", language="de", department=firm.finance, owner=firm.owner,
                title="X",
            )  # fmt: skip

    def test_the_next_revision_keeps_what_it_follows(self, family):
        publish(family.firm, family.variant)
        draft = drafts.start_draft(family.variant, actor=family.adapter)
        assert draft.source == family.parent.revisions.get()
        assert following(family, family.variant).points == []


class TestTranslating:
    def test_steps_without_words_cannot_be_submitted(self, family):
        draft = family.draft_of(family.translation)
        for step in draft.steps.all():
            step.revision = draft
            steps.save_step(step, actor=family.firm.author, version=step.version, fields={"title": "Titre"})
        assert any("1, 2, 3" in blocker for blocker in preflight(draft).blockers), "the body is missing"
        with pytest.raises(NotReady):
            approval.submit(draft, actor=family.firm.author)

    def test_a_translated_text_can_be_published(self, family):
        translate_all(family)
        french = publish(family.firm, family.translation)
        assert french.state == State.PUBLISHED
        assert french.content["source"] == {"code": "FIN-100", "number": 1}
        assert list(violations()) == []

    def test_without_the_tick_the_step_stays_unchecked(self, family):
        step = family.step(family.translation, "Lock the time sheets")
        saved = relatives.save_translated_step(
            step, actor=family.firm.author, version=1, texts={"title": "Verrouiller"}, labels=[], number=1,
            is_checked=False,
        )  # fmt: skip
        assert (saved.title, saved.source_hash) == ("Verrouiller", "")

    def test_the_tick_takes_over_what_is_not_text(self, family, change_parent):
        translate_all(family)

        def edit(draft):
            step = draft.steps.get(position=2)
            step.revision = draft
            fields = {"minutes": 20, "hold": True, "role": None}
            steps.save_step(step, actor=family.firm.author, version=step.version, fields=fields)

        change_parent(edit)
        step = family.step(family.translation, "Check the difference report")
        saved = relatives.save_translated_step(
            step, actor=family.firm.author, version=step.version, texts={"title": "Vérifier"}, labels=[], number=2,
            is_checked=True,
        )  # fmt: skip
        assert (saved.minutes, saved.hold, saved.role, saved.title) == (20, True, None, "Vérifier")
        assert family.draft_of(family.translation).source.number == 2, "nothing is open any more"

    def test_somebody_elses_newer_words_are_not_overwritten(self, family):
        step = family.step(family.translation, "Lock the time sheets")
        steps.save_step(step, actor=family.firm.author, version=1, fields={"title": "Verrouiller"})
        with pytest.raises(EditConflict):
            relatives.save_translated_step(
                step, actor=family.firm.author, version=1, texts={"title": "Fermer"}, labels=[], number=1,
                is_checked=True,
            )  # fmt: skip

    def test_words_of_the_original_are_never_taken_for_the_translation(self, family, change_parent):
        translate_all(family)
        change_parent()
        [point] = following(family, family.translation).points
        with pytest.raises(Refused):
            relatives.settle_point(
                family.translation, actor=family.firm.author, number=2, kind=point.kind, key=point.key, take=True
            )

    def test_a_new_step_of_the_original_comes_without_words(self, family, change_parent):
        translate_all(family)
        change_parent(
            lambda draft: steps.add_step(
                draft, actor=family.firm.author, after=draft.steps.get(position=1), fields={"title": "Print the list"}
            )
        )
        settle(family, family.translation, 2)
        step = family.draft_of(family.translation).steps.get(position=2)
        assert (step.title, step.source_hash) == ("", "")
        assert [point.kind for point in following(family, family.translation).points] == [PointKind.CHANGED]


def rewrite(family):
    """An edit of the parent that makes a point of every kind."""

    def edit(draft):
        actor = family.firm.author
        first, second, third = draft.steps.order_by("position")
        for step in (first, second, third):
            step.revision = draft
        steps.save_step(first, actor=actor, version=first.version, fields={"body": "Lock them by noon.", "minutes": 5})
        steps.remove_step(second, actor=actor)
        steps.add_step(
            draft, actor=actor, after=first, fields={"title": "Print the list", "role": family.firm.clerk_role}
        )

    return edit


class TestFollowing:
    def test_taking_over_everything_leads_to_the_parents_text(self, family, change_parent):
        revision = change_parent(rewrite(family), scope="Everybody in France.")
        settle(family, family.variant, 2)
        draft = family.draft_of(family.variant)
        ours, theirs = revision_content(draft), revision_content(revision)
        assert [step_hash(step) for step in ours["steps"]] == [step_hash(step) for step in theirs["steps"]]
        assert [step["uid"] for step in ours["steps"]] == [step["uid"] for step in theirs["steps"]]
        assert ours["scope"] == "Everybody in France."
        assert draft.source == revision
        assert draft.source_notes == {"left_out": {}}
        assert following(family, family.variant).points == []
        assert Entry.objects.filter(name=names.REVISION_FOLLOW).count() == 1
        assert list(violations()) == []

    def test_keeping_everything_changes_no_word(self, family, change_parent):
        before = revision_content(family.draft_of(family.variant))
        revision = change_parent(rewrite(family), scope="Everybody in France.")
        settle(family, family.variant, 2, take=False, reason="No printer here.")
        draft = family.draft_of(family.variant)
        after = revision_content(draft)
        assert after | {"source": None} == before | {"source": None}
        assert draft.source == revision
        assert list(draft.source_notes["left_out"].values()) == ["No printer here."]

    def test_the_source_moves_only_when_every_point_is_settled(self, family, change_parent):
        change_parent(rewrite(family), scope="Everybody in France.")
        settle(family, family.variant, 2, limit=3)
        draft = family.draft_of(family.variant)
        assert draft.source.number == 1
        assert len(following(family, family.variant).points) == 1

    def test_half_settled_points_survive_publication(self, family, change_parent):
        change_parent(rewrite(family), scope="Everybody in France.")
        settle(family, family.variant, 2, take=False, limit=3)
        publish(family.firm, family.variant)
        assert len(following(family, family.variant).points) == 1
        settle(family, family.variant, 2)
        assert family.draft_of(family.variant).source.number == 2

    def test_a_decision_starts_the_draft_when_none_is_open(self, family, change_parent):
        publish(family.firm, family.variant)
        change_parent()
        settle(family, family.variant, 2)
        assert family.draft_of(family.variant).number == 2

    def test_what_a_parent_changed_without_effect_can_be_noted(self, family, change_parent):
        change_parent(lambda draft: None)
        assert following(family, family.variant).points == []
        relatives.note_source(family.variant, actor=family.adapter, number=2)
        assert family.draft_of(family.variant).source.number == 2

    def test_nothing_is_noted_while_a_point_is_open(self, family, change_parent):
        change_parent()
        with pytest.raises(Refused):
            relatives.note_source(family.variant, actor=family.adapter, number=2)

    def test_a_point_that_is_settled_is_not_settled_again(self, family, change_parent):
        change_parent(rewrite(family))
        point = following(family, family.variant).points[0]
        again = {"actor": family.adapter, "number": 2, "kind": point.kind, "key": point.key, "take": True}
        relatives.settle_point(family.variant, **again)
        with pytest.raises(InvalidTransition, match="settled"):
            relatives.settle_point(family.variant, **again)

    def test_a_page_that_showed_an_older_parent_is_refused(self, family, change_parent):
        change_parent()
        [point] = following(family, family.variant).points
        change_parent(scope="Paris")
        with pytest.raises(InvalidTransition, match="newer"):
            relatives.settle_point(
                family.variant, actor=family.adapter, number=2, kind=point.kind, key=point.key, take=True
            )

    def test_own_words_saved_meanwhile_are_not_overwritten(self, family, change_parent):
        change_parent()
        [point] = following(family, family.variant).points
        step = family.step(family.variant, "Lock the time sheets")
        steps.save_step(step, actor=family.adapter, version=1, fields={"body": "Lock them at the site."})
        with pytest.raises(EditConflict):
            relatives.settle_point(
                family.variant, actor=family.adapter, number=2, kind=point.kind, key=point.key, take=True, version=1
            )
        assert family.step(family.variant, "Lock the time sheets").body == "Lock them at the site."

    @pytest.mark.parametrize("name", ["staff", "author", "outsider", "auditor", "administrator", "owner"])
    def test_only_who_writes_the_variant_settles(self, family, change_parent, name):
        change_parent()
        [point] = following(family, family.variant).points
        with pytest.raises(NotPermitted):
            relatives.settle_point(
                family.variant, actor=family.firm.people[name], number=2, kind=point.kind, key=point.key, take=True
            )

    def test_who_may_no_longer_read_the_parent_settles_nothing(self, family, change_parent):
        change_parent()
        [point] = following(family, family.variant).points
        drafts.change_procedure(
            family.parent, actor=family.firm.owner, fields={"audience": "departments"},
            audience_departments=[family.firm.finance], reason="Fewer need it.",
        )  # fmt: skip
        with pytest.raises(Missing):
            relatives.settle_point(
                family.variant, actor=family.adapter, number=2, kind=point.kind, key=point.key, take=True
            )

    def test_pictures_come_along_with_the_text_that_shows_them(self, family, change_parent, picture):
        def edit(draft):
            attachment = steps.attach_image(draft, actor=family.firm.author, upload=picture)
            step = draft.steps.get(position=1)
            step.revision = draft
            fields = {"body": f"![Button](media:{attachment.key})"}
            steps.save_step(step, actor=family.firm.author, version=step.version, fields=fields)

        change_parent(edit)
        settle(family, family.variant, 2)
        assert family.draft_of(family.variant).attachments.count() == 1


class TestTelling:
    def test_the_owner_is_told_when_the_parent_changes(self, family, change_parent):
        revision = change_parent()
        notice = Notification.objects.get(kind="parent-changed")
        assert notice.recipient == family.adapter
        assert notice.url == "/procedures/OPS-100/changes/"
        assert notice.context["source_code"] == "FIN-100"
        [task] = tasks_of(family.adapter)
        assert (task.procedure, task.source, task.count) == (family.variant, revision, 1)

    def test_the_owner_of_a_translation_hears_of_the_original_from_others(self, family, change_parent):
        translate_all(family)
        drafts.change_procedure(family.translation, actor=family.firm.author, fields={"owner": family.firm.owner})
        change_parent()
        assert Notification.objects.get(kind="original-changed").recipient == family.firm.owner

    def test_nobody_is_told_of_a_change_that_touches_nothing(self, family, change_parent):
        translate_all(family)
        change_parent(lambda draft: None)
        assert not Notification.objects.filter(kind__in=["parent-changed", "original-changed"]).exists()
        assert tasks_of(family.adapter) == []

    def test_who_may_not_read_the_parent_learns_nothing(self, family, change_parent):
        drafts.change_procedure(
            family.parent, actor=family.firm.owner, fields={"audience": "departments"},
            audience_departments=[family.firm.finance], reason="Fewer need it.",
        )  # fmt: skip
        change_parent()
        assert not Notification.objects.filter(recipient=family.adapter, kind="parent-changed").exists()
        assert tasks_of(family.adapter) == []

    def test_the_task_and_the_notice_end_when_everything_is_settled(self, family, change_parent):
        change_parent()
        settle(family, family.variant, 2)
        assert tasks_of(family.adapter) == []
        assert Notification.objects.get(kind="parent-changed").read_at is not None

    def test_tasks_cost_the_same_whatever_their_number(self, family, change_parent, django_assert_max_num_queries):
        source = family.parent.revisions.get()
        for number in range(3):
            relatives.make_variant(
                source, actor=family.adapter, code=f"OPS-20{number}", department=family.firm.operations,
                owner=family.adapter, title="Another",
            )  # fmt: skip
        change_parent()
        with django_assert_max_num_queries(5):
            assert len(tasks_of(family.adapter)) == 4
        with django_assert_max_num_queries(1):
            assert tasks_of(family.firm.staff) == []


def test_a_revision_that_was_frozen_keeps_its_hash_when_the_parent_moves_on(family, change_parent):
    published = publish(family.firm, family.variant)
    change_parent()
    assert Revision.objects.get(pk=published.pk).content == published.content
    assert list(violations()) == []
