"""The auditor's pack holds who has read and understood what, up to its last entry of the trail."""

import csv
import io
import json
import zipfile

import pytest

from audit import trail
from reports.packing import build_pack
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db


def unpacked(procedure, upto: int) -> dict[str, bytes]:
    with build_pack(procedure, upto=upto).file as file, zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_those_of_every_revision_as_table_and_as_values(firm, confirm):
    first = make_revision(firm)
    old = confirm(first, firm.staff)
    new = confirm(make_next(firm, first.procedure), firm.owner)
    confirm(make_revision(firm), firm.outsider)
    files = unpacked(first.procedure, trail.head_of_trail().seq)
    rows = json.loads(files["acknowledgements.json"])
    assert [(row["name"], row["revision"], row["seal"], row["seal_fits"]) for row in rows] == [
        ("Staff", 1, old.seal, True),
        ("Owner", 2, new.seal, True),
    ]
    table = list(csv.DictReader(io.StringIO(files["acknowledgements.csv"].decode("utf-8-sig"))))
    assert [row["trail_entry"] for row in table] == [str(old.trail_seq), str(new.trail_seq)]
    assert b"acknowledgements.csv" in files["SHA256SUMS"]
    assert b"2 entries" in files["index.html"]


def test_what_came_after_its_last_entry_is_not_in_it(firm, confirm):
    revision = make_revision(firm)
    upto = trail.head_of_trail().seq
    confirm(revision, firm.staff)
    assert json.loads(unpacked(revision.procedure, upto)["acknowledgements.json"]) == []
