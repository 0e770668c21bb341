"""Statements that PostgreSQL keeps planned."""

import pytest
from django.db import connection

from procedures.reading.sql import rows_of
from sopdesk.db.postgres.base import KEPT_PLANS

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps all that it sees prepared"),
]


@pytest.fixture(autouse=True)
def _nothing_prepared_yet(db):
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def prepared() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_one_statement_is_planned_once_whatever_the_size_of_its_numbers():
    numbers = [1, 70_000, 5_000_000_000]

    assert [rows_of("SELECT %s + 1", [number]) for number in numbers] == [[(number + 1,)] for number in numbers]
    assert prepared() == ["SELECT $1 + 1"]


def test_a_connection_keeps_no_more_plans_than_it_has_room_for():
    for number in range(KEPT_PLANS + 5):
        rows_of(f"SELECT {number} + %s", [1])

    assert len(prepared()) == KEPT_PLANS
    assert f"SELECT {KEPT_PLANS + 4} + $1" in prepared()
    assert "SELECT 0 + $1" not in prepared()


def test_nothing_is_prepared_where_it_is_switched_off(settings):
    settings.DATABASE_PREPARES = False

    assert rows_of("SELECT %s + 1", [1]) == [(2,)]
    assert prepared() == []
