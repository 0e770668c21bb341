"""Arranging the categories: the tree stays a tree, and what was signed stays as it was signed."""

import pytest
from django.test import Client
from django.urls import reverse

from audit import trail
from procedures.actions import categories
from procedures.browsing.categories import DEEPEST, forest_of
from procedures.invariants import violations
from procedures.models import Category, Revision
from procedures.queries import revision_in_force
from roles.errors import NotValid
from sopdesk.lib.errors import NotPermitted, Refused
from tests.factories import Firm, make_draft, make_revision


@pytest.fixture
def administrator(firm: Firm) -> Client:
    client = Client()
    client.force_login(firm.administrator)
    return client


def add(firm: Firm, name: str, parent: Category | None = None) -> Category:
    return categories.add_category(actor=firm.administrator, name=name, parent=parent)


def shape(nodes=None) -> list:
    return [(node.category.name, shape(node.children)) for node in (forest_of() if nodes is None else nodes)]


def test_only_administrators_arrange_and_auditors_look(firm):
    for who in ("author", "owner", "auditor"):
        with pytest.raises(NotPermitted):
            categories.add_category(actor=firm.people[who], name="X")
    client = Client()
    client.force_login(firm.auditor)
    page = client.get(reverse("categories"))
    assert page.status_code == 200
    assert "category-move" not in page.content.decode()
    assert "/move/" not in page.content.decode()


def test_a_signed_text_keeps_the_name_and_verifies_after_a_rename_and_a_merge(firm):
    revision = make_revision(firm)
    categories.change_category(firm.category, actor=firm.administrator, fields={"name": "Wages"})
    assert list(violations()) == []
    money = add(firm, "Money")
    categories.merge_category(firm.category, actor=firm.administrator, into=money)
    again = Category.objects.get(pk=money.pk)
    categories.change_category(again, actor=firm.administrator, fields={"name": "Cash"})
    revision = Revision.objects.get(pk=revision.pk)
    assert revision.category.name == "Cash"
    assert revision.content["category"] == "Payroll"
    assert list(violations()) == []


def test_a_category_that_was_put_on_a_signed_text_by_hand_is_found(firm):
    revision = make_revision(firm)
    Revision.objects.filter(pk=revision.pk).update(category=Category.objects.create(name="Elsewhere"))
    assert any("category is not what was signed" in line for line in violations())


def test_a_category_cannot_stand_below_itself(firm):
    money = add(firm, "Money")
    pay = add(firm, "Pay", money)
    with pytest.raises(NotValid):
        categories.change_category(money, actor=firm.administrator, fields={"parent": pay})
    with pytest.raises(NotValid):
        categories.change_category(money, actor=firm.administrator, fields={"parent": money})
    with pytest.raises(Refused):
        categories.merge_category(money, actor=firm.administrator, into=pay)
    assert ("Money", [("Pay", [])]) in shape()


def test_a_circle_made_by_hand_is_named(firm):
    money = add(firm, "Money")
    pay = add(firm, "Pay", money)
    Category.objects.filter(pk=money.pk).update(parent=pay)
    assert any(line.startswith("I14 category Money") for line in violations())


def test_the_tree_is_no_deeper_than_people_look(firm):
    above = None
    for level in range(DEEPEST):
        above = add(firm, f"Level {level}", above)
    with pytest.raises(NotValid):
        add(firm, "Too deep", above)
    other = add(firm, "Other")
    below = add(firm, "Below", other)
    with pytest.raises(NotValid):
        categories.change_category(other, actor=firm.administrator, fields={"parent": above.parent})
    assert below.parent == other


def test_neighbours_change_places_by_buttons(firm, administrator):
    for name in ("One", "Two", "Three"):
        add(firm, name)
    three = Category.objects.get(name="Three")
    place = [name for name, _below in shape()].index("Three") + 1
    administrator.post(reverse("category-move", args=[three.pk]), {"position": place - 1})
    assert [name for name, _below in shape()][-2:] == ["Three", "Two"]
    assert administrator.post(reverse("category-move", args=[three.pk]), {"position": "x"}).status_code in (302, 400)


def test_merging_moves_texts_and_shelves_and_is_on_the_trail(firm, administrator):
    draft = make_draft(firm)
    child = add(firm, "Bonus", firm.category)
    money = add(firm, "Money")
    administrator.post(reverse("category-merge", args=[firm.category.pk]), {"into": money.pk})
    draft.refresh_from_db()
    child.refresh_from_db()
    assert (draft.category, child.parent) == (money, money)
    assert not Category.objects.filter(name="Payroll").exists()
    entry = trail.entries().order_by("seq").last()
    assert (entry.name, entry.data["name"], entry.data["into"]["name"]) == (
        "procedures.category.merge", "Payroll", "Money",
    )  # fmt: skip


def test_a_category_in_use_is_not_removed(firm, administrator):
    revision = make_revision(firm)
    with pytest.raises(Refused):
        categories.remove_category(firm.category, actor=firm.administrator)
    empty = add(firm, "Empty")
    administrator.post(reverse("category-remove", args=[empty.pk]))
    assert not Category.objects.filter(pk=empty.pk).exists()
    assert revision_in_force(revision.procedure).category == firm.category


def test_a_name_is_given_once(firm, administrator):
    add(firm, "Money")
    response = administrator.post(reverse("category-new"), {"name": "Money"})
    assert response.status_code == 422
    assert "There is a category of this name." in response.content.decode()


def test_the_form_offers_no_place_below_itself(firm, administrator):
    money = add(firm, "Money")
    pay = add(firm, "Pay", money)
    page = administrator.get(reverse("category", args=[money.pk]))
    offered = {value for value, _label in page.context["form"].fields["parent"].choices}
    assert {money.pk, pay.pk}.isdisjoint(offered)
