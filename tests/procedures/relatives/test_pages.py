"""Pages of variants and translations: who sees what of the other text, and what can be done on them."""

import pytest
from django.core.cache import cache
from django.test import Client

from procedures.actions import drafts, relatives, steps
from procedures.content import read_content
from procedures.models import Procedure, Revision, Step
from procedures.states import State
from roles import actions as people
from roles.models import User
from tests.architecture.test_hostile_text import acceptable, assert_harmless, payloads  # noqa: F401  a fixture
from tests.factories import first_step
from tests.procedures.relatives.conftest import publish, translate_all

pytestmark = pytest.mark.django_db
AUTOSAVE = {"HX-Request": "true", "X-Autosave": "1"}


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def adapter(family) -> Client:
    return client_for(family.adapter)


@pytest.fixture
def author(firm) -> Client:
    return client_for(firm.author)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


class TestStarting:
    def test_the_menu_of_a_published_text_offers_both_to_authors(self, family, adapter, author):
        for client in (adapter, author):
            page = text_of(client.get("/procedures/FIN-100/"))
            assert "/procedures/FIN-100/variant/" in page
            assert "/procedures/FIN-100/translation/" in page
        assert "/variant/" not in text_of(client_for(family.firm.staff).get("/procedures/FIN-100/"))

    def test_a_variant_is_started_on_its_page(self, family, adapter):
        page = adapter.get("/procedures/FIN-100/variant/")
        assert page.context["form"]["title"].value() == "Run the monthly payroll"
        sent = {
            "title": "Pay the depot", "department": family.firm.operations.pk, "code": "", "risk": "normal",
            "owner": family.adapter.pk, "audience": "everyone",
        }  # fmt: skip
        response = adapter.post("/procedures/FIN-100/variant/", sent)
        started = Procedure.objects.get(variant_of=family.parent, revisions__title="Pay the depot")
        assert response.headers["Location"] == f"/procedures/{started.code}/draft/"
        assert started.code == "OPS-101", "the next free one"

    def test_a_translation_gets_the_code_of_the_original_with_its_language(self, family, author):
        page = author.get("/procedures/FIN-100/translation/")
        assert "fr" not in dict(page.context["form"].fields["language"].choices)
        sent = {
            "title": "Lohn zahlen", "language": "de", "department": family.firm.finance.pk, "risk": "normal",
            "owner": family.firm.owner.pk, "audience": "everyone",
        }  # fmt: skip
        response = author.post("/procedures/FIN-100/translation/", sent)
        assert response.headers["Location"] == "/procedures/FIN-100-DE/draft/translate/"

    def test_the_readers_start_as_those_of_the_parent(self, family, author):
        drafts.change_procedure(
            family.parent, actor=family.firm.owner, fields={"audience": "roles"},
            audience_roles=[family.firm.clerk_role], reason="Fewer need it.",
        )  # fmt: skip
        form = author.get("/procedures/FIN-100/variant/").context["form"]
        assert form["audience"].value() == "roles"
        assert list(form["audience_roles"].value()) == [family.firm.clerk_role.pk]

    def test_a_taken_code_is_said_at_the_field(self, family, adapter):
        sent = {
            "title": "X", "department": family.firm.operations.pk, "code": "OPS-100", "risk": "normal",
            "owner": family.adapter.pk, "audience": "everyone",
        }  # fmt: skip
        response = adapter.post("/procedures/FIN-100/variant/", sent)
        assert response.status_code == 422
        assert "taken" in str(response.context["form"].errors["code"])


class TestReaderPage:
    def test_a_variant_names_its_parent_and_its_steps(self, family, adapter):
        step = family.step(family.variant, "Check the difference report")
        steps.save_step(step, actor=family.adapter, version=1, fields={"title": "Check the site report"})
        steps.remove_step(family.step(family.variant, "Release the payment"), actor=family.adapter)
        publish(family.firm, family.variant)
        page = text_of(adapter.get("/procedures/OPS-100/"))
        assert "Variant of" in page
        assert "FIN-100 <span" in page
        assert "for Operations" in page
        assert "Inherited" in page
        assert "Replaced" in page
        assert "Left out</span> 1 step" in page
        assert "Release the payment" not in page

    def test_the_parent_lists_its_variants(self, family, author):
        assert "OPS-100" not in text_of(author.get("/procedures/FIN-100/")), "a draft is none of the readers' business"
        publish(family.firm, family.variant)
        assert "OPS-100" in text_of(author.get("/procedures/FIN-100/"))

    def test_who_may_not_read_the_parent_learns_neither_code_nor_title(self, family):
        publish(family.firm, family.variant)
        drafts.change_procedure(
            family.parent, actor=family.firm.owner, fields={"audience": "departments"},
            audience_departments=[family.firm.finance], reason="Fewer need it.",
        )  # fmt: skip
        for user in (family.firm.outsider, family.adapter):
            client = client_for(user)
            page = text_of(client.get("/procedures/OPS-100/"))
            assert "of a procedure that you may not read" in page
            paths = ("", "history/", "markdown/", "html/")
            for path in ("/", *(f"/procedures/OPS-100/{path}" for path in paths)):
                assert "FIN-100" not in text_of(client.get(path)), path
            for path in ("differences", "changes"):
                assert client.get(f"/procedures/OPS-100/{path}/").status_code == 404

    def test_a_reader_is_led_to_the_text_in_their_own_language(self, family):
        translate_all(family)
        publish(family.firm, family.translation)
        staff = family.firm.staff
        assert "Also in:" in text_of(client_for(staff).get("/procedures/FIN-100/"))
        assert "Read it" not in text_of(client_for(staff).get("/procedures/FIN-100/"))
        assert "Read it" in text_of(client_for(staff).get("/procedures/FIN-100-FR/"))
        people.change_own_settings(staff, language="fr", theme="", keys_enabled=True)
        page = text_of(client_for(User.objects.get(pk=staff.pk)).get("/procedures/FIN-100/"))
        assert '<a class="button small" href="/procedures/FIN-100-FR/"' in page

    def test_a_translation_says_that_it_lags_behind(self, family, change_parent):
        translate_all(family)
        publish(family.firm, family.translation)
        people.change_own_settings(family.firm.staff, language="fr", theme="", keys_enabled=True)
        reader = client_for(User.objects.get(pk=family.firm.staff.pk))
        before = reader.get("/procedures/FIN-100-FR/")
        assert before.context["banner"] is None
        change_parent()
        after = reader.get("/procedures/FIN-100-FR/", headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200, "a page that lags is not the page that did not"
        assert after.context["banner"].url == "/procedures/FIN-100/"

    def test_a_change_of_nothing_that_concerns_it_is_not_a_lag(self, family, change_parent):
        translate_all(family)
        publish(family.firm, family.translation)
        people.change_own_settings(family.firm.staff, language="fr", theme="", keys_enabled=True)
        change_parent(lambda draft: None)
        page = client_for(User.objects.get(pk=family.firm.staff.pk)).get("/procedures/FIN-100-FR/")
        assert page.context["banner"] is None

    @pytest.mark.parametrize("code", ["FIN-100", "OPS-100", "FIN-100-FR"])
    def test_relatives_cost_one_query(self, family, change_parent, django_assert_num_queries, code):
        translate_all(family)
        publish(family.firm, family.translation)
        publish(family.firm, family.variant)
        change_parent()
        cache.clear()
        client = client_for(family.firm.staff)
        client.get(f"/procedures/{code}/")
        with django_assert_num_queries(5):
            client.get(f"/procedures/{code}/")


class TestDifferences:
    def test_the_page_shows_what_is_not_as_in_the_parent(self, family, adapter):
        step = family.step(family.variant, "Check the difference report")
        steps.save_step(step, actor=family.adapter, version=1, fields={"title": "Check the site report"})
        left_out = family.step(family.variant, "Release the payment")
        steps.remove_step(left_out, actor=family.adapter)
        response = adapter.post(
            "/procedures/OPS-100/differences/", {"uid": str(left_out.uid), "reason": "Finance releases it."}
        )
        assert response.headers["Location"] == "/procedures/OPS-100/differences/?draft=1"
        publish(family.firm, family.variant)
        page = text_of(adapter.get("/procedures/OPS-100/differences/"))
        assert '<del><span class="visually-hidden">removed: </span>difference</del>' in page
        assert '<ins><span class="visually-hidden">added: </span>site</ins>' in page
        assert 'Reason: <span lang="en">Finance releases it.</span>' in page
        assert "1 step as in the parent" in page

    def test_a_step_that_is_there_needs_no_reason(self, family, adapter):
        uid = first_step(family.draft_of(family.variant)).uid
        assert adapter.post("/procedures/OPS-100/differences/", {"uid": str(uid), "reason": "x"}).status_code == 404

    def test_a_translation_has_no_such_page(self, family, author):
        translate_all(family)
        publish(family.firm, family.translation)
        assert author.get("/procedures/FIN-100-FR/differences/").status_code == 404


class TestChanges:
    def test_my_work_leads_to_the_changes_and_the_changes_into_the_draft(self, family, change_parent, adapter):
        publish(family.firm, family.variant)
        change_parent()
        assert "/procedures/OPS-100/changes/" in text_of(adapter.get("/"))
        page = adapter.get("/procedures/OPS-100/changes/")
        [row] = page.context["rows"]
        assert row.title == 'Step 1: <span lang="en">Lock the time sheets</span>'
        assert "noon" in text_of(page)
        sent = {"number": 2, "kind": row.point.kind, "key": row.point.key, "version": row.version, "choice": "take"}
        response = adapter.post("/procedures/OPS-100/changes/", sent, follow=True)
        assert "Everything is settled" in text_of(response)
        assert "Nothing to settle" in text_of(response)
        draft = Revision.objects.get(procedure=family.variant, state=State.DRAFT)
        assert (draft.source.number, first_step(draft).body) == (2, "Lock them by noon.")
        assert "/procedures/OPS-100/changes/" not in text_of(adapter.get("/"))

    def test_a_decision_that_makes_no_sense_changes_nothing(self, family, change_parent, adapter):
        change_parent()
        before = Step.objects.filter(revision__procedure=family.variant).values_list("source_hash", flat=True)
        before = list(before)
        for sent, status in (
            ({}, 400), ({"number": 2, "choice": "burn"}, 400), ({"number": 1, "choice": "note"}, 409),
            ({"number": 2, "choice": "take", "kind": "new", "key": "x"}, 409), ({"number": 2, "choice": "note"}, 400),
        ):  # fmt: skip
            assert adapter.post("/procedures/OPS-100/changes/", sent).status_code in (status, 302)
        after = Step.objects.filter(revision__procedure=family.variant).values_list("source_hash", flat=True)
        assert list(after) == before

    def test_the_owner_who_is_no_author_sees_it_and_is_told_who_settles(self, family, change_parent):
        drafts.change_procedure(family.variant, actor=family.adapter, fields={"owner": family.firm.outsider})
        change_parent()
        page = text_of(client_for(family.firm.outsider).get("/procedures/OPS-100/changes/"))
        assert "An author of the department settles this" in page
        assert "Keep ours" not in page


class TestTranslating:
    URL = "/procedures/FIN-100-FR/draft/translate/"

    def send(self, client, step, *, headers=None, **values):
        prefix = f"step-{step.uid}"
        data = {"version": step.version, "number": 1, "title": "", "body": "", "is_checked": "on", **values}
        sent = {f"{prefix}-{name}": value for name, value in data.items()}
        return client.post(f"{self.URL}{step.uid}/", sent, headers=headers)

    def test_both_texts_stand_side_by_side(self, family, author):
        page = text_of(author.get(self.URL))
        assert "0 of 3 steps up to date" in page
        assert "Lock the time sheets" in page
        assert page.count("Not translated yet") == 4, "three steps, facts and purpose"

    def test_a_step_is_saved_and_counts(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        response = self.send(author, step, title="Verrouiller les relevés", body="Avant midi.")
        assert response.headers["Location"] == f"{self.URL}#t-{step.uid}"
        step.refresh_from_db()
        assert step.title == "Verrouiller les relevés"
        assert "1 of 3 steps up to date" in text_of(author.get(self.URL))

    def test_a_script_gets_what_changed_around_the_form(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        page = text_of(self.send(author, step, headers=AUTOSAVE, title="Fermer", body="Avant midi."))
        assert "<html" not in page
        assert "<textarea" not in page, "its author goes on typing there"
        assert f'name="step-{step.uid}-version" value="2"' in page
        assert "Saved at" in page
        assert "Up to date" in page
        assert "1 of 3 steps up to date" in page

    def test_what_does_not_fit_is_said_beside_the_text(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        response = self.send(author, step, headers=AUTOSAVE, title="x" * 201)
        page = text_of(response)
        assert response.status_code == 422
        assert "<textarea" not in page
        assert f'href="#id_step-{step.uid}-title"' in page

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
    def test_a_conflict_keeps_both_texts(self, family, author, headers):
        step = family.step(family.translation, "Lock the time sheets")
        steps.save_step(step, actor=family.firm.author, version=1, fields={"title": "Verrouiller"})
        response = self.send(author, step, headers=headers, title="Fermer les relevés", body="Avant midi.")
        page = text_of(response)
        assert response.status_code == 409
        assert "Fermer les relevés" in page
        assert "Verrouiller" in page
        step.refresh_from_db()
        again = self.send(author, step, title="Fermer les relevés", body="Avant midi.")
        assert again.status_code == 302, "sent again, it counts from the stored version"

    def test_an_autosave_replaces_nothing_of_somebody_else(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        steps.save_step(step, actor=family.firm.author, version=1, fields={"title": "Verrouiller"})
        step.version = 1
        response = self.send(author, step, headers=AUTOSAVE, title="Fermer")
        page = text_of(response)
        assert response.status_code == 409
        assert "<textarea" not in page
        assert f'form="form-step-{step.uid}"' in page, "the button that brings both texts"
        step.refresh_from_db()
        assert step.title == "Verrouiller"

    def test_two_texts_do_not_save_themselves_and_give_way_to_the_form(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        steps.save_step(step, actor=family.firm.author, version=1, fields={"title": "Verrouiller"})
        step.version = 1
        htmx = {"HX-Request": "true"}
        assert "data-autosave" not in text_of(self.send(author, step, headers=htmx, title="Fermer"))
        prefix = f"step-{step.uid}"
        sent = {f"{prefix}-version": 2, f"{prefix}-number": 1, f"{prefix}-title": "Fermer", "merge": "1"}
        page = text_of(author.post(f"{self.URL}{step.uid}/", sent, headers=htmx))
        assert "data-autosave" in page
        assert "<html" not in page
        step.refresh_from_db()
        assert step.title == "Fermer"

    def test_labels_of_branches_are_among_the_two_texts(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        asked = {"kind": "decision", "branches": [{"label": "Yes, all", "target": ""}]}
        Step.objects.filter(uid=step.uid).update(**asked)
        Revision.objects.filter(procedure=family.parent).update(content=read_content(family.parent.revisions.get()))
        step.refresh_from_db()
        saved = {"branches": [{"label": "Oui, tout", "target": ""}]}
        steps.save_step(step, actor=family.firm.author, version=1, fields=saved)
        step.version = 1
        response = self.send(author, step, **{"label-0": "Non"})
        assert response.status_code == 409
        assert "Oui, tout" in text_of(response)

    def test_text_that_does_not_fit_stays_on_the_page(self, family, author):
        step = family.step(family.translation, "Lock the time sheets")
        response = self.send(author, step, title="x" * 201, body="Avant midi.")
        assert response.status_code == 422
        assert "x" * 201 in text_of(response)

    def test_facts_and_purpose_are_saved(self, family, author):
        draft = family.draft_of(family.translation)
        sent = {
            "details-version": draft.version,
            "details-number": 1,
            "details-title": "Paie",
            "details-purpose": "Payer.",
        }
        assert author.post(self.URL, sent).status_code == 302
        draft.refresh_from_db()
        assert (draft.title, draft.purpose) == ("Paie", "Payer.")

    def test_a_step_that_changed_in_the_original_lags_behind(self, family, author, change_parent):
        translate_all(family)
        change_parent()
        page = author.get(self.URL)
        assert "2 of 3 steps up to date" in text_of(page)
        assert "Lock them by noon." in text_of(page)
        changed = family.step(family.translation, "Lock the time sheets")
        Step.objects.filter(pk=changed.pk).update(body="")
        box = author.get(self.URL).context["sheet"].step_form(str(changed.uid))["is_checked"]
        assert not box.value(), "who saves other words has not said that the change is taken into account"
        [row] = author.get("/procedures/FIN-100-FR/changes/").context["rows"]
        assert row.take == ""

    def test_the_page_costs_the_same_whatever_its_length(self, family, author, django_assert_max_num_queries):
        author.get(self.URL)
        with django_assert_max_num_queries(16):
            author.get(self.URL)

    def test_only_a_translation_has_an_editor_of_its_own(self, family, adapter):
        assert adapter.get("/procedures/OPS-100/draft/translate/").status_code == 404


def test_hostile_words_stay_words(family, change_parent, payloads):  # noqa: F811
    author, adapter = client_for(family.firm.author), client_for(family.adapter)
    for texts in [acceptable(payloads)[start : start + 300] for start in range(0, 900, 300)]:
        for text in texts[::25]:
            step = family.step(family.variant, "Check the difference report")
            fields = {"title": text[:200], "body": text, "warning": text}
            steps.save_step(step, actor=family.adapter, version=step.version, fields=fields)
            assert_harmless(adapter, "/procedures/OPS-100/differences/?draft=1") if text == texts[0] else None
    step = family.step(family.translation, "Check the difference report")
    hostile = acceptable(payloads)[7]
    texts = {"title": hostile[:200], "body": hostile}
    relatives.save_translated_step(
        step, actor=family.firm.author, version=step.version, texts=texts, labels=[], number=1, is_checked=False
    )

    def edit(draft):
        for step, text in zip(draft.steps.all(), acceptable(payloads)[40:43], strict=True):
            step.revision = draft
            fields = {"title": text[:200], "body": text, "section": text[:120]}
            steps.save_step(step, actor=family.firm.author, version=step.version, fields=fields)

    change_parent(edit, scope="\n\n".join(acceptable(payloads)[60:64]))
    assert_harmless(author, "/procedures/FIN-100-FR/draft/translate/")
    assert_harmless(adapter, "/procedures/OPS-100/changes/")
    assert_harmless(author, "/procedures/FIN-100-FR/changes/")
    assert_harmless(adapter, "/procedures/OPS-100/differences/?draft=1")
    assert_harmless(author, "/procedures/FIN-100/variant/")
    assert_harmless(adapter, "/procedures/OPS-100/draft/submit/")
