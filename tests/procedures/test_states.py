"""docs/workflow.md and procedures/states.py say the same, and every state can be reached."""

from pathlib import Path

import pytest
from django.utils import translation

from audit import names
from notifications.outbox import KINDS
from procedures.states import OPEN_STATES, TRANSITIONS, Event, State

WORKFLOW = Path(__file__).resolve().parents[2] / "docs" / "workflow.md"
HEADER = ["event", "from", "to", "who", "trail", "notice"]


def tables_of(markdown: str) -> list[list[list[str]]]:
    """The tables of a Markdown text as rows of cells, without the line below the header and without backticks."""
    tables: list[list[list[str]]] = [[]]
    for line in markdown.splitlines():
        if not line.startswith("|"):
            tables.append([])
        elif set(line) - set("|-: "):
            tables[-1].append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return [table for table in tables if table]


@pytest.fixture(scope="module")
def events_table() -> dict[str, list[str]]:
    tables = [table for table in tables_of(WORKFLOW.read_text(encoding="utf-8")) if table[0] == HEADER]
    assert len(tables) == 1, "docs/workflow.md has one table of events"
    return {row[0]: row for row in tables[0][1:]}


def test_workflow_page_lists_every_event_once_in_the_order_of_the_code(events_table):
    assert list(events_table) == [event.value for event in TRANSITIONS]


@pytest.mark.parametrize("event", Event)
def test_workflow_page_says_what_the_code_says(events_table, event):
    row = TRANSITIONS[event]
    with translation.override("en"):
        expected = [event.value, ", ".join(row.sources), row.to, str(row.who), row.audit_name, row.notice or "–"]
    assert events_table[event.value] == expected


def test_workflow_page_names_every_state_once():
    tables = [table for table in tables_of(WORKFLOW.read_text(encoding="utf-8")) if table[0][0] == "state"]
    assert [[row[0] for row in table[1:]] for table in tables] == [[state.value for state in State]]


def test_every_event_has_its_transition():
    assert set(TRANSITIONS) == set(Event)


def test_every_state_is_reached_from_a_draft():
    reached = {State.DRAFT}
    while new := {row.to for row in TRANSITIONS.values() if reached & set(row.sources)} - reached:
        reached |= new
    assert reached == set(State)


def test_nothing_leads_back_from_the_last_states():
    sources = {source for row in TRANSITIONS.values() for source in row.sources}
    assert set(State) - sources == {State.SUPERSEDED, State.WITHDRAWN, State.DISCARDED}


def test_only_open_states_lead_back_to_a_draft():
    """What was published once never becomes editable again."""
    assert all(set(row.sources) <= set(OPEN_STATES) for row in TRANSITIONS.values() if row.to == State.DRAFT)


def test_audit_names_are_known_and_belong_to_one_event_each():
    audit_names = [row.audit_name for row in TRANSITIONS.values()]
    assert set(audit_names) <= names.ALL
    assert len(set(audit_names)) == len(audit_names)


def test_notices_are_kinds_that_the_outbox_knows():
    assert {row.notice for row in TRANSITIONS.values() if row.notice} <= set(KINDS)
