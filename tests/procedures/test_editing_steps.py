"""The steps of a draft in the editor: saved, added, moved, removed and brought back."""

import html
import json
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from procedures.actions import approval, steps
from procedures.content import read_content
from procedures.forms.steps import StepForm
from procedures.models import Revision, Step
from roles.models import Role
from tests.factories import first_step, make_draft

HTMX = {"HX-Request": "true"}
AUTOSAVE = {**HTMX, "X-Autosave": "1"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
SAVE_BUDGET = 15


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-014")


@pytest.fixture
def author(client, firm):
    client.force_login(firm.author)
    return client


def url(name: str, step: Step) -> str:
    return reverse(name, args=["FIN-014", step.uid])


def sent(step: Step, **changes: object) -> dict[str, object]:
    """What a browser sends from the form of `step`, as it was when `step` was read."""
    return {
        "version": step.version,
        "base": json.dumps(StepForm.initial_of(step, [])["base"]),
        "title": step.title,
        "kind": step.kind,
        "body": step.body,
        "role": step.role_id or "",
        **changes,
    }


def titles(revision: Revision) -> list[str]:
    return list(revision.steps.order_by("position").values_list("title", flat=True))


def fresh(step: Step) -> Step:
    return Step.objects.get(pk=step.pk)


# Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["step", "step-move", "step-remove", "step-restore"])
@pytest.mark.parametrize(("who", "status"), [("outsider", 404), ("staff", 404), ("auditor", 403)])
def test_others_change_no_step(client, firm, draft, name, who, status):
    client.force_login(firm.people[who])
    before = titles(draft)
    response = client.post(url(name, first_step(draft)), sent(first_step(draft), title="Mine", position=3))
    assert response.status_code == status
    assert titles(draft) == before


@pytest.mark.parametrize("name", ["step-move", "step-remove", "step-restore"])
def test_changing_steps_needs_post(author, draft, name):
    before = titles(draft)
    assert author.get(url(name, first_step(draft))).status_code == 405
    assert titles(draft) == before


def test_opening_a_step_changes_nothing(author, draft):
    step = first_step(draft)
    before = step.history.count()
    assert author.get(url("step", step)).status_code == 200
    assert (fresh(step).version, step.history.count()) == (step.version, before)


# Saving ------------------------------------------------------------------------------------------------------


def test_every_field_of_a_step_is_saved(author, firm, draft):
    step, other = draft.steps.order_by("position")[:2]
    manager = Role.objects.create(name="Finance manager")
    data = sent(
        step, title="Check the report", kind="decision", body="Look.\r\nCompare.", expected="A tick", warning="Mind it",
        role=manager.pk, minutes="40", section="Closing", **{
            "branches-0-label": "an error", "branches-0-target": str(other.uid),
            "branches-1-label": "all well", "branches-1-target": "end",
            "branches-2-label": "", "branches-2-target": "",
            "responsibilities-0-role": firm.clerk_role.pk, "responsibilities-0-letter": "C",
            "responsibilities-1-role": firm.clerk_role.pk, "responsibilities-1-letter": "I",
        },
    )  # fmt: skip
    assert author.post(url("step", step), data).status_code == 302
    saved = fresh(step)
    assert (saved.title, saved.kind, saved.body) == ("Check the report", "decision", "Look.\nCompare.")
    assert (saved.expected, saved.warning, saved.section) == ("A tick", "Mind it", "Closing")
    assert (saved.role, saved.minutes) == (manager, 40)
    assert saved.branches == [
        {"label": "an error", "target": str(other.uid)}, {"label": "all well", "target": "end"},
    ]  # fmt: skip
    assert sorted(saved.responsibilities.values_list("letter", flat=True)) == ["C", "I"]


def test_branches_count_for_decisions_only_and_outlive_another_kind(author, draft):
    step = first_step(draft)
    data = sent(step, **{"branches-0-label": "an error", "branches-0-target": "end"})
    author.post(url("step", step), data)
    assert fresh(step).branches == [{"label": "an error", "target": "end"}], "kept for who comes back to the kind"
    assert read_content(draft)["steps"][0]["branches"] == [], "but no part of what is signed"


def test_plain_form_comes_back_to_the_step(author, draft):
    step = first_step(draft)
    response = author.post(url("step", step), sent(step, title="New title"), follow=True)
    page = response.content.decode()
    assert response.redirect_chain[-1][0].endswith(f"?step={step.uid}")
    assert "Saved." in page
    assert 'value="New title"' in page


def test_autosave_leaves_the_form_alone(author, draft):
    step = first_step(draft)
    page = author.post(url("step", step), sent(step, title="New title"), headers=AUTOSAVE).content.decode()
    assert f'name="version" value="{step.version + 1}" id="version-{step.uid}"' in page
    assert "<textarea" not in page
    assert fresh(step).title == "New title"


def test_rejected_step_keeps_its_text(author, draft):
    step = first_step(draft)
    data = sent(step, minutes="soon", body="typed and not lost", **{"branches-0-label": "half a branch"})
    response = author.post(url("step", step), data | {"responsibilities-0-letter": "C"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "typed and not lost" in page
    assert 'value="soon"' in page
    assert 'value="half a branch"' in page
    assert "Row 1, Role: This field is required." in page
    assert 'aria-invalid="true"' in page
    assert fresh(step).body == step.body


def test_text_that_is_too_much_is_refused_beside_its_field(author, draft):
    step = first_step(draft)
    response = author.post(url("step", step), sent(step, body="x" * 30_000), headers=HTMX)
    assert response.status_code == 422
    assert 'id="id_body_error"' in response.content.decode()


def test_inactive_role_stays_with_the_step_that_names_it(author, firm, draft):
    firm.clerk_role.is_active = False
    firm.clerk_role.save(update_fields=["is_active"])
    step = first_step(draft)
    author.post(url("step", step), sent(step, title="New title"))
    assert fresh(step).role == firm.clerk_role


def test_saving_a_step_stays_within_its_budget(author, firm, draft):
    for number in range(57):
        steps.add_step(draft, actor=firm.author, fields={"title": f"Step {number}"})
    step = first_step(draft)
    data = sent(step, title="New title", **{
        "responsibilities-0-role": firm.clerk_role.pk, "responsibilities-0-letter": "C",
    })  # fmt: skip
    author.post(url("step", step), data, headers=AUTOSAVE)
    data |= {"version": step.version + 1, "base": "", "title": "Newer title"}
    with CaptureQueriesContext(connection) as queries:
        assert author.post(url("step", step), data, headers=AUTOSAVE).status_code == 200
    assert len(queries) <= SAVE_BUDGET, "\n".join(query["sql"][:300] for query in queries)


def test_hostile_step_is_text(author, draft):
    step = first_step(draft)
    fields = ("title", "body", "expected", "warning", "section")
    data = sent(step, kind="decision", **dict.fromkeys(fields, HOSTILE), **{
        "branches-0-label": HOSTILE[:50], "branches-0-target": "end",
    })  # fmt: skip
    assert author.post(url("step", step), data).status_code == 302
    for headers in ({}, HTMX):
        page = author.get(url("step", step), headers=headers).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert page.count("&lt;script&gt;") >= len(fields)


# Conflict and closed drafts ----------------------------------------------------------------------------------


def test_two_people_on_two_steps_never_meet(author, firm, draft):
    one, two = draft.steps.order_by("position")[:2]
    steps.save_step(two, actor=firm.author, version=two.version, fields={"title": "Theirs"})
    assert author.post(url("step", one), sent(one, title="Mine")).status_code == 302
    assert titles(draft)[:2] == ["Mine", "Theirs"]


def test_conflict_on_one_step_is_merged_without_loss(author, firm, draft):
    step = first_step(draft)
    draft.procedure.coauthors.add(firm.coauthor)
    steps.save_step(step, actor=firm.coauthor, version=1, fields={"title": "Their title", "warning": "Their warning"})
    response = author.post(url("step", step), sent(step, title="My title", minutes="5"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "My title" in page
    assert "Their title" in page
    assert set(re.findall(r'<input type="radio" name="([^"]+)"', page)) == {"choice-title"}
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    hidden = {name: html.unescape(value) for name, value in found}
    choices = {"choice-title": "edited", "edited-title": "Our title"}
    response = author.post(url("step", step), hidden | choices, headers=HTMX)
    saved = fresh(step)
    assert response.status_code == 200
    assert 'id="draft-form"' in response.content.decode()
    assert (saved.title, saved.warning, saved.minutes) == ("Our title", "Their warning", 5)


def test_letters_of_somebody_else_are_not_overwritten(author, firm, draft):
    step = first_step(draft)
    data = sent(step, **{"responsibilities-0-role": firm.clerk_role.pk, "responsibilities-0-letter": "C"})
    steps.save_step(step, actor=firm.author, version=1, fields={}, responsibilities=[(firm.clerk_role.pk, "I")])
    response = author.post(url("step", step), data)
    assert response.status_code == 409
    assert "Consulted" in response.content.decode()
    assert list(step.responsibilities.values_list("letter", flat=True)) == ["I"]


def test_hostile_texts_in_conflict_are_text(author, firm, draft):
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=1, fields={"title": HOSTILE, "body": HOSTILE})
    page = author.post(url("step", step), sent(step, body=HOSTILE + "mine")).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_submitted_draft_refuses_a_step_and_gives_the_text_back(author, firm, draft):
    step = first_step(draft)
    approval.submit(draft, actor=firm.author)
    response = author.post(url("step", step), sent(step, body="Typed too late"))
    assert response.status_code == 409
    assert "Typed too late" in response.content.decode()
    assert fresh(step).body != "Typed too late"
    assert author.get(url("step", step)).status_code == 302


@pytest.mark.parametrize("name", ["step-move", "step-remove", "step-restore"])
def test_submitted_draft_refuses_changes_of_its_steps(author, firm, draft, name):
    before = titles(draft)
    approval.submit(draft, actor=firm.author)
    response = author.post(url(name, first_step(draft)), {"position": 3}, headers=HTMX)
    assert response.status_code == 409
    assert titles(draft) == before


def test_step_that_was_removed_meanwhile_gives_the_text_back(author, firm, draft):
    step = first_step(draft)
    steps.remove_step(step, actor=firm.author)
    response = author.post(url("step", step), sent(step, body="Typed too late"))
    page = response.content.decode()
    assert response.status_code == 404
    assert "Typed too late" in page
    assert f'action="{url("step-restore", step)}"' in page
    assert author.post(url("step", step), sent(step), headers=AUTOSAVE).status_code == 404


# Adding, moving, removing ------------------------------------------------------------------------------------


def test_step_is_added_at_the_end_and_opened(author, draft):
    response = author.post(reverse("step-add", args=["FIN-014"]))
    added = draft.steps.order_by("-position").first()
    assert titles(draft)[-1] == ""
    assert response.url.endswith(f"?step={added.uid}")


def test_step_is_added_below_the_one_that_is_open(author, draft):
    step = first_step(draft)
    response = author.post(reverse("step-add", args=["FIN-014"]), {"after": str(step.uid)}, headers=HTMX)
    added = draft.steps.get(position=2)
    page = response.content.decode()
    assert added.title == ""
    assert response["HX-Push-Url"].endswith(f"?step={added.uid}")
    assert "Step 2 of 4" in page
    assert "Step 2 added." in page


def test_step_is_moved_and_the_form_left_alone(author, draft):
    first, second, third = draft.steps.order_by("position")
    response = author.post(url("step-move", third), {"position": 1, "open": str(third.uid)}, headers=HTMX)
    page = response.content.decode()
    assert titles(draft) == [third.title, first.title, second.title]
    assert "Step 3 moved to 1." in page
    assert "Step 1 of 3" in page
    assert 'id="draft-form"' not in page


def test_a_move_counts_as_a_save(author, draft):
    Revision.objects.filter(pk=draft.pk).update(saved_at="2020-01-01T05:06:00Z")
    response = author.post(url("step-move", first_step(draft)), {"position": 2, "open": ""}, headers=HTMX)
    saved_at = timezone.localtime(Revision.objects.get(pk=draft.pk).saved_at)
    assert f"Saved at {saved_at:%H:%M}" in response.content.decode()
    assert saved_at.year > 2020


def test_moving_another_step_keeps_the_open_one_marked(author, draft):
    first, second, _third = draft.steps.order_by("position")
    response = author.post(url("step-move", first), {"position": 2, "open": str(second.uid)}, headers=HTMX)
    page = response.content.decode()
    assert re.search(rf'id="outline-{second.uid}"[^>]*aria-current="step"', page)
    assert "Step 1 of 3" in page


def test_step_at_the_end_stays_where_it_is(author, draft):
    step = first_step(draft)
    before = titles(draft)
    response = author.post(url("step-move", step), {"position": 0}, follow=True)
    assert "Step 1 stays where it is." in response.content.decode()
    assert titles(draft) == before


def test_position_that_is_no_number_is_refused(author, draft):
    before = titles(draft)
    assert author.post(url("step-move", first_step(draft)), {"position": "up"}).status_code == 400
    assert titles(draft) == before


def test_removed_step_can_be_brought_back(author, firm, draft):
    step = draft.steps.get(position=2)
    before = titles(draft)
    response = author.post(url("step-remove", step), follow=True)
    page = response.content.decode()
    assert titles(draft) == [before[0], before[2]]
    assert "Step 2 removed." in page
    assert f'action="{url("step-restore", step)}"' in page
    response = author.post(url("step-restore", step), headers=HTMX)
    assert titles(draft) == before
    assert "Step 2 is back." in response.content.decode()


def test_undo_is_not_offered_for_a_step_that_is_there(author, draft):
    step = first_step(draft)
    page = author.get(reverse("draft", args=["FIN-014"]) + f"?removed={step.uid}").content.decode()
    assert url("step-restore", step) not in page


def test_removing_the_last_step_opens_facts_and_purpose(author, firm):
    draft = make_draft(firm, code="FIN-014", step_titles=["Only one"])
    response = author.post(url("step-remove", first_step(draft)), headers=HTMX)
    assert "Facts and purpose" in response.content.decode()
    assert not draft.steps.exists()


def test_step_of_another_draft_is_missing(author, firm, draft):
    other = first_step(make_draft(firm, code="FIN-015"))
    for name in ("step", "step-move", "step-remove"):
        assert author.post(url(name, other), sent(other, title="Mine", position=1)).status_code == 404
    assert author.get(url("step", other)).status_code == 404
    assert author.post(reverse("step-add", args=["FIN-014"]), {"after": str(uuid.uuid4())}).status_code == 404
    assert fresh(other).title == other.title
