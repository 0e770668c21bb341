"""`/audit/`: who sees which entries, what the filters find, that its cost does not grow, and the export."""

import json

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import names, trail
from audit.trail import Entry
from procedures.states import State
from reports import queries, wording
from reports.permissions import entries_visible_to, sees_entry
from reports.queries import Filters, trail_page
from roles import actions as people
from roles.queries import today
from tests.factories import make_revision

pytestmark = pytest.mark.django_db
EVERYBODY = ("author", "coauthor", "approver", "owner", "staff", "outsider", "auditor", "administrator", "superuser")


def write(firm, count: int, **fields) -> list[Entry]:
    happenings = [
        trail.Happening(names.DEPARTMENT_CHANGE, fields.get("actor"), firm.finance, reason=f"Reason {number}")
        for number in range(count)
    ]
    with transaction.atomic():
        return trail.record_many(happenings)


def seen_by(person, **filters) -> list[int]:
    return [entry.seq for entry in trail_page(person, Filters(**filters)).entries]


# Who sees what -----------------------------------------------------------------------------------------------


def test_everybody_sees_their_own_acts_and_what_they_look_after_or_decide_on(firm, published, in_review):
    people.change_person(firm.staff, actor=firm.administrator, fields={"full_name": "Staff Member"})
    operations = make_revision(firm, code="OPS-100", author=firm.coauthor, department=firm.operations, owner=firm.owner,
                               state=State.DRAFT)  # fmt: skip
    everything = set(trail.entries().values_list("seq", flat=True))
    finance = set(trail.entries().filter(procedure_code__in=["FIN-100", "FIN-200"]).values_list("seq", flat=True))
    ours = set(trail.entries_of_procedure("OPS-100").values_list("seq", flat=True))
    of_rounds = set()
    for revision in (published, in_review):
        of_rounds |= set(trail.entries_for(revision).values_list("seq", flat=True))
    assert operations.procedure.owner == firm.owner
    expected = {
        "author": finance, "coauthor": ours, "owner": finance | ours, "approver": of_rounds, "staff": set(),
        "outsider": set(), "superuser": set(), "auditor": everything, "administrator": everything,
    }  # fmt: skip
    found = {who: set(entries_visible_to(firm.people[who]).values_list("seq", flat=True)) for who in expected}
    own = {who: set(trail.entries().filter(actor=firm.people[who]).values_list("seq", flat=True)) for who in expected}
    assert found == {who: numbers | own[who] for who, numbers in expected.items()}


def test_queryset_and_predicate_and_page_agree(firm, published, in_review):
    for who in EVERYBODY:
        person = firm.people[who]
        visible = set(entries_visible_to(person).values_list("seq", flat=True))
        assert {entry.seq for entry in trail.entries() if sees_entry(person, entry)} == visible
        assert set(seen_by(person)) == visible


def test_subjects_are_links_only_for_who_may_see_them(client, firm, in_review):
    entry = trail.entries_for(in_review).last()
    address = reverse("revision", args=["FIN-200", 1])
    client.force_login(firm.approver)
    assert f'href="{address}"' in client.get(reverse("audit")).text
    with transaction.atomic():
        trail.record(entry.name, actor=firm.outsider, subject=in_review, procedure_code="FIN-200")
    client.force_login(firm.outsider)
    page = client.get(reverse("audit")).text
    assert str(in_review) in page
    assert address not in page


# Filters and pages -------------------------------------------------------------------------------------------


def test_filters_find_by_person_event_procedure_period_and_text(firm, published, in_review):
    (own,) = write(firm, 1, actor=firm.staff)
    auditor, day = firm.auditor, today()
    assert seen_by(auditor, who="staff@firm") == [own.seq]
    assert seen_by(auditor, what=names.DEPARTMENT_CHANGE) == [own.seq]
    assert set(seen_by(auditor, procedure="FIN-200")) == set(
        trail.entries_of_procedure("FIN-200").values_list("seq", flat=True)
    )
    assert seen_by(auditor, text="REASON 0") == [own.seq]
    assert len(seen_by(auditor, first=day, last=day)) == trail.entries().count()
    assert seen_by(auditor, last=day.replace(year=2020)) == []
    assert seen_by(auditor, first=day.replace(year=2099)) == []


def test_pages_go_back_and_forth_without_gap_or_overlap(firm, monkeypatch):
    monkeypatch.setattr(queries, "PER_PAGE", 4)
    numbers = [entry.seq for entry in write(firm, 10)]
    pages, page = [], trail_page(firm.auditor, Filters())
    while True:
        pages.append([entry.seq for entry in page.entries])
        if page.older is None:
            break
        page = trail_page(firm.auditor, Filters(), before=page.older)
    assert [seq for found in pages for seq in found] == numbers[::-1]
    assert [entry.seq for entry in trail_page(firm.auditor, Filters(), after=page.newer).entries] == pages[-2]


def test_a_text_is_looked_for_in_stretches_and_goes_on_where_it_stopped(firm, monkeypatch):
    monkeypatch.setattr(queries, "LOOKED_THROUGH", 4)
    write(firm, 9)
    page = trail_page(firm.auditor, Filters(text="0"))
    assert (page.entries, page.older, page.looked_back_to) == ([], 6, 6)
    page = trail_page(firm.auditor, Filters(text="0"), before=2)
    assert [entry.reason for entry in page.entries] == ["Reason 0"]
    assert page.older is None


@pytest.mark.parametrize("who", ["auditor", "author", "staff"])
def test_the_page_costs_the_same_queries_whatever_its_length(client, firm, published, who):
    client.force_login(firm.people[who])
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(reverse("audit"), {"procedure": "FIN-100", "first": "2020-01-01", "text": "a"})
        counts.append(len(found))
        write(firm, 120, actor=firm.people[who])
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize(
    "asked", ["before=x", "before=²", "after=-1", "what=nothing", "first=yesterday", "before=" + "9" * 30]
)
def test_an_address_typed_wrong_is_no_error(client, firm, published, asked):
    client.force_login(firm.auditor)
    assert client.get(f"{reverse('audit')}?{asked}").status_code == 200


def test_old_and_new_values_are_shown_and_a_changed_entry_is_marked(client, firm):
    people.change_person(firm.staff, actor=firm.administrator, fields={"full_name": "Anna <Smith>"})
    client.force_login(firm.auditor)
    page = client.get(reverse("audit")).text
    assert "<del>Staff</del> → <ins>Anna &lt;Smith&gt;</ins>" in page
    assert "Not as it was written" not in page
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET reason = 'forged'")
    assert "Not as it was written" in client.get(reverse("audit")).text


# Export ------------------------------------------------------------------------------------------------------


def test_the_export_holds_what_the_filters_let_through_and_leaves_an_entry(client, firm, published, in_review):
    client.force_login(firm.auditor)
    before = trail.entries().count()
    response = client.post(reverse("audit-export"), {"format": "jsonl", "procedure": "fin-100"})
    rows = [json.loads(line) for line in response.getvalue().splitlines()]
    entries = list(trail.entries_of_procedure("FIN-100"))
    assert [(row["seq"], row["hash"]) for row in rows] == [(entry.seq, entry.hash) for entry in entries]
    noted = trail.entries().last()
    assert (noted.seq, noted.name, noted.actor_id) == (before + 1, names.TRAIL_EXPORT, firm.auditor.pk)
    assert noted.data["filters"] == {"procedure": "FIN-100"}


def test_no_cell_of_the_table_becomes_a_formula(client, firm):
    with transaction.atomic():
        trail.record(names.DEPARTMENT_CHANGE, actor=None, subject=firm.finance, reason="=1+1")
    client.force_login(firm.administrator)
    table = client.post(reverse("audit-export"), {"format": "csv"}).getvalue().decode("utf-8-sig")
    assert table.splitlines()[0].startswith("seq,at,actor")
    assert "'=1+1" in table


@pytest.mark.parametrize("who", ["author", "staff", "superuser"])
def test_nobody_else_exports(client, firm, who):
    client.force_login(firm.people[who])
    assert client.post(reverse("audit-export"), {"format": "csv"}).status_code == 403
    assert not trail.entries().filter(name=names.TRAIL_EXPORT).exists()


@pytest.mark.parametrize(
    ("kind", "label", "about"),
    [
        ("procedures.deviation", "OPS-001 r2, 2, OPS", "OPS-001 r2, step 2, department OPS"),
        ("roles.department", "Finance", "department Finance"),
        ("procedures.revision", "OPS-001 r2", "OPS-001 r2"),
    ],
)
def test_what_an_entry_is_about_is_said_where_its_label_is_bare(kind, label, about):
    assert wording.about(Entry(subject_type=kind, subject_label=label)) == about
