"""I9: `verify` names every acknowledgement that was changed, moved, put in or taken away past sopdesk."""

import pytest
from django.db import connection

from audit import guards
from reports.verification import Verification
from tests.factories import make_next, make_revision
from training.actions import acknowledge_revision
from training.models import Acknowledgement
from training.seals import seal_of

pytestmark = pytest.mark.django_db


def found() -> list[str]:
    guards.install(connection)
    try:
        return list(Verification().sentences())
    finally:
        guards.remove(connection)


@pytest.fixture
def row(firm) -> Acknowledgement:
    revision = make_revision(firm, code="FIN-100")
    acknowledge_revision(revision, actor=firm.owner, content_hash=revision.content_hash)
    return acknowledge_revision(revision, actor=firm.staff, content_hash=revision.content_hash)


def change(row: Acknowledgement, **values: object) -> None:
    assert Acknowledgement.objects.filter(pk=row.pk).update(**values)


def test_nothing_is_found_where_nothing_was_touched(row):
    assert found() == []


def test_every_column(firm, row):
    other = make_revision(firm, code="FIN-200")
    values = {
        "person_id": firm.outsider.pk, "revision_id": other.pk, "content_hash": "0" * 64, "person_name": "x",
        "roles": "x", "acknowledged_at": "2020-01-01 00:00:00+00:00", "seal": "0" * 64, "trail_seq": 999_999,
    }  # fmt: skip
    assert set(values) == {column.attname for column in Acknowledgement._meta.concrete_fields} - {"id"}
    for column, value in values.items():
        before = getattr(row, column)
        change(row, **{column: value})
        assert any(sentence.startswith("I9 ") for sentence in found()), column
        change(row, **{column: before})
    assert found() == []


def test_a_row_that_was_sealed_anew_is_not_the_one_on_the_trail(row):
    row.person_name = "Somebody else"
    change(row, person_name=row.person_name, seal=seal_of(row))
    assert found() == ["I9 acknowledgement of Somebody else on FIN-100 r1: not the one that the trail tells of"]


def test_a_row_of_a_text_that_never_was_is_named_even_with_a_fitting_seal(row):
    row.content_hash = "1" * 64
    with connection.cursor() as cursor:
        row.seal = seal_of(row)
        cursor.execute(
            "UPDATE audit_entry SET data = REPLACE(CAST(data AS TEXT), %s, %s) WHERE seq = %s"
            if connection.vendor == "sqlite"
            else "UPDATE audit_entry SET data = REPLACE(CAST(data AS TEXT), %s, %s)::jsonb WHERE seq = %s",
            [Acknowledgement.objects.get(pk=row.pk).seal, row.seal, row.trail_seq],
        )
    change(row, content_hash=row.content_hash, seal=row.seal)
    assert "I9 acknowledgement of Staff on FIN-100 r1: of a text that this revision never had" in found()


def test_a_row_that_was_taken_away(row):
    seq = row.trail_seq
    Acknowledgement.objects.filter(pk=row.pk).delete()
    assert found() == [f"I9 trail entry {seq}: the acknowledgement that it tells of is gone"]


def test_a_row_that_was_put_in(firm, row):
    made_up = Acknowledgement(
        person=firm.outsider, revision=row.revision, content_hash=row.content_hash, person_name="Outsider",
        acknowledged_at=row.acknowledged_at, trail_seq=999_999,
    )  # fmt: skip
    made_up.seal = seal_of(made_up)
    made_up.save()
    assert found() == ["I9 acknowledgement of Outsider on FIN-100 r1: not the one that the trail tells of"]


def test_two_rows_that_changed_places(row):
    other = Acknowledgement.objects.exclude(pk=row.pk).get()
    change(row, trail_seq=999_999)
    change(other, trail_seq=row.trail_seq)
    change(row, trail_seq=other.trail_seq)
    assert [sentence.rpartition(": ")[2] for sentence in found()] == ["not the one that the trail tells of"] * 2


def test_a_row_moved_to_the_next_revision(firm, row):
    second = make_next(firm, row.revision.procedure)
    change(row, revision=second)
    assert found()[0].startswith("I9 acknowledgement of Staff on FIN-100 r2: INVALID")
