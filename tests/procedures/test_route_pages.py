"""The pages of routes: what they show, and the form with its buttons, without script."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.trail import entries_for
from procedures.actions import routes
from procedures.models import Route, SlotKind
from procedures.routes.specs import SlotSpec, StageSpec, stages_of
from procedures.states import State
from reports.wording import rows_for
from tests.factories import make_draft, make_revision

pytestmark = pytest.mark.django_db

HEAD, OWNER = SlotSpec(SlotKind.HEAD), SlotSpec(SlotKind.OWNER)


@pytest.fixture
def browser(firm) -> Client:
    client = Client()
    client.force_login(firm.administrator)
    return client


@pytest.fixture
def route(firm) -> Route:
    stages = [StageSpec(name="Head", slots=(HEAD,)), StageSpec(name="Owner", slots=(OWNER, HEAD), rule="any")]
    return routes.add_route(actor=firm.administrator, name="High risk", risk="high", stages=stages)


def sent(route: Route | None = None, **changes: str) -> dict[str, str]:
    """What the form sends, with changes; `__` in a name stands for a dash."""
    values = {
        "version": str(route.version) if route else "", "name": "High risk", "kind": "", "department": "",
        "risk": "high",
    }  # fmt: skip
    for number, stage in enumerate(stages_of(route) if route else [StageSpec(name="Head", slots=(HEAD,))]):
        fields = {"name": stage.name, "rule": stage.rule, "needed": "", "meaning": stage.meaning, "days": stage.days}
        values |= {f"stages-{number}-{name}": str(value) for name, value in fields.items()}
        values[f"stages-{number}-needs_signature"] = "on"
        values |= {f"stages-{number}-slots-{place}-who": slot.kind for place, slot in enumerate(stage.slots)}
    return values | {name.replace("__", "-"): value for name, value in changes.items()}


def text(response) -> str:
    return response.content.decode()


def test_list_says_what_each_is_for_and_which_answers(firm, browser, route):
    page = text(browser.get(reverse("routes")))
    assert "everything that no other route is for" in page
    assert "risk: High" in page
    assert "Head → Owner" in page
    assert page.count(f'href="{route.get_absolute_url()}"') == 2


def test_list_asks_as_much_of_many_routes_as_of_two(firm, browser, route, django_assert_num_queries):
    with django_assert_num_queries(6):
        browser.get(reverse("routes"))
    for number, kind in enumerate(("policy", "standard", "work_instruction")):
        stages = [StageSpec(name="One", slots=(HEAD,)), StageSpec(name="Two", slots=(OWNER,))]
        routes.add_route(
            actor=firm.administrator, name=f"R{number}", kind=kind, department=firm.finance, stages=stages
        )  # fmt: skip
    with django_assert_num_queries(6):
        browser.get(reverse("routes"))


def test_page_names_who_would_decide_and_marks_who_wrote(firm, browser, route):
    address = route.get_absolute_url()
    page = text(browser.get(address, {"department": firm.finance.pk, "author": firm.approver.pk}))
    assert "wrote it, may not decide" in page
    assert "whoever could decide wrote this revision" in page
    page = text(browser.get(address, {"department": firm.finance.pk}))
    assert "depends on who owns the procedure" in page
    assert "may not decide" not in page
    assert "nobody can decide" in text(browser.get(address, {"department": firm.operations.pk}))
    assert browser.get(address, {"department": "x", "author": "0"}).status_code == 200


def test_form_adds_a_route(firm, browser):
    clerk = f"role:{firm.clerk_role.pk}"
    data = sent(name="Careful", stages__0__slots__1__who=clerk, stages__0__rule="n_of", stages__0__needed="2")
    response = browser.post(reverse("route-new"), data)
    made = Route.objects.get(name="Careful")
    assert response.url == made.get_absolute_url()
    (stage,) = stages_of(made)
    assert (stage.slots, stage.rule, stage.needed) == ((HEAD, SlotSpec("role", firm.clerk_role.pk)), "n_of", 2)
    assert "Added" in text(browser.get(made.get_absolute_url()))


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        ("add-stage", ["Head", "Owner", ""]),
        ("remove-stage-0", ["Owner"]),
        ("stage-down-0", ["Owner", "Head"]),
        ("stage-up-1", ["Owner", "Head"]),
        ("stage-up-0", ["Head", "Owner"]),
        ("stage-down-7", ["Head", "Owner"]),
        ("remove-slot-1-0", ["Head", "Owner"]),
    ],
)
def test_buttons_rearrange_and_save_nothing(firm, browser, route, wish, names):
    data = sent(route, name="Typed", stages__0__days="never", do=wish)
    response = browser.post(reverse("route-change", args=[route.pk]), data)
    assert response.status_code == 200
    editor = response.context["editor"]
    assert [stage.form["name"].value() for stage in editor.stages] == names
    assert 'value="Typed"' in text(response)
    assert ('value="never"' in text(response)) == ("Head" in names)
    assert Route.objects.get(pk=route.pk).version == 1


def test_buttons_move_add_and_remove_places(firm, browser, route):
    address = reverse("route-change", args=[route.pk])

    def places(wish: str) -> list[str]:
        stage = browser.post(address, sent(route, do=wish)).context["editor"].stages[1]
        return [slot.form["who"].value() for slot in stage.slots]

    assert places("slot-up-1-1") == ["head", "owner"]
    assert places("slot-down-1-0") == ["head", "owner"]
    assert places("add-slot-1") == ["owner", "head", ""]
    assert places("remove-slot-1-0") == ["head"]


def test_rejected_form_keeps_everything_and_says_what_is_wrong_beside_the_field(firm, browser, route):
    data = sent(route, name="Kept", stages__0__days="0", stages__1__slots__1__who="", stages__0__name="Typed")
    response = browser.post(reverse("route-change", args=[route.pk]), data)
    page = text(response)
    assert response.status_code == 422
    assert 'value="Kept"' in page
    assert 'value="Typed"' in page
    assert 'href="#id_stages-0-days"' in page
    assert 'href="#id_stages-1-slots-1-who"' in page
    assert "Stage 1, Days to decide" in page
    twice = sent(route, stages__1__slots__0__who="head")
    page = text(browser.post(reverse("route-change", args=[route.pk]), twice))
    assert "Is asked in this stage already." in page


def test_two_people_who_change_one_route_see_both_versions(firm, browser, route):
    mine = sent(route, stages__0__name="Mine")
    routes.change_route(
        route, actor=firm.administrator, version=1, fields={"name": "Theirs"}, stages=[StageSpec("T", (OWNER,))]
    )
    response = browser.post(reverse("route-change", args=[route.pk]), mine)
    page = text(response)
    assert response.status_code == 409
    assert "Theirs" in page
    assert "1. T (Owner of the procedure)" in page
    assert 'name="version" value="2"' in page
    browser.post(reverse("route-change", args=[route.pk]), {**mine, "version": "2"})
    assert [stage.name for stage in stages_of(Route.objects.get(pk=route.pk))] == ["Mine", "Owner"]


def test_deactivating_asks_for_a_reason_and_says_which_procedure_needs_the_route(firm, browser, route):
    address = reverse("route-deactivate", args=[route.pk])
    make_revision(firm, state=State.IN_REVIEW, risk="high")
    assert "1 open round follows it" in text(browser.get(address))
    assert browser.post(address, {"reason": " "}).status_code == 422
    browser.post(address, {"reason": "Not needed."})
    page = text(browser.get(route.get_absolute_url()))
    assert "Not needed." in page
    assert reverse("route-delete", args=[route.pk]) not in page
    make_draft(firm, code="FIN-777", risk="low")
    plain = Route.objects.get(name="Head of department")
    response = browser.post(reverse("route-deactivate", args=[plain.pk]), {"reason": "x"}, follow=True)
    assert "FIN-777" in text(response)
    assert Route.objects.get(pk=plain.pk).is_active
    browser.post(reverse("route-activate", args=[route.pk]))
    assert Route.objects.get(pk=route.pk).is_active


def test_unused_route_is_deleted_after_a_question(firm, browser, route):
    address = reverse("route-delete", args=[route.pk])
    assert "No round has followed it." in text(browser.get(address))
    assert browser.post(address).url == reverse("routes")
    assert browser.get(address).status_code == 404


def test_auditor_reads_and_is_offered_nothing(firm, route):
    client = Client()
    client.force_login(firm.auditor)
    for address in (reverse("routes"), route.get_absolute_url()):
        assert not any(f"{word}/" in text(client.get(address)) for word in ("change", "new", "deactivate"))


def test_trail_tells_of_routes_in_words_and_links_to_those_that_are_there(firm, route):
    gone = routes.add_route(actor=firm.administrator, name="Gone", risk="low", stages=[StageSpec("X", (OWNER,))])
    told = [*entries_for(route), *entries_for(gone)]
    routes.delete_route(gone, actor=firm.administrator)
    kept, deleted = rows_for(firm.auditor, told)
    assert (kept.url, deleted.url) == (route.get_absolute_url(), "")
    assert any(
        detail.new.startswith("Head (Head of the procedure's department) · one signature") for detail in kept.details
    )
