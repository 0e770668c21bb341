"""The byte form that signatures rest on. The expected bytes and hashes here must never change."""

import datetime as dt
import enum
import json
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from sopdesk.lib.canonical import canonical_json, sha256_hex


class State(enum.StrEnum):
    DRAFT = "draft"


class Risk(enum.IntEnum):
    HIGH = 3


GOLDEN = [
    (None, b"null"),
    (True, b"true"),
    (0, b"0"),
    (-(2**70), b"-1180591620717411303424"),
    ("", b'""'),
    ("é", b'"\xc3\xa9"'),
    ("e\u0301", b'"\xc3\xa9"'),
    ('a"b\\c\n\t\x01/<', b'"a\\"b\\\\c\\n\\t\\u0001/<"'),
    ("\U0001f600\u2028", b'"\xf0\x9f\x98\x80\xe2\x80\xa8"'),
    ([], b"[]"),
    ((1, [2, ()]), b"[1,[2,[]]]"),
    ({}, b"{}"),
    ({"b": 1, "a": {"d": None, "c": "x"}, "B": False}, b'{"B":false,"a":{"c":"x","d":null},"b":1}'),
    ({"z": 1, "é": 2, "\U0001f600": 3, "\uffff": 4}, '{"z":1,"é":2,"\uffff":4,"\U0001f600":3}'.encode()),
    (dt.date(2026, 3, 1), b'"2026-03-01"'),
    (dt.datetime(2026, 3, 1, 9, 5, tzinfo=dt.UTC), b'"2026-03-01T09:05:00.000000Z"'),
    (dt.datetime(2026, 7, 1, 9, 5, 7, 42, tzinfo=ZoneInfo("Europe/Paris")), b'"2026-07-01T07:05:07.000042Z"'),
    (dt.datetime(9, 3, 1, tzinfo=dt.UTC), b'"0009-03-01T00:00:00.000000Z"'),
    (Decimal("1.50"), b'"1.50"'),
    (Decimal("1E+3"), b'"1000"'),
    (Decimal("-0.00000001"), b'"-0.00000001"'),
    (UUID("12345678-1234-5678-1234-56781234567A"), b'"12345678-1234-5678-1234-56781234567a"'),
    (State.DRAFT, b'"draft"'),
    (Risk.HIGH, b"3"),
]


@pytest.mark.parametrize(("value", "expected"), GOLDEN)
def test_golden_vectors(value, expected):
    assert canonical_json(value) == expected


def test_golden_hash_of_a_revision():
    content = {
        "title": "Zahlungslauf prüfen",
        "steps": [{"uid": UUID(int=7), "body": "Compare **totals**.", "minutes": Decimal("2.5"), "warning": None}],
        "effective": dt.date(2026, 12, 1),
        "submitted": dt.datetime(2026, 11, 22, 1, 30, tzinfo=dt.UTC),
    }
    assert (
        canonical_json(content)
        == (
            '{"effective":"2026-12-01","steps":[{"body":"Compare **totals**.","minutes":"2.5",'
            '"uid":"00000000-0000-0000-0000-000000000007","warning":null}],'
            '"submitted":"2026-11-22T01:30:00.000000Z","title":"Zahlungslauf prüfen"}'
        ).encode()
    )
    assert sha256_hex(canonical_json(content)) == "c56e98577f33688e7bede49d07a213fa1206a8324eb1375b1a4dcd9803d66639"


def test_golden_hash_of_nothing():
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_order_of_keys_and_form_of_letters_do_not_matter():
    assert canonical_json({"é": 1, "a": 2}) == canonical_json({"a": 2, "e\u0301": 1})


def test_same_moment_in_two_zones_is_the_same():
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert canonical_json(moment) == canonical_json(moment.astimezone(ZoneInfo("Asia/Tokyo")))


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), {1, 2}, b"x", object(), dt.time(9), dt.timedelta(1), {1: 2}, {None: 1}, [[1.5]]]
)
def test_what_has_no_single_form_is_a_type_error(value):
    with pytest.raises(TypeError):
        canonical_json(value)


def test_text_that_depends_on_the_language_is_a_type_error():
    with pytest.raises(TypeError):
        canonical_json(gettext_lazy("Name"))


@pytest.mark.parametrize(
    "value",
    [dt.datetime(2026, 1, 1), Decimal("NaN"), Decimal("Infinity"), {"é": 1, "e\u0301": 2}, "\ud800"],
)
def test_ambiguous_value_is_a_value_error(value):
    with pytest.raises(ValueError, match=r".+"):
        canonical_json(value)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcde"), inner),
    max_leaves=20,
)


@settings(deadline=None)  # the rule is about bytes; a busy machine may take its time
@given(PLAIN)
def test_reading_it_back_gives_the_same_bytes(value):
    once = canonical_json(value)
    assert canonical_json(json.loads(once)) == once
