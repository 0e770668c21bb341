"""The auditor's pack holds what readers suggested, and what they were answered."""

import json
import zipfile

import pytest

from audit import trail
from reports.packing import build_pack
from tests.factories import make_revision

pytestmark = pytest.mark.django_db


def test_it_holds_the_suggestions_to_its_procedure_with_names(firm, revision, suggest, promise):
    promise(suggest(revision), text="Soon.")
    suggest(revision, step=None, text="Whole", kind="wrong")
    suggest(make_revision(firm), text="Elsewhere")
    with build_pack(revision.procedure, upto=trail.head_of_trail().seq).file as file, zipfile.ZipFile(file) as archive:
        rows = json.loads(archive.read("suggestions.json"))
        index, sums = archive.read("index.html").decode(), archive.read("SHA256SUMS").decode()
    told = [(row["author_name"], row["step_number"], row["text"], row["answer"], row["answer_text"]) for row in rows]
    assert told == [("Staff", 1, "Which day?", "promised", "Soon."), ("Staff", None, "Whole", "", "")]
    assert [row["answered_by_name"] for row in rows] == ["Owner", ""]
    assert "2 suggestions" in index
    assert "suggestions.json" in sums
