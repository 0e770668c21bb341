"""The editor of a draft: its page, facts and purpose, conflicts, pictures, discarding."""

import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procedures.actions import approval, drafts, steps
from procedures.advising import advice_hints, advice_on
from procedures.content import read_content
from procedures.drafting import draft_hints
from procedures.forms.drafts import DetailsForm
from procedures.models import Attachment, Revision
from procedures.states import State
from tests.factories import first_step, make_draft, make_next, make_revision

HTMX = {"HX-Request": "true"}
AUTOSAVE = {**HTMX, "X-Autosave": "1"}
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060f8cf5000000301010018dd8db0"
    "0000000049454e44ae426082"
)


@pytest.fixture
def draft(firm) -> Revision:
    return make_draft(firm, code="FIN-014")


@pytest.fixture
def author(client, firm):
    client.force_login(firm.author)
    return client


def details_of(revision: Revision, **changes: object) -> dict[str, object]:
    """What a browser sends from the form of facts and purpose."""
    revision = Revision.objects.get(pk=revision.pk)
    return {
        "version": revision.version,
        "title": revision.title,
        "language": revision.language,
        "purpose": revision.purpose,
        "frequency": revision.frequency,
        "significance": revision.significance,
        "review_interval_months": revision.review_interval_months,
        **changes,
    }


def url(name: str, revision: Revision, *args: object) -> str:
    return reverse(name, args=[revision.procedure.code, *args])


# Who may -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["draft", "draft-preview", "draft-discard", "procedure-settings"])
def test_outsider_finds_no_draft(client, firm, draft, name):
    client.force_login(firm.outsider)
    assert client.get(url(name, draft)).status_code == 404


@pytest.mark.parametrize("name", ["draft-details", "draft-image", "draft-discard", "step-add", "draft-start"])
def test_outsider_cannot_write_to_a_draft(client, firm, draft, name):
    client.force_login(firm.outsider)
    before = read_content(draft)
    assert client.post(url(name, draft), details_of(draft)).status_code == 404
    assert read_content(Revision.objects.get(pk=draft.pk)) == before


@pytest.mark.parametrize("who", ["auditor", "administrator"])
def test_who_reads_everything_still_cannot_edit(client, firm, draft, who):
    client.force_login(firm.people[who])
    assert client.get(url("draft", draft)).status_code == 403
    assert client.post(url("draft-details", draft), details_of(draft)).status_code == 403


def test_invited_coauthor_edits_the_draft(client, firm, draft):
    draft.procedure.coauthors.add(firm.coauthor)
    client.force_login(firm.coauthor)
    assert client.get(url("draft", draft)).status_code == 200


@pytest.mark.parametrize("name", ["draft", "draft-preview", "draft-discard", "procedure-settings"])
def test_looking_changes_nothing(author, draft, name):
    before = (read_content(draft), draft.version, draft.saved_at, draft.history.count())
    author.get(url(name, draft))
    after = Revision.objects.get(pk=draft.pk)
    assert (read_content(after), after.version, after.saved_at, after.history.count()) == before


@pytest.mark.parametrize("name", ["draft-details", "draft-image", "step-add", "draft-start"])
def test_writing_needs_post(author, draft, name):
    assert author.get(url(name, draft)).status_code == 405


# The page ----------------------------------------------------------------------------------------------------


def test_page_shows_facts_outline_and_every_field(author, draft):
    page = author.get(url("draft", draft)).content.decode()
    assert "Draft of revision 1" in page
    for step in draft.steps.all():
        assert step.title in page
    for name in ("title", "category", "tags", "language", "contact", "purpose", "scope", "outcome", "trigger",
                 "frequency", "prerequisites", "definitions", "background", "references", "review_interval_months",
                 "change_summary", "significance", "effective_on", "tools-0-name", "records-0-kept",
                 "benchmarks-0-target", "responsibilities-0-letter"):  # fmt: skip
        assert f'name="{name}"' in page, name


def test_page_opens_the_step_of_its_address(author, draft):
    step = first_step(draft)
    page = author.get(url("draft", draft) + f"?step={step.uid}").content.decode()
    assert f'action="{url("step", draft, step.uid)}"' in page
    assert re.search(rf'id="outline-{step.uid}"[^>]*aria-current="step"', page)


def test_htmx_gets_the_parts_without_the_page(author, draft):
    response = author.get(url("draft", draft), headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert 'id="outline" hx-swap-oob="true"' in page
    assert "HX-Request" in response["Vary"]


def test_history_of_the_browser_gets_the_whole_page(author, draft):
    page = author.get(url("draft", draft), headers={**HTMX, "HX-History-Restore-Request": "true"}).content.decode()
    assert "<html" in page


def test_unknown_step_is_missing(author, draft):
    assert author.get(url("draft", draft) + "?step=00000000-0000-4000-8000-000000000000").status_code == 404
    assert author.get(url("draft", draft) + "?step=nonsense").status_code == 200


def test_submitted_draft_is_shown_as_a_page_to_read(author, firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    response = author.get(url("draft", revision))
    assert response.status_code == 302
    assert response.url == revision.get_absolute_url()


def test_hostile_text_is_text_everywhere(author, firm):
    revision = make_draft(
        firm, title=HOSTILE, step_titles=[HOSTILE], scope=HOSTILE, contact=HOSTILE, tags=[HOSTILE[:30]]
    )
    step = first_step(revision)
    addresses = [
        url("draft", revision),
        url("draft", revision) + f"?step={step.uid}",
        url("draft", revision) + "?part=checks",
        url("draft-preview", revision),
        url("draft-discard", revision),
    ]
    for address in addresses:
        page = author.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;" in page or "part=" in address


# Facts and purpose -------------------------------------------------------------------------------------------


def test_every_detail_is_saved(author, firm, draft):
    data = details_of(
        draft, title="Run the payroll", category=firm.category.pk, tags="wages,  pay day , wages", scope="All sites",
        contact="payroll@firm.test", effective_on="2027-01-31", review_interval_months="6", frequency="monthly",
        significance="minor", **{
            "tools-0-name": "ERP", "tools-0-note": "payroll module", "tools-1-name": "", "tools-1-note": "",
            "records-0-name": "Payslips", "records-0-place": "Archive", "records-0-kept": "10 years",
            "benchmarks-0-name": "Hours", "benchmarks-0-direction": "at_most", "benchmarks-0-target": "24.5",
            "benchmarks-0-unit": "h", "benchmarks-1-direction": "at_most",
            "responsibilities-0-role": firm.clerk_role.pk, "responsibilities-0-letter": "A",
            "responsibilities-1-role": "", "responsibilities-1-letter": "",
        },
    )  # fmt: skip
    response = author.post(url("draft-details", draft), data)
    assert response.status_code == 302
    content = read_content(Revision.objects.get(pk=draft.pk))
    assert content["title"] == "Run the payroll"
    assert content["category"] == "Payroll"
    assert content["tags"] == ["pay day", "wages"]
    assert content["scope"] == "All sites"
    assert content["frequency"] == "monthly"
    assert content["significance"] == "minor"
    assert content["review_interval_months"] == 6
    assert content["tools"] == [{"name": "ERP", "note": "payroll module"}]
    assert content["records"] == [{"name": "Payslips", "place": "Archive", "kept": "10 years"}]
    assert content["benchmarks"] == [{"name": "Hours", "unit": "h", "target": "24.5", "direction": "at_most"}]
    assert [row["letter"] for row in content["responsibilities"]] == ["A"]


def test_lines_end_alike_whichever_way_they_were_sent(author, draft):
    author.post(url("draft-details", draft), details_of(draft, purpose="one\r\ntwo"))
    assert Revision.objects.get(pk=draft.pk).purpose == "one\ntwo"


def test_rejected_form_keeps_its_text_and_names_the_errors(author, draft):
    data = details_of(
        draft, title="", scope="typed and not lost", **{"benchmarks-0-name": "Hours", "benchmarks-0-target": "x"}
    )
    response = author.post(url("draft-details", draft), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "typed and not lost" in page
    assert 'value="x"' in page
    assert 'class="error-summary"' in page
    assert "Row 1, Number: Enter a number." in page
    assert Revision.objects.get(pk=draft.pk).scope == ""


def test_refusal_of_the_action_is_shown_in_the_form(author, firm, draft):
    other = firm.clerk_role.__class__.objects.create(name="Finance manager")
    data = details_of(draft, **{
        "responsibilities-0-role": firm.clerk_role.pk, "responsibilities-0-letter": "A",
        "responsibilities-1-role": other.pk, "responsibilities-1-letter": "A",
    })  # fmt: skip
    response = author.post(url("draft-details", draft), data)
    assert response.status_code == 422
    assert "Only one role can be accountable for the whole." in response.content.decode()


def test_autosave_answers_version_and_time_only(author, draft):
    response = author.post(url("draft-details", draft), details_of(draft, purpose="New"), headers=AUTOSAVE)
    page = response.content.decode()
    saved = Revision.objects.get(pk=draft.pk)
    assert response.status_code == 200
    assert saved.purpose == "New"
    assert f'name="version" value="{saved.version}" id="version-details"' in page
    assert "Saved at" in page
    assert "<textarea" not in page


def test_refused_autosave_sends_errors_and_no_form(author, draft):
    response = author.post(url("draft-details", draft), details_of(draft, title=""), headers=AUTOSAVE)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_title"' in page
    assert "<textarea" not in page


def test_outline_and_checks_follow_a_save(author, draft):
    page = author.get(url("draft", draft) + "?part=checks", headers=HTMX).content.decode()
    assert 'id="outline" hx-swap-oob="true"' in page
    assert "No contact is named" in page
    assert "<form" not in page


# Conflict ----------------------------------------------------------------------------------------------------


@pytest.fixture
def overtaken(firm, draft) -> dict[str, object]:
    """What the author sends after a colleague has saved the same draft."""
    base = json.dumps(DetailsForm.initial_of(draft, [])["base"])
    data = details_of(draft, purpose="My purpose", scope="", contact="Mine alone", base=base)
    draft.procedure.coauthors.add(firm.coauthor)
    drafts.save_draft(
        draft, actor=firm.coauthor, version=draft.version,
        fields={"purpose": "Their purpose", "scope": "Their scope"}, tools=[{"name": "Their tool", "note": ""}],
    )  # fmt: skip
    return data


def test_conflict_shows_both_texts_and_saves_neither(author, draft, overtaken):
    response = author.post(url("draft-details", draft), overtaken)
    page = response.content.decode()
    assert response.status_code == 409
    assert "My purpose" in page
    assert "Their purpose" in page
    assert "Coauthor" in page
    assert Revision.objects.get(pk=draft.pk).purpose == "Their purpose"


def test_conflict_asks_only_about_what_both_changed(author, draft, overtaken):
    page = author.post(url("draft-details", draft), overtaken).content.decode()
    assert set(re.findall(r'<input type="radio" name="([^"]+)"', page)) == {"choice-purpose"}
    assert 'name="choice-purpose" value="mine" checked' in page
    author.post(url("draft-details", draft), conflict_form(page))
    saved = Revision.objects.get(pk=draft.pk)
    assert (saved.purpose, saved.scope, saved.contact) == ("My purpose", "Their scope", "Mine alone")
    assert [tool.name for tool in saved.tools.all()] == ["Their tool"]


def test_what_only_one_side_changed_is_merged_without_a_question(author, draft, overtaken):
    overtaken["purpose"] = draft.purpose
    response = author.post(url("draft-details", draft), overtaken, headers=AUTOSAVE)
    page = response.content.decode()
    assert response.status_code == 200
    for field, control, value in (("scope", "scope", "Their scope"), ("tools", "tools-0-name", "Their tool")):
        assert f'<i data-field="{field}">' in page
        assert f'<i data-control="{control}">{value}</i>' in page
    assert '<i data-field="contact">' not in page
    saved = Revision.objects.get(pk=draft.pk)
    assert (saved.purpose, saved.scope, saved.contact) == ("Their purpose", "Their scope", "Mine alone")
    assert [tool.name for tool in saved.tools.all()] == ["Their tool"]


def conflict_form(page: str) -> dict[str, str]:
    """The fields of the conflict form as they stand, as a browser would send them."""
    form = re.search(r'<form class="card-body form conflict".*?</form>', page, re.DOTALL)[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    data = {name: html.unescape(value) for name, value in hidden}
    data |= dict(re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)" checked>', form))
    return data


def test_conflict_is_merged_field_by_field(author, draft, overtaken):
    page = author.post(url("draft-details", draft), overtaken).content.decode()
    data = conflict_form(page) | {
        "choice-purpose": "edited", "edited-purpose": "One purpose", "choice-scope": "theirs", "choice-tools": "theirs",
    }  # fmt: skip
    response = author.post(url("draft-details", draft), data)
    assert response.status_code == 302
    content = read_content(Revision.objects.get(pk=draft.pk))
    assert content["purpose"] == "One purpose"
    assert content["scope"] == "Their scope"
    assert content["tools"] == [{"name": "Their tool", "note": ""}]


def test_conflict_can_keep_mine_throughout(author, draft, overtaken):
    page = author.post(url("draft-details", draft), overtaken).content.decode()
    choices = dict.fromkeys(("choice-purpose", "choice-scope", "choice-tools"), "mine")
    author.post(url("draft-details", draft), conflict_form(page) | choices)
    saved = Revision.objects.get(pk=draft.pk)
    assert (saved.purpose, saved.scope, saved.tools.count()) == ("My purpose", "", 0)


def test_lists_of_somebody_else_are_not_overwritten(author, firm, draft):
    data = details_of(draft, **{"tools-0-name": "My tool"})
    saved = drafts.save_draft(
        draft, actor=firm.author, version=draft.version, fields={}, tools=[{"name": "Their tool", "note": ""}]
    )
    response = author.post(url("draft-details", draft), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "My tool" in page
    assert "Their tool" in page
    assert [tool.name for tool in saved.tools.all()] == ["Their tool"]


def test_third_save_during_the_merge_is_a_conflict_again(author, firm, draft, overtaken):
    page = author.post(url("draft-details", draft), overtaken).content.decode()
    current = Revision.objects.get(pk=draft.pk)
    drafts.save_draft(current, actor=firm.coauthor, version=current.version, fields={"purpose": "Third purpose"})
    response = author.post(url("draft-details", draft), conflict_form(page))
    assert response.status_code == 409
    assert "Third purpose" in response.content.decode()
    assert "My purpose" in response.content.decode()


def test_autosave_in_conflict_offers_the_comparison(author, draft, overtaken):
    response = author.post(url("draft-details", draft), overtaken, headers=AUTOSAVE)
    assert response.status_code == 409
    assert "Compare the two texts" in response.content.decode()
    response = author.post(url("draft-details", draft), overtaken, headers=HTMX)
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#centre"
    assert "Their purpose" in response.content.decode()


def test_submitted_draft_refuses_and_gives_the_text_back(author, firm, draft):
    data = details_of(draft, purpose="Typed too late", **{"tools-0-name": "Late tool"})
    approval.submit(draft, actor=firm.author)
    response = author.post(url("draft-details", draft), data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Typed too late" in page
    assert "Late tool" in page
    response = author.post(url("draft-details", draft), data, headers=AUTOSAVE)
    assert response.status_code == 409
    assert "no longer a draft" in response.content.decode()


# Starting, discarding, settings ------------------------------------------------------------------------------


def test_author_starts_a_procedure_under_the_suggested_code(author, firm, draft):
    page = author.get(reverse("procedure-new") + "?begin=blank").content.decode()
    assert 'value="FIN-015"' in page
    data = {"title": "Close the month", "department": firm.finance.pk, "code": "", "kind": "procedure",
            "language": "en", "owner": firm.owner.pk, "risk": "normal", "audience": "everyone",
            "category": firm.category.pk}  # fmt: skip
    response = author.post(reverse("procedure-new"), data)
    assert response.url == reverse("draft", args=["FIN-015"])
    revision = Revision.objects.get(procedure__code="FIN-015")
    assert (revision.title, revision.procedure.owner, revision.category) == (
        "Close the month",
        firm.owner,
        firm.category,
    )


def test_code_that_is_taken_is_refused_beside_the_field(author, firm, draft):
    data = {"title": "Close the month", "department": firm.finance.pk, "code": "FIN-014", "kind": "procedure",
            "language": "en", "owner": firm.owner.pk, "risk": "normal", "audience": "everyone"}  # fmt: skip
    response = author.post(reverse("procedure-new"), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "codes are never given twice" in page
    assert "Close the month" in page


def test_audience_of_departments_names_at_least_one(author, firm):
    data = {"title": "Close the month", "department": firm.finance.pk, "kind": "procedure", "language": "en",
            "owner": firm.owner.pk, "risk": "normal", "audience": "departments"}  # fmt: skip
    assert "Choose at least one." in author.post(reverse("procedure-new"), data).content.decode()
    data |= {"audience_departments": [firm.operations.pk], "audience_roles": [firm.clerk_role.pk]}
    author.post(reverse("procedure-new"), data)
    procedure = Revision.objects.get(title="Close the month").procedure
    assert list(procedure.audience_departments.all()) == [firm.operations]
    assert not procedure.audience_roles.exists()


@pytest.mark.parametrize("who", ["staff", "outsider", "auditor", "administrator"])
def test_only_authors_start_procedures(client, firm, who):
    client.force_login(firm.people[who])
    assert client.get(reverse("procedure-new")).status_code == 403


def test_next_revision_is_started_once(author, firm):
    published = make_revision(firm)
    for _attempt in range(2):
        response = author.post(url("draft-start", published))
        assert response.url == url("draft", published)
    assert published.procedure.revisions.open().count() == 1


def test_reader_cannot_start_a_revision(client, firm):
    published = make_revision(firm)
    client.force_login(firm.staff)
    assert client.post(url("draft-start", published)).status_code == 403


def test_draft_is_discarded_with_a_reason(author, firm, draft):
    assert "Reason" in author.get(url("draft-discard", draft)).content.decode()
    author.post(url("draft-discard", draft), {"reason": ""})
    assert Revision.objects.get(pk=draft.pk).state == State.DRAFT
    author.post(url("draft-discard", draft), {"reason": "Written twice."})
    discarded = Revision.objects.get(pk=draft.pk)
    assert (discarded.state, discarded.ended_reason) == (State.DISCARDED, "Written twice.")


def test_author_changes_settings_but_does_not_hand_over(author, firm, draft):
    data = {"owner": firm.author.pk, "kind": "policy", "risk": "high", "audience": "roles",
            "audience_roles": [firm.clerk_role.pk], "coauthors": [firm.coauthor.pk]}  # fmt: skip
    assert author.post(url("procedure-settings", draft), data).status_code == 302
    procedure = Revision.objects.get(pk=draft.pk).procedure
    assert (procedure.kind, procedure.risk, procedure.audience) == ("policy", "high", "roles")
    assert procedure.owner == firm.owner
    assert list(procedure.coauthors.all()) == [firm.coauthor]


def test_owner_hands_the_procedure_over(client, firm, draft):
    client.force_login(firm.owner)
    data = {"owner": firm.approver.pk, "kind": "procedure", "risk": "normal", "audience": "everyone"}
    client.post(url("procedure-settings", draft), data)
    assert Revision.objects.get(pk=draft.pk).procedure.owner == firm.approver


# Pictures and preview ----------------------------------------------------------------------------------------


def test_picture_is_kept_and_its_line_returned(author, draft):
    upload = SimpleUploadedFile("screen.png", PIXEL, "image/png")
    response = author.post(url("draft-image", draft), {"image": upload, "alt": "The [red]\nbutton"}, headers=HTMX)
    attachment = Attachment.objects.get(revision=draft)
    assert response.json() == {"markdown": f"![The red button](media:{attachment.key})"}


def test_picture_without_script_comes_back_as_a_message(author, draft):
    upload = SimpleUploadedFile("screen.png", PIXEL, "image/png")
    response = author.post(url("draft-image", draft), {"image": upload, "alt": "The button"}, follow=True)
    assert f"![The button](media:{Attachment.objects.get().key})" in response.content.decode()


def test_what_is_no_picture_is_refused_beside_the_control(author, draft):
    for data in ({"image": SimpleUploadedFile("a.png", b"nothing"), "alt": "x"}, {"alt": "x"}):
        response = author.post(url("draft-image", draft), data, headers=HTMX)
        assert response.status_code == 422
        assert response.json()["errors"]["image"]
    page = author.post(url("draft-image", draft), {"alt": "typed"}).content.decode()
    assert "typed" in page
    assert not Attachment.objects.exists()


def test_preview_shows_the_draft_with_its_pictures(author, firm, draft):
    upload = SimpleUploadedFile("screen.png", PIXEL, "image/png")
    attachment = steps.attach_image(draft, actor=firm.author, upload=upload)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=1, fields={"body": f"Look: ![Here](media:{attachment.key})"})
    page = author.get(url("draft-preview", draft)).content.decode()
    assert f'src="{reverse("attachment", args=["FIN-014", 1, attachment.key])}"' in page


# Hints -------------------------------------------------------------------------------------------------------


def test_hints_name_what_must_be_mended_first(firm):
    revision = make_next(firm, make_revision(firm).procedure, state=State.DRAFT, change_summary="")
    step = first_step(revision)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "", "kind": "decision"})
    hints = draft_hints(read_content(revision))
    assert [(hint.field, hint.must) for hint in hints][:3] == [
        ("change_summary", True), ("title", True), ("branches", True),
    ]  # fmt: skip
    assert [ref.uid for ref in hints[1].steps] == [str(step.uid)]
    assert not hints[-1].must


def test_hints_are_sentences_where_there_are_no_links(firm):
    revision = make_draft(firm, step_titles=["One", "Two"])
    content = read_content(revision)
    hints = [*draft_hints(content), *advice_hints(advice_on(revision, content).given)]
    sentences = [hint.sentence for hint in hints]
    assert "Steps 1, 2: no expected result." in sentences
    assert "No contact is named. Whom does one ask?" in sentences
