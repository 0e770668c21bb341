"""Names in lists stand where people look for them, É beside E, on both databases."""

import re

import pytest
from django import forms

from procedures.permissions import library_revisions_for
from procedures.search import Facet
from procedures.search.facets import survey
from roles.models import Department, Role, User
from roles.queries import departments_with_counts, roles_with_counts, today
from tests.factories import make_revision

pytestmark = pytest.mark.django_db

NAMES = ["Zone", "Étude", "editing", "Essais", "Équipe"]
IN_ORDER = ["editing", "Équipe", "Essais", "Étude", "Zone"]


@pytest.fixture
def departments(db) -> None:
    for number, name in enumerate(NAMES):
        Department.objects.create(code=f"D{number}", name=name)


def labels(choices) -> list[str]:
    return [str(label) for value, label in choices if value]


def test_lists_to_choose_from_are_in_the_order_of_names(departments):
    field = forms.ModelChoiceField(Department.objects.all(), empty_label="All")
    assert list(field.choices)[0] == ("", "All")
    assert labels(field.choices) == IN_ORDER
    assert labels(forms.ModelMultipleChoiceField(Department.objects.all()).choices) == IN_ORDER


def test_so_are_those_that_django_makes_for_a_model(departments):
    made = forms.modelform_factory(User, fields=["department"])
    assert labels(made().fields["department"].choices) == IN_ORDER


def test_so_are_the_pages_of_departments_and_roles_behind_those_in_use(departments):
    for name in NAMES:
        Role.objects.create(name=name, is_active=name != "editing")
    Department.objects.filter(name="editing").update(is_active=False)
    assert [row.name for row in departments_with_counts()] == [*IN_ORDER[1:], "editing"]
    assert [row.name for row in roles_with_counts(day=today())] == [*IN_ORDER[1:], "editing"]


def test_so_is_the_page_of_people(firm, client):
    User.objects.exclude(pk=firm.administrator.pk).update(is_active=False)
    for number, name in enumerate(NAMES):
        User.objects.create(email=f"p{number}@example.org", full_name=name)
    client.force_login(firm.administrator)
    html = client.get("/people/").text
    shown = [name for name in re.findall(r'<a href="/people/\d+/">([^<]+)</a>', html) if name in NAMES]
    assert shown == IN_ORDER


def test_so_are_values_of_the_library_that_are_as_frequent(firm):
    for code, name in (("ZZZ", "Zone"), ("ETU", "Étude"), ("EDI", "editing")):
        department = Department.objects.create(code=code, name=name, head=firm.approver)
        User.objects.filter(pk=firm.author.pk).update(department=department)
        firm.author.refresh_from_db()
        make_revision(firm, code=f"{code}-001", department=department)
    seen = survey(library_revisions_for(firm.staff, today()), chosen={})
    assert [value.label for value in seen.values[Facet.DEPARTMENT]] == ["editing", "Étude", "Zone"]
