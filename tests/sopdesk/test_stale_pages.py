"""Two people save the same page: the second one sees what the first one saved, and nothing typed is lost."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import reverse

from procedures.actions import drafts, glossary, inventory, templates
from roles import actions as roles
from roles.models import Holding, Role
from sopdesk.lib.forms import THEIRS
from tests.factories import make_draft, make_user

MINE, THEIR = "What I typed.", "What they saved."
SOON, LATER = datetime.date(2099, 1, 1), datetime.date(2099, 6, 1)


@dataclass
class Page:
    """A page, the field that both change, what the one types, and the other's save."""

    row: Any
    address: str
    name: str
    mine: Any
    save: Callable[[], Any]
    their: Any = THEIR


def task_page(firm) -> Page:
    task = inventory.add_task(actor=firm.author, department=firm.finance, title="Pay people")

    def save():
        inventory.change_task(task, actor=firm.author, fields={"description": THEIR, "impact": 5})

    return Page(task, reverse("task", args=[task.pk]), "description", MINE, save)


def settings_page(firm) -> Page:
    procedure = make_draft(firm).procedure

    def save():
        drafts.change_procedure(procedure, actor=firm.owner, fields={"risk": "high", "kind": "policy"})

    return Page(procedure, reverse("procedure-settings", args=[procedure.code]), "risk", "low", save, "high")


def coauthors_page(firm) -> Page:
    page = settings_page(firm)
    another = make_user("another", department=firm.operations, access="author")

    def save():
        drafts.change_procedure(page.row, actor=firm.owner, fields={}, coauthors=[firm.coauthor])

    page.name, page.mine, page.save, page.their = "coauthors", [str(another.pk)], save, [firm.coauthor.pk]
    return page


def person_page(firm) -> Page:
    def save():
        roles.change_person(firm.staff, actor=firm.administrator, fields={"full_name": THEIR, "language": "fr"})

    return Page(firm.staff, reverse("person", args=[firm.staff.pk]), "full_name", MINE, save)


def department_page(firm) -> Page:
    def save():
        roles.change_department(firm.operations, actor=firm.administrator, fields={"name": THEIR})

    return Page(firm.operations, reverse("department", args=[firm.operations.pk]), "name", MINE, save)


def role_page(firm) -> Page:
    role = Role.objects.create(name="Cashier")

    def save():
        roles.change_role(role, actor=firm.administrator, fields={"description": THEIR, "is_active": False})

    return Page(role, reverse("role", args=[role.pk]), "description", MINE, save)


def holding_page(firm) -> Page:
    role = Role.objects.create(name="Cashier")
    holding = Holding.objects.create(user=firm.staff, role=role, starts=datetime.date(2020, 1, 1))
    address = reverse("holding-end", args=[firm.staff.pk, holding.pk])

    def save():
        roles.end_holding(holding, actor=firm.administrator, ends=SOON)

    return Page(holding, address, "ends", LATER.isoformat(), save, SOON)


def term_page(firm) -> Page:
    fields = {"term": "CRM", "meaning": "A list.", "language": ""}
    term = glossary.add_term(actor=firm.administrator, fields=fields)

    def save():
        glossary.change_term(term, actor=firm.administrator, fields={"meaning": THEIR, "language": "fr"})

    return Page(term, reverse("glossary-term", args=[term.pk]), "meaning", MINE, save)


def template_page(firm) -> Page:
    template = templates.save_as_template(make_draft(firm), actor=firm.administrator, name="Payroll")

    def save():
        templates.change_template(template, actor=firm.administrator, fields={"description": THEIR, "is_active": False})

    return Page(template, reverse("template", args=[template.pk]), "description", MINE, save)


PAGES = (
    task_page, settings_page, coauthors_page, person_page, department_page, role_page, holding_page, term_page,
    template_page,
)  # fmt: skip


def sent(form) -> dict[str, Any]:
    """The form as a browser sends it."""
    values = {bound.html_name: bound.field.prepare_value(bound.value()) for bound in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def stored(page: Page) -> Any:
    page.row.refresh_from_db()
    value = getattr(page.row, page.name)
    return list(value.values_list("pk", flat=True)) if hasattr(value, "values_list") else value


@pytest.mark.django_db
@pytest.mark.parametrize("takes_theirs", [False, True], ids=["keeps mine", "takes theirs"])
@pytest.mark.parametrize("make_page", PAGES)
def test_the_second_one_is_asked_and_chooses(client, firm, make_page, takes_theirs):
    page = make_page(firm)
    client.force_login(firm.administrator)
    typed = {**sent(client.get(page.address).context["form"]), page.name: page.mine}
    page.save()

    asked = client.post(page.address, typed)
    form = asked.context["form"]
    assert asked.status_code == 409
    assert set(form.errors) == {page.name, "__all__"}
    assert form[page.name].value() == page.mine
    assert f'name="{THEIRS}" value="{page.name}"' in asked.content.decode()
    assert stored(page) == page.their

    again = sent(form) | ({THEIRS: page.name} if takes_theirs else {})
    before = page.row.__class__.objects.filter(pk=page.row.pk).values().get()
    assert client.post(page.address, again).status_code == 302
    after = page.row.__class__.objects.filter(pk=page.row.pk).values().get()
    mine = [int(pk) for pk in page.mine] if isinstance(page.mine, list) else page.mine
    assert (stored(page) == page.their) if takes_theirs else (str(stored(page)) == str(mine))
    assert {name for name in after if after[name] != before[name]} <= {page.name}


@pytest.mark.django_db
def test_what_only_one_side_changed_is_merged(client, firm):
    page = task_page(firm)
    client.force_login(firm.author)
    typed = {**sent(client.get(page.address).context["form"]), "title": "Pay everybody"}
    page.save()
    assert client.post(page.address, typed).status_code == 302
    page.row.refresh_from_db()
    assert (page.row.title, page.row.description, page.row.impact) == ("Pay everybody", THEIR, 5)


@pytest.mark.django_db
def test_the_page_says_who_saved_what(client, firm):
    page = settings_page(firm)
    client.force_login(firm.administrator)
    typed = {**sent(client.get(page.address).context["form"]), "risk": "low"}
    page.save()
    html = client.post(page.address, typed).content.decode()
    assert html.count(f"{firm.owner} saved something else here") == 2
    assert "<b>High</b>" in html


@pytest.mark.django_db
def test_who_reads_a_procedure_is_one_question(client, firm):
    procedure = make_draft(firm).procedure
    drafts.change_procedure(
        procedure, actor=firm.owner, fields={"audience": "departments"}, audience_departments=[firm.finance]
    )
    address = reverse("procedure-settings", args=[procedure.code])
    client.force_login(firm.administrator)
    typed = sent(client.get(address).context["form"])
    typed["audience_departments"] = [firm.finance.pk, firm.operations.pk]
    drafts.change_procedure(procedure, actor=firm.owner, fields={"audience": "everyone"}, audience_departments=[])
    form = client.post(address, typed).context["form"]
    assert set(form.errors) == {"audience", "audience_departments", "__all__"}
    assert form["audience"].value() == "departments"


@pytest.mark.django_db
def test_what_was_taken_from_somebody_stays_when_the_form_comes_back(client, firm):
    page = task_page(firm)
    client.force_login(firm.author)
    typed = {**sent(client.get(page.address).context["form"]), "description": MINE}
    page.save()
    again = sent(client.post(page.address, typed).context["form"])
    refused = client.post(page.address, {**again, THEIRS: "description", "title": ""})
    assert refused.status_code == 422
    assert refused.context["form"]["description"].value() == THEIR
