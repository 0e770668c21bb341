"""Browsing: what is counted is what is listed, for the person who looks, in a constant number of queries."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse

from procedures.actions import approval
from procedures.models import Category, Procedure, Revision, Step
from roles.models import Department, Role
from tests.factories import Firm, approve, make_draft, make_next, make_revision
from tests.procedures.test_library import many

PAGES = ("library-departments", "library-categories", "library-roles", "library-letters", "library-changed")


@pytest.fixture
def staff(firm: Firm) -> Client:
    client = Client()
    client.force_login(firm.staff)
    return client


@pytest.fixture
def outsider(firm: Firm) -> Client:
    client = Client()
    client.force_login(firm.outsider)
    return client


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def for_finance(firm: Firm, **fields) -> Revision:
    return make_revision(firm, audience="departments", audience_departments=[firm.finance], **fields)


def in_french(firm: Firm, source: Revision, title: str) -> Revision:
    translation = make_revision(firm, code=f"{source.procedure.code}-FR", title=title, language="fr")
    Procedure.objects.filter(pk=translation.procedure_id).update(translation_of=source.procedure)
    return translation


@pytest.mark.parametrize("name", PAGES)
def test_what_one_may_not_read_is_neither_shown_nor_counted(firm, staff, outsider, name):
    make_revision(firm, title="Open to all")
    for_finance(firm, title="Zanzibar secret", category=Category.objects.create(name="Zanzibar shelf"))
    assert "Zanzibar" not in text(outsider.get(reverse(name)))
    if name in ("library-departments", "library-roles"):
        assert "2 procedures" in text(staff.get(reverse(name)))
        assert "2 procedures" not in text(outsider.get(reverse(name)))


def test_the_count_of_a_department_is_what_its_list_shows(firm, staff):
    for number in range(3):
        make_revision(firm, title=f"One {number}")
    ((_department, number, is_own),) = staff.get(reverse("library-departments")).context["rows"]
    listed = staff.get(reverse("library"), {"department": "FIN"}).context["listing"]
    assert (number, is_own) == (listed.total, True) == (3, True)


def test_a_category_counts_what_lies_below_it_and_lists_that(firm, staff):
    money = Category.objects.create(name="Money")
    Category.objects.filter(pk=firm.category.pk).update(parent=money)
    make_revision(firm, title="Below")
    make_revision(firm, title="Above", category=money)
    (node,) = staff.get(reverse("library-categories")).context["forest"]
    assert (node.category, node.own, node.total) == (money, 1, 2)
    page = staff.get(reverse("library-category", args=[money.pk]))
    assert [row.card.title for row in page.context["rows"]] == ["Above", "Below"]


def test_a_shelf_with_nothing_for_me_does_not_exist(firm, outsider):
    for_finance(firm)
    assert outsider.get(reverse("library-category", args=[firm.category.pk])).status_code == 404
    assert outsider.get(reverse("library-role", args=[firm.clerk_role.pk])).status_code == 404


def test_a_text_without_category_is_found_too(firm, staff):
    make_revision(firm, title="Loose", category=None)
    assert staff.get(reverse("library-categories")).context["without"] == 1
    assert "Loose" in text(staff.get(reverse("library-uncategorised")))


def test_of_a_translation_set_the_text_in_my_language_is_counted_once(firm, staff):
    source = make_revision(firm, title="Run the payroll")
    in_french(firm, source, "Établir la paie")
    assert "1 procedure" in text(staff.get(reverse("library-departments")))
    page = staff.get(reverse("library-letters"))
    assert [spine.title for shelf in page.context["shelves"].values() for spine in shelf] == ["Run the payroll"]
    firm.staff.language = "fr"
    firm.staff.save(update_fields=["language"])
    page = staff.get(reverse("library-letters"))
    assert list(page.context["shelves"]) == ["E"]


def test_a_to_z_puts_accents_with_their_letter(firm, staff):
    for title in ("Émettre un avoir", "Fermer le mois", "Encaisser", "Échanger", "2 signatures"):
        make_revision(firm, title=title)
    shelves = staff.get(reverse("library-letters")).context["shelves"]
    assert {letter: [spine.title for spine in shelf] for letter, shelf in shelves.items()} == {
        "E": ["Échanger", "Émettre un avoir", "Encaisser"], "F": ["Fermer le mois"], "#": ["2 signatures"],
    }  # fmt: skip
    assert list(shelves) == ["E", "F", "#"]


def test_a_large_library_is_shown_a_letter_at_a_time(firm, staff, monkeypatch):
    monkeypatch.setattr("procedures.views.browsing.WHOLE_ALPHABET", 1)
    make_revision(firm, title="Apples")
    make_revision(firm, title="Bees")
    assert staff.get(reverse("library-letters")).context["chosen"] == "A"
    page = staff.get(reverse("library-letters"), {"letter": "B"})
    assert list(page.context["shelves"]) == ["B"]
    assert staff.get(reverse("library-letters"), {"letter": "\x00"}).context["chosen"] == "A"


def test_a_role_sees_its_steps_with_their_numbers(firm, staff):
    buyer = Role.objects.create(name="Buyer")
    revision = make_revision(firm, step_titles=["Lock", "Check"])
    page = staff.get(reverse("library-role", args=[firm.clerk_role.pk]))
    (part,) = page.context["does"]
    assert [(step.number, step.title) for step in part.steps] == [(1, "Lock"), (2, "Check")]
    assert f"{revision.procedure.get_absolute_url()}#step-2" in page.content.decode()
    assert page.context["is_own"]
    assert staff.get(reverse("library-role", args=[buyer.pk])).status_code == 404


def test_a_step_says_in_words_what_a_role_has_to_do_with_it(firm, staff):
    informed = Role.objects.create(name="Archivist", department=firm.finance)
    draft = make_draft(firm, language="fr")
    draft.responsibilities.create(step=draft.steps.get(position=1), role=informed, letter="I")
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    page = staff.get(reverse("library-role", args=[informed.pk])).content.decode()
    assert '<span class="tag" lang="en">Informed: is told after</span>' in page


def test_a_role_has_as_many_procedures_in_the_filter_of_the_library(firm, staff):
    informed = Role.objects.create(name="Archivist", department=firm.finance)
    of_a_step, of_the_whole = make_draft(firm, title="Lock"), make_draft(firm, title="Close")
    of_a_step.responsibilities.create(step=of_a_step.steps.get(position=1), role=informed, letter="I")
    of_the_whole.responsibilities.create(role=informed, letter="C")
    for draft in (of_a_step, of_the_whole):
        approval.submit(draft, actor=firm.author)
        approve(draft, by=firm.approver)
    make_revision(firm, title="Pay")
    numbers = {role: number for role, number, _own in staff.get(reverse("library-roles")).context["rows"]}
    page = staff.get(reverse("library"), {"role": informed.pk})
    assert numbers[informed] == 2
    assert {row.card.title for row in page.context["rows"]} == {"Lock", "Close"}


def test_a_role_is_told_what_was_signed_whatever_the_rows_say(firm, staff):
    revision = make_revision(firm, step_titles=["Lock"])
    Step.objects.filter(revision=revision).update(title="Changed by hand")
    assert "Changed by hand" not in text(staff.get(reverse("library-role", args=[firm.clerk_role.pk])))


def test_recently_changed_says_what_was_said_and_how_large_it_is(firm, staff):
    first = make_revision(firm, title="Pay")
    make_next(firm, first.procedure, significance="minor")
    page = text(staff.get(reverse("library-changed")))
    assert "The limit goes down to 3 %." in page
    assert "Minor change" in page
    assert staff.get(reverse("library-changed"), {"significance": "major"}).context["page_obj"].paginator.count == 0
    address = reverse("compare", args=[first.procedure.code, 1, 2])
    assert address in staff.get(reverse("library-changed")).content.decode()
    assert staff.get(address).status_code == 200


def test_what_came_into_force_long_ago_is_not_recent(firm, staff):
    revision = make_revision(firm)
    Revision.objects.filter(pk=revision.pk).update(effective_on=datetime.date.today() - datetime.timedelta(days=40))
    assert staff.get(reverse("library-changed")).context["page_obj"].paginator.count == 0
    assert staff.get(reverse("library-changed"), {"days": "90"}).context["page_obj"].paginator.count == 1
    assert staff.get(reverse("library-changed"), {"days": "hostile"}).context["asked"].days == 30


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_the_library(firm, staff, name, django_assert_max_num_queries):
    many(firm, 60, category=firm.category)
    staff.get(reverse(name))
    with django_assert_max_num_queries(8):
        staff.get(reverse(name))


@pytest.mark.parametrize("name", PAGES)
def test_empty_shelves_say_what_will_appear(firm, staff, name):
    assert not Procedure.objects.exists()
    assert "appear" in text(staff.get(reverse(name)))


def test_hostile_names_stand_as_text(firm, staff):
    name = "<img src=x onerror=alert(1)>"
    Department.objects.filter(pk=firm.finance.pk).update(name=name)
    Role.objects.filter(pk=firm.clerk_role.pk).update(name=name)
    Category.objects.filter(pk=firm.category.pk).update(name=name)
    make_revision(firm, title=name)
    for page in PAGES:
        assert "<img src=x" not in staff.get(reverse(page)).content.decode()
    assert "<img src=x" not in staff.get(reverse("library-role", args=[firm.clerk_role.pk])).content.decode()


@pytest.mark.parametrize("path", ["/library/departments/", "/library/mine/", "/library/list/", "/library/a-z/"])
def test_the_menu_says_that_a_shelf_is_in_the_library(staff, path):
    assert 'href="/library/" aria-current="true"' in staff.get(path).content.decode()


def test_the_menu_says_that_the_library_is_the_page(staff):
    assert 'href="/library/" aria-current="page"' in staff.get("/library/").content.decode()
