"""What publishing would do: a person is told by name what they may read, and the rest as a number."""

import pytest

from procedures.actions import approval, drafts, inventory, relatives, steps
from procedures.impact import impact_of, readers_of
from procedures.models import Audience
from procedures.states import State
from roles.queries import today
from tests.factories import approve, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(firm):
    """FIN-100, in force, with a variant, a translation, two texts that refer to it and a task that it covers."""
    source = make_revision(firm, code="FIN-100")
    common = {"actor": firm.author, "department": firm.finance, "owner": firm.owner, "title": "X"}
    variant = relatives.make_variant(source, code="FIN-510", **common)
    approval.submit(variant, actor=firm.author)
    approve(variant, by=firm.approver)
    relatives.start_translation(source, code="FIN-520", language="fr", **common)
    make_revision(firm, code="FIN-530", scope="See [[FIN-100]].")
    closed = make_draft(firm, code="FIN-540", audience=Audience.DEPARTMENTS, audience_departments=[firm.operations])
    steps.add_step(
        closed,
        actor=firm.author,
        fields={"title": "Pay", "kind": "subprocedure", "subprocedure": source.procedure, "role": firm.clerk_role},
    )
    approval.submit(closed, actor=firm.author)
    approve(closed, by=firm.approver)
    task = inventory.add_task(actor=firm.author, department=firm.finance, title="Pay everybody")
    inventory.link_task(task, actor=firm.author, procedure=source.procedure)
    return source


def test_what_depends_on_a_text_is_named_to_who_may_read_it(firm, source):
    impact = impact_of(make_next(firm, source.procedure, state=State.DRAFT), firm.author)
    assert [row.procedure.code for row in impact.variants.shown] == ["FIN-510"]
    assert impact.translations.count == 0, "a translation that is a draft does not lag behind for anybody"
    assert [link.revision.procedure.code for link in impact.procedures] == ["FIN-530", "FIN-540"]
    assert impact.procedures[1].numbers == [4]
    assert [task.title for task in impact.tasks] == ["Pay everybody"]
    assert (impact.hidden_links, impact.is_first) == (0, False)


def test_what_a_person_may_not_read_is_a_number(firm, source):
    drafts.change_procedure(
        source.procedure.variants.get(),
        actor=firm.author,
        fields={"audience": Audience.DEPARTMENTS},
        audience_departments=[firm.operations],
        reason="Fewer need it.",
    )
    impact = impact_of(make_next(firm, source.procedure, state=State.IN_REVIEW), firm.approver)
    assert (impact.variants.shown, impact.variants.hidden) == ([], 1)
    assert [link.revision.procedure.code for link in impact.procedures] == ["FIN-530"]
    assert impact.hidden_links == 1
    assert impact.tasks == [], "the inventory does not exist for readers"


def test_readers_are_those_whom_the_audience_names_today(firm):
    procedure = make_draft(firm).procedure
    assert set(readers_of(procedure, day=today())) == set(firm.people.values())
    closed = make_draft(firm, audience=Audience.ROLES, audience_roles=[firm.clerk_role]).procedure
    assert list(readers_of(closed, day=today())) == [firm.staff]
    own = make_draft(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.operations]).procedure
    assert firm.outsider in readers_of(own, day=today())
    assert firm.staff not in readers_of(own, day=today())


def test_the_preview_asks_a_fixed_number_of_queries(firm, source, django_assert_max_num_queries):
    draft = make_next(firm, source.procedure, state=State.DRAFT)
    for number in range(3):
        make_revision(firm, code=f"FIN-6{number}0", scope="See [[FIN-100]].")
    with django_assert_max_num_queries(9):
        impact = impact_of(draft, firm.author)
    assert len(impact.procedures) == 5
