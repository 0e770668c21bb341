"""Writing advice in the editor: shown, used, undone, kept and asked for again."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from procedures.actions import advice as actions
from procedures.actions import approval, drafts, steps
from procedures.advice import Rule
from procedures.advising import advice_on
from procedures.content import read_content
from procedures.models import GlossaryTerm, KeptAdvice, Revision
from procedures.preflight import preflight
from procedures.states import State
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted
from tests.factories import first_step, make_draft, make_next

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
UNDO = "/procedures/FIN-014/draft/advice/undo/"
PASSIVE = "The invoice is checked by the payroll clerk."


def write(firm, code: str, *titles: str) -> Revision:
    """A draft with steps that have nothing but a title and a role."""
    revision = make_draft(firm, code=code, step_titles=titles)
    for step in revision.steps.all():
        step.revision = revision
        steps.save_step(step, actor=firm.author, version=step.version, fields={"body": ""})
    return revision


@pytest.fixture
def draft(firm) -> Revision:
    return write(firm, "FIN-014", PASSIVE, "Send the receipt")


@pytest.fixture
def author(client, firm):
    client.force_login(firm.author)
    return client


def given(revision: Revision, rule: Rule, uid: str | None = None):
    """The advice of one rule as the page gives it."""
    uid = str(first_step(revision).uid) if uid is None else uid
    (advice,) = [row for row in advice_on(revision, read_content(revision)).on(uid) if row.rule == rule]
    return advice


def sent(advice, **changes) -> dict[str, object]:
    fields = {"step": advice.step, "field": advice.field, "rule": advice.rule.value, "key": advice.key}
    return {**fields, "row": "" if advice.row is None else advice.row, "start": advice.start, **changes}


def test_the_panel_quotes_explains_and_suggests(author, draft):
    step = first_step(draft)
    page = author.get(reverse("draft", args=["FIN-014"]), {"step": step.uid}).content.decode()
    assert "The invoice <mark>is checked</mark> by the payroll clerk." in page
    assert "The passive hides who acts." in page
    assert '<q lang="en">Check the invoice.</q>' in page
    assert reverse("advice-use", args=["FIN-014"]) in page
    assert f"?step={draft.steps.last().uid}" in page
    part = author.get(reverse("draft", args=["FIN-014"]), {"step": step.uid, "part": "checks"}, headers=HTMX)
    assert "<mark>is checked</mark>" in part.content.decode()


def test_the_panel_follows_what_is_saved(author, firm, draft):
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "Check the invoice"})
    part = author.get(reverse("draft", args=["FIN-014"]), {"step": step.uid, "part": "checks"}, headers=HTMX)
    assert "Passive voice" not in part.content.decode()


def test_nothing_is_said_twice(author, draft):
    page = author.get(reverse("draft", args=["FIN-014"]), {"step": first_step(draft).uid}).content.decode()
    assert page.count("<b>No expected result</b>") == 1
    assert "Nobody is named" not in page


def test_a_suggestion_is_put_into_the_text(author, draft):
    response = author.post(reverse("advice-use", args=["FIN-014"]), sent(given(draft, Rule.PASSIVE)))
    step = first_step(draft)
    assert response.status_code == 302
    assert f"?step={step.uid}&" in response.url
    assert (step.title, step.version) == ("Check the invoice.", 3)


def test_the_script_gets_the_form_with_the_new_text(author, draft):
    response = author.post(reverse("advice-use", args=["FIN-014"]), sent(given(draft, Rule.PASSIVE)), headers=HTMX)
    page = response.content.decode()
    assert 'value="Check the invoice."' in page
    assert "The suggestion is in the text." in page


def test_a_suggestion_for_the_details_and_for_an_item(author, firm, draft):
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"purpose": "Act in order to pay."})
    draft.refresh_from_db()
    author.post(reverse("advice-use", args=["FIN-014"]), sent(given(draft, Rule.PLAIN_WORDS, "")))
    assert Revision.objects.get(pk=draft.pk).purpose == "Act to pay."
    step = first_step(draft)
    fields = {"kind": "checklist", "items": ["Seal", "Lamp lit prior to start"]}
    steps.save_step(step, actor=firm.author, version=step.version, fields=fields)
    author.post(reverse("advice-use", args=["FIN-014"]), sent(given(draft, Rule.PLAIN_WORDS)))
    assert first_step(draft).items == ["Seal", "Lamp lit before start"]


def test_a_text_that_has_changed_is_left_alone(author, firm, draft):
    old = sent(given(draft, Rule.PASSIVE))
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "The bill is paid by the clerk."})
    response = author.post(reverse("advice-use", args=["FIN-014"]), old, headers=HTMX)
    assert response.status_code == 404
    assert "has changed meanwhile" in response.content.decode()
    assert first_step(draft).title == "The bill is paid by the clerk."


def test_what_was_saved_in_between_stays(author, firm, draft):
    advice = given(draft, Rule.PASSIVE)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "With a red pen."})
    author.post(reverse("advice-use", args=["FIN-014"]), sent(advice))
    step = first_step(draft)
    assert (step.title, step.body) == ("Check the invoice.", "With a red pen.")


def use(author, draft, rule: Rule, uid: str | None = None) -> str:
    """Use a suggestion as somebody without script does, and return the page that follows."""
    response = author.post(reverse("advice-use", args=["FIN-014"]), sent(given(draft, rule, uid)), follow=True)
    return response.content.decode()


def undo(author, page: str, **headers):
    """Press the button that puts back what was there before."""
    form = re.search(rf'<form class="advice-undo" method="post" action="{UNDO}">(.*?)</form>', page, re.DOTALL)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[1]))
    return author.post(UNDO, fields, **headers)


def test_a_suggestion_is_undone_without_script(author, draft):
    page = use(author, draft, Rule.PASSIVE)
    assert first_step(draft).title == "Check the invoice."
    response = undo(author, page, follow=True)
    page = response.content.decode()
    assert first_step(draft).title == PASSIVE
    assert "The suggestion is undone: the text is as it was before." in page
    assert UNDO not in page
    assert "<mark>is checked</mark>" in page


def test_the_script_gets_the_button_and_then_the_form_as_it_was(author, draft):
    advice = sent(given(draft, Rule.PASSIVE))
    part = author.post(reverse("advice-use", args=["FIN-014"]), advice, headers=HTMX).content.decode()
    part = undo(author, part, headers=HTMX).content.decode()
    assert f'value="{PASSIVE}"' in part
    assert UNDO not in part


def test_a_suggestion_for_the_details_and_for_an_item_is_undone(author, firm, draft):
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"purpose": "Act in order to pay."})
    draft.refresh_from_db()
    undo(author, use(author, draft, Rule.PLAIN_WORDS, ""))
    assert Revision.objects.get(pk=draft.pk).purpose == "Act in order to pay."
    step = first_step(draft)
    fields = {"kind": "checklist", "items": ["Seal", "Lamp lit prior to start"]}
    steps.save_step(step, actor=firm.author, version=step.version, fields=fields)
    page = use(author, draft, Rule.PLAIN_WORDS)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"items": ["Seal, red", step.items[1], "x"]})
    undo(author, page)
    assert first_step(draft).items == ["Seal, red", "Lamp lit prior to start", "x"]


def test_what_was_written_elsewhere_since_stays_when_a_suggestion_is_undone(author, firm, draft):
    page = use(author, draft, Rule.PASSIVE)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "With a red pen."})
    undo(author, page)
    step = first_step(draft)
    assert (step.title, step.body) == (PASSIVE, "With a red pen.")


def test_a_text_that_was_changed_since_is_not_undone(author, firm, draft):
    page = use(author, draft, Rule.PASSIVE)
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "Check the bill"})
    response = undo(author, page, headers=HTMX)
    assert response.status_code == 409
    assert "Nothing was undone." in response.content.decode()
    assert "Nothing was undone." in undo(author, page, follow=True).content.decode()
    assert first_step(draft).title == "Check the bill"
    steps.remove_step(first_step(draft), actor=firm.author)
    assert "Nothing was undone." in undo(author, page, follow=True).content.decode()


def test_undo_stays_on_offer_until_the_text_is_changed(author, firm, draft):
    use(author, draft, Rule.PASSIVE)
    step = first_step(draft)
    query = {"step": step.uid, "used": "title", "row": "", "version": step.version, "part": "checks"}
    refresh = lambda: author.get(reverse("draft", args=["FIN-014"]), query, headers=HTMX).content.decode()  # noqa: E731
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "With a red pen."})
    assert UNDO in refresh()
    steps.save_step(step, actor=firm.author, version=step.version + 1, fields={"title": "Check the bill"})
    assert UNDO not in refresh()


def test_advice_without_a_suggestion_cannot_be_used(firm, draft):
    chosen = actions.Chosen(
        str(first_step(draft).uid), "expected", None, Rule.NO_RESULT, given(draft, Rule.NO_RESULT).key, 0
    )
    with pytest.raises(Missing):
        actions.use_suggestion(draft, chosen, actor=firm.author)


def test_kept_advice_is_silent_for_that_sentence_and_comes_back(author, firm, draft):
    advice = given(draft, Rule.PASSIVE)
    page = author.post(reverse("advice-keep", args=["FIN-014"]), sent(advice), headers=HTMX).content.decode()
    assert "<mark>is checked</mark>" not in page
    assert "Advise again" in page
    assert KeptAdvice.objects.get().kept_by == firm.author
    again = author.post(reverse("advice-restore", args=["FIN-014"]), sent(advice), headers=HTMX).content.decode()
    assert "<mark>is checked</mark>" in again
    assert not KeptAdvice.objects.exists()


def test_keeping_works_without_script_and_twice(author, draft):
    advice = given(draft, Rule.NO_RESULT)
    for _time in range(2):
        response = author.post(reverse("advice-keep", args=["FIN-014"]), sent(advice), follow=True)
        assert "Kept as it is." in response.content.decode()
    assert KeptAdvice.objects.count() == 1


def test_kept_advice_holds_in_the_next_revision_and_not_in_other_procedures(firm, draft):
    advice = given(draft, Rule.PASSIVE)
    actions.keep_advice(draft, actor=firm.author, rule=advice.rule, key=advice.key)
    other = write(firm, "FIN-015", PASSIVE)
    assert given(other, Rule.PASSIVE)
    approval.submit(draft, actor=firm.author)
    from tests.factories import approve

    approve(Revision.objects.get(pk=draft.pk), by=firm.approver)
    following = make_next(firm, draft.procedure, state=State.DRAFT)
    rules = {row.rule for row in advice_on(following, read_content(following)).given}
    assert Rule.PASSIVE not in rules


def test_only_who_writes_the_draft_keeps_or_uses(client, firm, draft):
    advice = given(draft, Rule.PASSIVE)
    for name, status in (("outsider", 404), ("owner", 403), ("auditor", 403)):
        client.force_login(firm.people[name])
        for route in ("advice-use", "advice-undo", "advice-keep", "advice-restore"):
            assert client.post(reverse(route, args=["FIN-014"]), sent(advice)).status_code == status
    with pytest.raises(NotPermitted):
        actions.keep_advice(draft, actor=firm.owner, rule=advice.rule, key=advice.key)
    approval.submit(draft, actor=firm.author)
    with pytest.raises(InvalidTransition):
        actions.keep_advice(draft, actor=firm.author, rule=advice.rule, key=advice.key)
    assert not KeptAdvice.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"key": "x"}, {"rule": "no-such"}, {"field": "state"}, {"step": "1"}, {"row": "-1"}]
)
def test_what_no_page_sends_is_refused(author, draft, changes):
    advice = sent(given(draft, Rule.PASSIVE), **changes)
    for route in ("advice-use", "advice-keep", "advice-restore"):
        assert author.post(reverse(route, args=["FIN-014"]), advice).status_code in (302, 400)
    assert first_step(draft).title == PASSIVE
    assert not KeptAdvice.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"used": "state"}, {"used": "purpose"}, {"version": "1"}, {"version": "9"}, {"step": ""}, {"row": "0"}]
)
def test_undo_of_what_was_never_used_is_refused(author, draft, changes):
    use(author, draft, Rule.PASSIVE)
    fields = {"step": first_step(draft).uid, "used": "title", "row": "", "version": "3"} | changes
    assert author.post(UNDO, fields).status_code in (302, 400)
    assert first_step(draft).title == "Check the invoice."
    assert UNDO not in author.get(reverse("draft", args=["FIN-014"]), fields).content.decode()


def test_hostile_text_is_quoted_as_text(author, firm):
    hostile = '<script>alert(1)</script> is written by the "clerk" <img src=x onerror=alert(2)>'
    revision = make_draft(firm, code="FIN-014", step_titles=[hostile])
    page = author.get(reverse("draft", args=["FIN-014"]), {"step": first_step(revision).uid}).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert escape("<script>") in page


def test_words_of_the_glossary_need_no_explanation(firm):
    revision = make_draft(firm, step_titles=["Ask the CRM team", "Fill in the DSO sheet", "Leverage the list"])
    words = lambda: {row.words for row in advice_on(revision, read_content(revision)).given}  # noqa: E731
    assert {"CRM", "DSO", "Leverage"} <= words()
    GlossaryTerm.objects.create(term="CRM", meaning="Where the customers stand.")
    GlossaryTerm.objects.create(term="DSO", meaning="Délai moyen de paiement.", language="fr")
    GlossaryTerm.objects.create(term="leverage", meaning="Debt over equity.", language="en")
    assert {"CRM", "DSO", "Leverage"} & words() == {"DSO"}


def test_the_check_before_submitting_names_a_few_and_counts_the_rest(firm, draft):
    warnings = preflight(draft).warnings
    assert "Steps 1, 2: no expected result." in warnings
    assert "1 piece of writing advice. They are shown beside the text in the editor." in warnings


def test_advice_takes_two_queries_more(draft, django_assert_num_queries):
    content = read_content(draft)
    with django_assert_num_queries(2):
        advice_on(draft, content)
