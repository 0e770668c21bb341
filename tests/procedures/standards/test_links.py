"""References by code: noted on submission, shown where they come from, reported when they lead nowhere."""

import pytest
from django.test import Client

from procedures.actions import approval, publishing, steps
from procedures.links import Broken, broken_links, circles, links_to, why_broken
from procedures.models import Audience, CodeLink, Procedure, Revision, Step
from procedures.preflight import preflight
from procedures.references import codes_in_text, references_in
from procedures.states import State
from roles.models import Access
from tests.factories import approve, first_step, make_draft, make_revision, make_user
from tests.procedures.standards.making import make_standard, next_draft

pytestmark = pytest.mark.django_db


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def linking(firm, *, code: str = "FIN-010", body: str = "Name it by [[FIN-S01]].", state=State.PUBLISHED, **fields):
    """A procedure whose first step refers to something by code."""
    draft = make_draft(firm, code=code, title="File invoices", **fields)
    step = first_step(draft)
    steps.save_step(step, actor=draft.created_by, version=step.version, fields={"body": body})
    if state == State.DRAFT:
        return Revision.objects.get(pk=draft.pk)
    approval.submit(draft, actor=draft.created_by)
    approve(Revision.objects.get(pk=draft.pk), by=firm.approver)
    return Revision.objects.get(pk=draft.pk)


# Finding -----------------------------------------------------------------------------------------------------


def test_the_codes_in_a_text_are_those_that_become_links():
    text = "[[FIN-S01]] `[[FIN-S02]]` [[FIN-S03|x]] [[FIN-S01#part]]\n\n```\n[[FIN-S04]]\n```"
    assert codes_in_text(text) == ["FIN-S01", "FIN-S03"]
    assert codes_in_text("[x](y)") == []


def test_references_are_noted_on_submission_by_step_and_around(firm):
    target = make_revision(firm, code="FIN-011")
    draft = make_draft(firm, code="FIN-010", purpose="As [[FIN-S01]] says.")
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "[[FIN-S02]] [[FIN-S02]]"})
    sub = steps.add_step(
        draft, actor=firm.author,
        fields={"title": "Pay", "kind": "subprocedure", "subprocedure": target.procedure, "role": firm.clerk_role},
    )  # fmt: skip
    assert not CodeLink.objects.filter(revision=draft).exists()
    approval.submit(draft, actor=firm.author)
    expected = {(None, "FIN-S01"), (step.uid, "FIN-S02"), (sub.uid, "FIN-011")}
    assert set(CodeLink.objects.filter(revision=draft).values_list("step_uid", "code")) == expected
    approve(Revision.objects.get(pk=draft.pk), by=firm.approver)
    assert set(CodeLink.objects.filter(revision=draft).values_list("step_uid", "code")) == expected


def test_references_are_noted_anew_when_the_text_changes(firm):
    revision = linking(firm, state=State.DRAFT)
    round = approval.submit(revision, actor=firm.author)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="Name the other.")
    step = first_step(revision)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"body": "[[FIN-S02]]"})
    approval.submit(Revision.objects.get(pk=revision.pk), actor=firm.author)
    assert list(CodeLink.objects.filter(revision=revision).values_list("code", flat=True)) == ["FIN-S02"]


def test_a_note_of_a_part_refers_too():
    content: dict = {"parts": [{"note": "See [[FIN-S09]]."}], "steps": []}
    content |= dict.fromkeys(
        ("purpose", "scope", "outcome", "prerequisites", "definitions", "background", "references"), ""
    )
    assert list(references_in(content)) == [(None, "FIN-S09")]


# What links here ---------------------------------------------------------------------------------------------


def test_what_links_here_names_text_and_steps(firm):
    make_standard(firm)
    linking(firm)
    found = links_to(firm.staff, "FIN-S01")
    assert [(text.revision.procedure.code, text.numbers, text.is_around) for text in found] == [("FIN-010", [1], False)]
    page = client_of(firm.staff).get("/procedures/FIN-S01/links/").content.decode()
    assert "/procedures/FIN-010/#step-1" in page


def test_what_links_here_shows_only_what_one_may_read_and_what_is_in_force(firm, django_assert_num_queries):
    make_standard(firm)
    linking(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.finance])
    linking(firm, code="FIN-012", state=State.DRAFT)
    with django_assert_num_queries(3):
        assert [text.revision.procedure.code for text in links_to(firm.staff, "FIN-S01")] == ["FIN-010"]
    assert links_to(firm.outsider, "FIN-S01") == []
    page = client_of(firm.outsider).get("/procedures/FIN-S01/links/").content.decode()
    assert "FIN-010" not in page
    publishing.withdraw(Procedure.objects.get(code="FIN-010"), actor=firm.owner, reason="x")
    assert links_to(firm.staff, "FIN-S01") == []


def test_the_reader_page_leads_to_what_links_here(firm):
    make_standard(firm)
    assert "/procedures/FIN-S01/links/" in client_of(firm.staff).get("/procedures/FIN-S01/").content.decode()


# Broken ------------------------------------------------------------------------------------------------------


def test_why_a_link_is_broken(firm):
    make_standard(firm)
    make_revision(firm, code="FIN-020", state=State.WITHDRAWN)
    make_draft(firm, code="FIN-021")
    codes = ["FIN-S01", "FIN-020", "FIN-021", "FIN-S09"]
    expected = {"FIN-020": Broken.WITHDRAWN, "FIN-021": Broken.NOT_IN_FORCE, "FIN-S09": Broken.MISSING}
    assert why_broken(codes) == expected


def test_the_preflight_of_a_draft_names_broken_links(firm):
    draft = linking(firm, state=State.DRAFT, body="[[FIN-S09]] [[FIN-010]]")
    warnings = preflight(draft).warnings
    assert "FIN-S09 does not exist." in warnings
    assert not any("FIN-010" in warning for warning in warnings), "a text may refer to itself before it is in force"
    page = client_of(firm.author).get("/procedures/FIN-010/draft/submit/").content.decode()
    assert "FIN-S09 does not exist." in page


def test_the_report_lists_broken_links_of_texts_in_force(firm):
    make_standard(firm)
    linking(firm, body="[[FIN-S01]] [[FIN-S09]]")
    linking(firm, code="FIN-012", body="[[FIN-S08]]", state=State.DRAFT)
    links = broken_links(firm.author)
    assert [(link.revision.procedure.code, link.code, link.why, link.numbers) for link in links] == [
        ("FIN-010", "FIN-S09", Broken.MISSING, [1])
    ]
    publishing.withdraw(Procedure.objects.get(code="FIN-S01"), actor=firm.owner, reason="x")
    assert {link.code for link in broken_links(firm.author)} == {"FIN-S01", "FIN-S09"}


def test_the_report_is_for_authors_of_the_department_auditors_and_administrators(firm):
    linking(firm, body="[[FIN-S09]]")
    other = make_user("other-author", department=firm.operations, access=Access.AUTHOR)
    for person, expected in (
        (firm.author, 1), (firm.auditor, 1), (firm.administrator, 1), (other, 0), (firm.staff, 0), (firm.owner, 0),
    ):  # fmt: skip
        assert len(broken_links(person)) == expected, person
    assert "FIN-S09 does not exist." in client_of(firm.author).get("/standards/links/").content.decode()
    assert "FIN-010" not in client_of(other).get("/standards/links/").content.decode()
    assert client_of(firm.staff).get("/standards/links/").status_code == 404


def test_the_report_takes_the_same_queries_for_many_links(firm, django_assert_num_queries):
    for number in range(3):
        linking(firm, code=f"FIN-03{number}", body="[[FIN-S09]] [[FIN-S08]]")
    with django_assert_num_queries(5):
        assert len(broken_links(firm.author)) == 6


# The card ----------------------------------------------------------------------------------------------------


def test_the_card_shows_title_kind_state_and_first_line(firm):
    make_standard(firm, purpose="One name for one thing.\n\nMore.")
    card = client_of(firm.staff).get("/procedures/FIN-S01/card/").content.decode()
    for words in ("FIN-S01", "File names and codes", "Published", "Standard", "One name for one thing."):
        assert words in card
    assert "More." not in card
    assert "<html" not in card


def test_the_card_of_what_one_may_not_see_is_not_there(firm):
    linking(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.finance])
    make_draft(firm, code="FIN-040")
    assert client_of(firm.outsider).get("/procedures/FIN-010/card/").status_code == 404
    assert client_of(firm.staff).get("/procedures/FIN-040/card/").status_code == 404
    assert client_of(firm.staff).get("/procedures/FIN-041/card/").status_code == 404


def test_the_stored_text_is_the_same_for_everybody(firm):
    secret = linking(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.finance], purpose="A secret.")
    public = linking(firm, code="FIN-050", body="As in [[FIN-010]] and [[FIN-S99]].")
    assert '<a class="code-link" href="/procedures/FIN-010/"' in public.rendered
    assert '<a class="code-link" href="/procedures/FIN-S99/"' in public.rendered
    page = client_of(firm.outsider).get("/procedures/FIN-050/").content.decode()
    assert secret.purpose not in page


def test_a_next_revision_takes_the_links_over(firm):
    first = linking(firm)
    draft = next_draft(firm, first)
    approval.submit(draft, actor=firm.author)
    assert CodeLink.objects.filter(revision=draft, code="FIN-S01").exists()


# Circles -----------------------------------------------------------------------------------------------------


def codes_of(found) -> list[tuple[set[str], bool]]:
    return [({text.procedure.code for text in circle.members}, circle.is_endless) for circle in found]


def test_two_texts_that_refer_to_each_other_are_a_circle_told_once(firm):
    linking(firm, body="[[FIN-011]]")
    linking(firm, code="FIN-011", body="[[FIN-010]] [[FIN-011]]")
    assert codes_of(circles(firm.author)) == [({"FIN-010", "FIN-011"}, False)]


def test_a_longer_circle_is_told_in_its_order(firm):
    linking(firm, body="[[FIN-011]]")
    linking(firm, code="FIN-011", body="[[FIN-012]]")
    linking(firm, code="FIN-012", body="[[FIN-010]]")
    linking(firm, code="FIN-013", body="[[FIN-010]]")
    [circle] = circles(firm.author)
    trip = [text.procedure.code for text in circle.members]
    start = trip.index("FIN-010")
    assert trip[start:] + trip[:start] == ["FIN-010", "FIN-011", "FIN-012"]


def test_texts_that_lead_on_without_coming_back_are_none(firm):
    linking(firm, body="[[FIN-011]] [[FIN-012]]")
    linking(firm, code="FIN-011", body="[[FIN-012]]")
    linking(firm, code="FIN-012", body="[[FIN-012]]")
    assert circles(firm.author) == []


def test_procedures_that_carry_each_other_out_never_end(firm):
    """The editor refuses the second of two such steps, unless both were written before either was in force."""
    one, other = linking(firm, body="x"), linking(firm, code="FIN-011", body="x")
    for source, target in ((one, other), (other, one)):
        Step.objects.filter(revision=source).update(kind="subprocedure", subprocedure=target.procedure)
        CodeLink.objects.create(revision=source, step_uid=first_step(source).uid, code=target.procedure.code)
    assert codes_of(circles(firm.author)) == [({"FIN-010", "FIN-011"}, True)]
    page = client_of(firm.author).get("/standards/links/").content.decode()
    assert "Never ends" in page


def test_a_circle_through_a_text_that_one_may_not_read_is_not_told(firm):
    linking(firm, body="[[OPS-011]]")
    hidden = linking(firm, code="OPS-011", body="[[FIN-010]]")
    assert len(circles(firm.author)) == 1
    Procedure.objects.filter(pk=hidden.procedure_id).update(
        audience=Audience.DEPARTMENTS, department=firm.operations, owner=firm.administrator
    )
    assert circles(firm.author) == []
    assert len(circles(firm.auditor)) == 1


def test_circles_take_five_queries_however_many(firm, django_assert_max_num_queries):
    for number in range(4):
        linking(firm, code=f"FIN-0{number}1", body=f"[[FIN-0{number}2]]")
        linking(firm, code=f"FIN-0{number}2", body=f"[[FIN-0{number}1]]")
    with django_assert_max_num_queries(6):
        assert len(circles(firm.author)) == 4
