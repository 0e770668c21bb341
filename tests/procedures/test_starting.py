"""Beginning a procedure with a template, another one's text, a task; and the templates themselves."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit import trail
from procedures.actions import drafts, steps
from procedures.actions.inventory import add_task
from procedures.actions.starting import (
    Beginning,
    beginning_of_copy,
    beginning_of_template,
    fill_draft,
    start_procedure,
)
from procedures.actions.templates import (
    change_template,
    load_built_in_templates,
    replace_template,
    restore_template,
    save_as_template,
)
from procedures.content import read_content, revision_content
from procedures.models import InventoryTask, Procedure, ProcedureTemplate, Revision
from procedures.preflight import preflight
from procedures.prompts import is_prompt, prompts_in
from procedures.starting import built_in_templates
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from tests.factories import make_draft, make_next, make_revision
from tests.procedures.pdf.test_renderer import PIXEL

pytestmark = pytest.mark.django_db


@pytest.fixture
def templates(db):
    load_built_in_templates()  # gone after a test with real transactions
    return {row.key: row for row in ProcedureTemplate.objects.exclude(key=None)}


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def facts(firm, **changes) -> dict:
    return {
        "actor": firm.author, "code": "FIN-900", "kind": "procedure", "department": firm.finance, "owner": firm.owner,
        "title": "Close the month", **changes,
    }  # fmt: skip


def form_of(firm, **changes) -> dict:
    return {
        "title": "Close the month", "department": firm.finance.pk, "code": "FIN-900", "kind": "procedure",
        "language": "en", "owner": firm.owner.pk, "risk": "normal", "audience": "everyone", **changes,
    }  # fmt: skip


def rich_source(firm, **fields) -> Revision:
    """A published procedure with a decision, letters, a picture and tools."""
    revision = make_draft(firm, title="Pay the supplier", **fields)
    first, second, third = revision.steps.order_by("position")
    upload = SimpleUploadedFile("lock.png", PIXEL, "image/png")
    picture = steps.attach_image(revision, actor=firm.author, upload=upload)
    steps.save_step(
        second, actor=firm.author, version=second.version,
        fields={
            "kind": "decision", "body": f"![Lock](media:{picture.key})",
            "branches": [{"label": "Yes", "target": str(third.uid)}, {"label": "No", "target": str(first.uid)}],
        },
        responsibilities=[(firm.clerk_role.pk, "I")],
    )  # fmt: skip
    revision.refresh_from_db()
    drafts.save_draft(
        revision, actor=firm.author, version=revision.version, fields={"change_summary": "First edition."},
        tools=[{"name": "Bank portal", "note": "Two signatures."}], responsibilities=[(firm.clerk_role.pk, "A")],
    )  # fmt: skip
    return Revision.objects.get(pk=revision.pk)


class TestBuiltIn:
    def test_there_are_six_in_each_language(self, templates):
        assert len(templates) == 12
        names = {key.rsplit("-", 1)[0] for key in templates}
        assert names == {"simple", "detailed", "epa-administrative", "epa-technical", "policy", "standard"}
        assert {row.language for row in templates.values()} == {"en", "fr"}

    def test_loading_them_again_changes_nothing(self, templates, firm):
        hidden = change_template(templates["simple-en"], actor=firm.administrator, fields={"is_active": False})
        assert load_built_in_templates() == 0
        hidden.refresh_from_db()
        assert not hidden.is_active

    @pytest.mark.parametrize("key", [row["key"] for row in built_in_templates()])
    def test_each_becomes_a_draft_that_asks_to_be_filled_in(self, templates, firm, key):
        template = templates[key]
        draft = start_procedure(
            beginning=beginning_of_template(template), **facts(firm, kind=template.kind, language=template.language)
        )
        content = read_content(draft)
        assert [step["title"] for step in content["steps"]] == [row["title"] for row in template.content["steps"]]
        assert list(prompts_in(content))
        blockers = preflight(draft).blockers
        assert any("prompt" in sentence for sentence in blockers), blockers
        assert not any("leads nowhere" in sentence or "cannot be used" in sentence for sentence in blockers), blockers


class TestPrompts:
    @pytest.mark.parametrize("text", ["✎ Say why", "Fine.\n\n- ✎ More", "1. ✎ One", "> **✎ Note**", "- **✎ x**"])
    def test_a_line_that_begins_with_the_sign_is_one(self, text):
        assert is_prompt(text)

    @pytest.mark.parametrize("text", ["", "Press ✎ in the bar.", "Click on the ✎ symbol\nand wait."])
    def test_a_pencil_within_a_sentence_is_none(self, text):
        assert not is_prompt(text)

    def test_a_draft_is_stopped_until_they_are_answered(self, firm):
        draft = make_draft(firm, scope="✎ Say which cases")
        assert any("Still a prompt" in sentence for sentence in preflight(draft).blockers)
        drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"scope": "All cases."})
        assert not any("prompt" in sentence for sentence in preflight(Revision.objects.get(pk=draft.pk)).blockers)


class TestCopy:
    def test_it_takes_text_pictures_tools_and_letters_but_gives_steps_new_uids(self, firm):
        source = rich_source(firm)
        draft = start_procedure(beginning=beginning_of_copy(source, actor=firm.author), **facts(firm))
        old, new = revision_content(source), read_content(draft)
        assert {step["uid"] for step in old["steps"]}.isdisjoint(step["uid"] for step in new["steps"])
        uids = {step["uid"]: step["number"] for step in new["steps"]}
        assert [uids[branch["target"]] for branch in new["steps"][1]["branches"]] == [3, 1]
        for name in ("tools", "responsibilities", "attachments", "purpose"):
            assert new[name] == old[name]
        texts = ("title", "body", "role", "responsibilities", "kind")
        assert [[step[name] for name in texts] for step in new["steps"]] == [
            [step[name] for name in texts] for step in old["steps"]
        ]
        assert new["change_summary"] == ""
        assert new["code"] == "FIN-900"

    def test_what_one_may_not_read_cannot_be_copied(self, firm):
        hidden = make_revision(firm, audience="departments", audience_departments=[firm.finance])
        with pytest.raises(Missing):
            beginning_of_copy(hidden, actor=firm.coauthor)
        page = client_of(firm.coauthor).get(f"/procedures/new/?copy={hidden.procedure.code}")
        assert page.status_code == 404
        answer = client_of(firm.coauthor).post(
            f"/procedures/new/?copy={hidden.procedure.code}",
            form_of(firm, department=firm.operations.pk, code="OPS-900"),
        )
        assert answer.status_code == 404
        assert not Procedure.objects.filter(code="OPS-900").exists()

    def test_the_form_begins_with_the_readers_of_the_source(self, firm):
        source = make_revision(firm, audience="departments", audience_departments=[firm.finance])
        form = client_of(firm.author).get(f"/procedures/new/?copy={source.procedure.code}").context["form"]
        assert form["audience"].value() == "departments"
        assert list(form["audience_departments"].value()) == [firm.finance.pk]

    def test_the_trail_says_where_the_text_is_from(self, firm):
        source = make_revision(firm)
        client_of(firm.author).post(f"/procedures/new/?copy={source.procedure.code}", form_of(firm))
        entries = trail.entries_of_procedure("FIN-900").filter(name="procedures.revision.fill")
        assert entries.get().data == {"from": f"{source.procedure.code} r1", "steps": 3}


class TestTask:
    def test_what_is_known_is_filled_in_and_the_task_is_linked(self, firm):
        task = add_task(
            actor=firm.author, department=firm.finance, title="Close the month",
            fields={
                "description": "Books are closed by day three.", "frequency": "monthly",
                "pain_points": "Late invoices.", "owner_role": firm.clerk_role,
            },
        )  # fmt: skip
        client = client_of(firm.author)
        form = client.get(f"/procedures/new/?task={task.pk}").context["form"]
        assert form["title"].value() == "Close the month"
        answer = client.post(f"/procedures/new/?task={task.pk}", form_of(firm))
        assert answer.url == reverse("draft", args=["FIN-900"])
        content = read_content(Revision.objects.get(procedure__code="FIN-900"))
        assert (content["purpose"], content["frequency"]) == ("Books are closed by day three.", "monthly")
        assert "Late invoices." in content["background"]
        assert [(row["role"]["name"], row["letter"]) for row in content["responsibilities"]] == [("Payroll clerk", "R")]
        assert InventoryTask.objects.get(pk=task.pk).procedure.code == "FIN-900"

    def test_with_a_template_the_description_joins_the_text(self, firm, templates):
        task = add_task(
            actor=firm.author, department=firm.finance, title="Close", fields={"description": "By day three."}
        )
        start_procedure(beginning=beginning_of_template(templates["simple-en"]), task=task, **facts(firm))
        content = read_content(Revision.objects.get(procedure__code="FIN-900"))
        assert len(content["steps"]) == 3
        assert "By day three." in content["background"]

    def test_of_two_who_start_the_second_is_told(self, firm):
        task = add_task(actor=firm.author, department=firm.finance, title="Close the month")
        start_procedure(task=task, **facts(firm))
        with pytest.raises(InvalidTransition):
            start_procedure(task=task, **facts(firm, code="FIN-901"))
        assert not Procedure.objects.filter(code="FIN-901").exists()

    def test_another_department_may_not(self, firm):
        task = add_task(actor=firm.author, department=firm.finance, title="Close the month")
        assert client_of(firm.coauthor).get(f"/procedures/new/?task={task.pk}").status_code == 403


class TestFile:
    def test_naming_a_hash_gives_nobody_a_file(self, firm):
        """A file that lists the SHA-256 of a picture without bringing it does not get the picture."""
        content = revision_content(rich_source(firm))
        draft = make_draft(firm, step_titles=["x"])
        for step in draft.steps.all():
            steps.remove_step(step, actor=firm.author)
        notes = fill_draft(draft, Beginning(content=content, is_same_text=True), actor=firm.author)
        assert not draft.attachments.exists()
        assert any("is not part of the file" in note for note in notes)

    def test_roles_and_procedures_that_are_not_known_stand_in_the_text(self, firm):
        hidden = make_revision(firm, code="FIN-777", audience="departments", audience_departments=[firm.finance])
        content = revision_content(make_revision(firm))
        step = {
            **content["steps"][0], "role": {"id": None, "name": "Astronaut"}, "kind": "subprocedure",
            "subprocedure": hidden.procedure.code,
        }  # fmt: skip
        content = {**content, "steps": [step]}
        draft = drafts.create_procedure(
            actor=firm.coauthor, code="OPS-900", kind="procedure", department=firm.operations, owner=firm.owner,
            title="X",
        )  # fmt: skip
        notes = fill_draft(draft, Beginning(content=content), actor=firm.coauthor)
        body = draft.steps.get().body
        assert "Role: Astronaut" in body
        assert "[[FIN-777]]" in body
        assert len(notes) == 2


class TestPages:
    def test_the_page_offers_templates_of_ones_language_first(self, firm, templates):
        page = client_of(firm.author).get("/procedures/new/")
        assert [code for _name, code, _rows in page.context["groups"]] == ["en", "fr"]
        assert f'href="?template={templates["simple-en"].pk}"' in page.content.decode()

    def test_a_search_offers_what_one_may_read(self, firm):
        seen = make_revision(firm, title="Reconcile the petty cash")
        make_revision(firm, title="Reconcile in secret", audience="departments", audience_departments=[firm.operations])
        page = client_of(firm.author).get("/procedures/new/?q=reconcile").content.decode()
        assert f"?copy={seen.procedure.code}" in page
        outside = client_of(firm.coauthor).get("/procedures/new/?q=secret").content.decode()
        assert "in secret" in outside

    def test_a_rejected_form_keeps_its_choice(self, firm, templates):
        make_revision(firm, code="FIN-900")
        template = templates["detailed-en"]
        answer = client_of(firm.author).post(
            f"/procedures/new/?template={template.pk}", form_of(firm, template=template.pk)
        )
        assert answer.status_code == 422
        assert f'value="{template.pk}" selected' in answer.content.decode()

    def test_a_template_that_was_hidden_meanwhile_is_refused_in_the_form(self, firm, templates):
        template = change_template(templates["simple-en"], actor=firm.administrator, fields={"is_active": False})
        assert client_of(firm.author).get(f"/procedures/new/?template={template.pk}").status_code == 404
        answer = client_of(firm.author).post("/procedures/new/", form_of(firm, template=template.pk))
        assert answer.status_code == 422
        assert "no longer offered" in answer.content.decode()

    @pytest.mark.parametrize(
        "query", ["template=x", "template=99999999999999", "task=x", "copy=NOPE-1", "copy=A&revision=x"]
    )
    def test_a_mistyped_address_is_not_found(self, firm, query):
        assert client_of(firm.author).get(f"/procedures/new/?{query}").status_code == 404


class TestTemplates:
    def test_an_administrator_makes_one_of_what_they_may_read(self, firm):
        source = rich_source(firm)
        client = client_of(firm.administrator)
        answer = client.post(
            reverse("template-new", args=[source.procedure.code]), {"name": "Payments", "description": "For suppliers."}
        )
        template = ProcedureTemplate.objects.get(name="Payments")
        assert answer.url == reverse("template", args=[template.pk])
        assert client.get(answer.url).status_code == 200
        assert template.content["title"] == template.content["change_summary"] == ""
        draft = start_procedure(beginning=beginning_of_template(template), **facts(firm))
        assert draft.steps.count() == 3
        assert draft.attachments.count() == 1

    def test_nobody_else_does(self, firm, templates):
        source = make_revision(firm)
        for person in (firm.author, firm.auditor, firm.owner):
            with pytest.raises(NotPermitted):
                save_as_template(source, actor=person, name="X")
            with pytest.raises(NotPermitted):
                change_template(templates["simple-en"], actor=person, fields={"name": "X"})
            with pytest.raises(NotPermitted):
                replace_template(templates["simple-en"], source, actor=person)
            with pytest.raises(NotPermitted):
                restore_template(templates["simple-en"], actor=person)

    def test_a_name_is_given_once_in_a_language(self, firm, templates):
        source = make_revision(firm)
        with pytest.raises(Refused):
            save_as_template(source, actor=firm.administrator, name=templates["policy-en"].name)
        answer = client_of(firm.administrator).post(
            reverse("template", args=[templates["simple-en"].pk]),
            {"name": templates["policy-en"].name, "description": "", "is_active": "on"},
        )
        assert answer.status_code == 422
        assert "of this name" in answer.content.decode()

    def test_one_is_hidden_replaced_and_restored(self, firm, templates):
        template, source = templates["simple-en"], rich_source(firm)
        first_text = template.content
        client = client_of(firm.administrator)
        client.post(reverse("template", args=[template.pk]), {"name": "Plain", "description": "d"})
        template.refresh_from_db()
        assert (template.name, template.is_active) == ("Plain", False)
        client.post(reverse("template-new", args=[source.procedure.code]), {"replaces": template.pk})
        template.refresh_from_db()
        assert (template.name, len(template.content["tools"])) == ("Plain", 1)
        client.post(reverse("template-restore", args=[template.pk]))
        template.refresh_from_db()
        assert (template.name, template.content) == ("Plain", first_text)

    def test_restoring_is_for_those_that_came_with_sopdesk(self, firm):
        own = save_as_template(make_revision(firm), actor=firm.administrator, name="Own")
        with pytest.raises(Refused):
            restore_template(own, actor=firm.administrator)

    def test_the_list_takes_a_fixed_number_of_queries(self, firm, templates, django_assert_max_num_queries):
        client = client_of(firm.administrator)
        client.get("/templates/")
        with django_assert_max_num_queries(6):
            client.get("/templates/")

    def test_the_menu_of_a_procedure_leads_there(self, firm):
        revision = make_revision(firm)
        address = f"/procedures/{revision.procedure.code}/"
        assert f'href="{address}template/"' in client_of(firm.administrator).get(address).content.decode()
        assert f'href="{address}template/"' not in client_of(firm.author).get(address).content.decode()
        assert f"?copy={revision.procedure.code}" in client_of(firm.author).get(address).content.decode()
        make_next(firm, revision.procedure, state=State.DRAFT)
        assert client_of(firm.staff).get(address).status_code == 200
