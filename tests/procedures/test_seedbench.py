import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from audit import trail
from procedures.content import read_content
from procedures.invariants import violations
from procedures.models import Category, Procedure, Revision, Step
from procedures.permissions import library_revisions_for
from procedures.queries import approvals_of
from procedures.rendering import render_document
from procedures.search import search
from procedures.seeding.firm import APPROVER, EDITOR, READER
from procedures.seeding.inventing import invent
from procedures.states import State
from roles.models import Department, User

PASSWORD = "bench-password-of-the-tests"
ROW = {
    "code": "PAY-7",
    "title": "Pay the harbour dues",
    "category": "Port",
    "summary": "Dues are paid **before** the ship leaves.",
    "language": "en",
    "steps": [
        {"title": "Ask for the tonnage", "text": "The *agent* knows it.\n\n- gross\n- net"},
        {"title": "Send the payment", "text": "Two people sign."},
    ],
}


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("BENCH_PASSWORD", PASSWORD)


@pytest.fixture
def file_of(tmp_path):
    def write(*rows: object):
        path = tmp_path / "procedures.jsonl"
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def assert_nothing_was_written() -> None:
    assert not Procedure.objects.exists()
    assert not User.objects.exists()
    assert not Category.objects.exists()
    assert not Department.objects.exists()


@pytest.mark.django_db
class TestInvented:
    @pytest.fixture(autouse=True)
    def seeded(self, db):
        call_command("seedbench", procedures=8, seed=3, verbosity=0)

    def test_every_procedure_is_published_with_all_invariants_intact(self):
        assert Revision.objects.filter(state=State.PUBLISHED).count() == 8
        assert list(violations()) == []

    def test_frozen_content_is_what_the_rows_say(self):
        for revision in Revision.objects.all():
            assert read_content(revision) == revision.content

    def test_remembered_markdown_is_the_same_as_rendered_anew(self):
        for revision in Revision.objects.all():
            assert render_document(revision.content, media=lambda key: "") == revision.rendered

    def test_every_revision_has_a_signature_history_and_trail(self):
        for revision in Revision.objects.select_related("procedure"):
            assert [decision.decider.email for decision in approvals_of(revision)] == [APPROVER]
            assert revision.history.count() == 1
            assert revision.steps.first().history.count() == 1
            assert trail.entries_of_procedure(revision.procedure.code).count() == 5

    def test_reader_finds_every_procedure_in_the_library_and_by_its_code(self):
        readable = library_revisions_for(User.objects.get(email=READER))
        assert readable.count() == 8
        revision = readable.get(procedure__code="FIN-001")
        assert search("FIN-001", queryset=readable, limit=5).hits[0] == revision.pk

    def test_some_procedures_have_a_restricted_audience(self):
        assert set(Procedure.objects.values_list("audience", flat=True)) == {"everyone", "departments", "roles"}

    @pytest.mark.parametrize("email", [READER, EDITOR, APPROVER])
    def test_people_of_the_bench_have_the_given_password(self, email):
        assert User.objects.get(email=email).check_password(PASSWORD)

    def test_same_call_again_changes_nothing(self, capsys):
        before = set(Step.objects.values_list("pk", "uid"))
        call_command("seedbench", procedures=8, seed=3)
        assert "there already" in capsys.readouterr().out
        assert set(Step.objects.values_list("pk", "uid")) == before

    @pytest.mark.parametrize("other", [{"procedures": 7, "seed": 3}, {"procedures": 8, "seed": 4}])
    def test_other_arguments_are_refused(self, other):
        with pytest.raises(CommandError, match="other data"):
            call_command("seedbench", **other)
        assert Procedure.objects.count() == 8


def test_texts_follow_from_the_seed_alone():
    assert invent(procedures=8, seed=5) == invent(procedures=8, seed=5)
    assert invent(procedures=8, seed=5).documents[:5] == invent(procedures=5, seed=5).documents
    assert invent(procedures=8, seed=5).documents != invent(procedures=8, seed=6).documents


def test_texts_are_english_and_french_of_about_six_kilobytes():
    documents = invent(procedures=60, seed=1).documents
    assert {document.language for document in documents} == {"en", "fr"}
    lengths = [sum(len(step.body) + len(step.title) for step in document.steps) for document in documents]
    assert 4500 < sum(lengths) / len(lengths) < 8000
    assert 11 < sum(len(document.steps) for document in documents) / len(documents) < 13


@pytest.mark.django_db
def test_language_of_the_caller_does_not_change_what_is_written():
    with translation.override("fr"):
        call_command("seedbench", procedures=1, seed=1, verbosity=0)
    assert "You should see" in Revision.objects.get().rendered


@pytest.mark.django_db
def test_database_with_other_data_is_refused():
    Department.objects.create(code="OLD", name="Old")
    with pytest.raises(CommandError, match="other data"):
        call_command("seedbench", procedures=2)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_missing_password_is_an_error(monkeypatch):
    monkeypatch.delenv("BENCH_PASSWORD")
    with pytest.raises(CommandError, match="BENCH_PASSWORD"):
        call_command("seedbench", procedures=2)
    assert_nothing_was_written()


@pytest.mark.django_db
def test_failure_half_way_leaves_nothing(monkeypatch):
    monkeypatch.setattr("procedures.seeding.writer.BATCH", 2)

    def fail(written: int) -> None:
        if written == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("procedures.management.commands.seedbench.Command._tell", staticmethod(fail))
    with pytest.raises(KeyboardInterrupt):
        call_command("seedbench", procedures=6)
    assert_nothing_was_written()


@pytest.mark.django_db
class TestFromFile:
    def test_lines_become_published_procedures(self, file_of):
        second = {**ROW, "code": "PAY-8", "language": "fr", "category": "Port"}
        call_command("seedbench", file=file_of(ROW, "", second), verbosity=0)
        revision = Revision.objects.select_related("procedure", "category").get(procedure__code="PAY-7")
        assert (revision.title, revision.category.name, revision.state) == (ROW["title"], "Port", State.PUBLISHED)
        assert revision.purpose == ROW["summary"]
        assert [(step.title, step.body) for step in revision.steps.all()] == [
            (step["title"], step["text"]) for step in ROW["steps"]
        ]
        assert "<em>agent</em>" in revision.rendered
        assert Procedure.objects.count() == 2
        assert list(violations()) == []

    def test_number_limits_how_many_lines_are_taken(self, file_of):
        path = file_of(ROW, {**ROW, "code": "PAY-8"}, {**ROW, "code": "PAY-9"})
        call_command("seedbench", procedures=2, file=path, verbosity=0)
        assert set(Procedure.objects.values_list("code", flat=True)) == {"PAY-7", "PAY-8"}

    def test_same_file_again_changes_nothing(self, file_of, capsys):
        path = file_of(ROW)
        call_command("seedbench", file=path, verbosity=0)
        call_command("seedbench", file=path)
        assert "there already" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            ("{not json", "not JSON"),
            ("[]", "not an object"),
            ({**ROW, "code": "PAY-8", "title": None}, "title"),
            ({**ROW, "code": "PAY-8", "steps": []}, "no steps"),
            ({**ROW, "code": "PAY-8", "steps": [{"title": "Only a title"}]}, "a step needs"),
            ({**ROW, "code": "PAY-8", "steps": [{"title": " ", "text": "x"}]}, "without a title"),
            ({**ROW, "code": "PAY-8", "steps": [{"title": "x", "text": "x" * 20_001}]}, "20001"),
            ({**ROW, "code": "PAY-8", "summary": "a\0b"}, "Null"),
            ({**ROW, "code": "pay 8"}, "code"),
            ({**ROW, "code": "PAY-8", "title": "x" * 201}, "title"),
            (ROW, "used in line 1"),
        ],
    )
    def test_bad_line_is_named_by_its_number_and_nothing_is_written(self, file_of, bad, reason):
        with pytest.raises(CommandError, match=f"line 3: .*{reason}"):
            call_command("seedbench", file=file_of(ROW, "", bad), verbosity=0)
        assert_nothing_was_written()

    def test_missing_file_is_an_error(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("seedbench", file=tmp_path / "nowhere.jsonl")

    def test_empty_file_is_an_error(self, file_of):
        with pytest.raises(CommandError, match="no procedures"):
            call_command("seedbench", file=file_of(""))
