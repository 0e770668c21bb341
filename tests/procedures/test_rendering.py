"""The stored document: what it shows, in which language, and that no text of an author gets out of its place."""

import pytest
from django.template import Context, Template
from django.utils import translation

from procedures.rendering import contents_of, render_document, with_role_labels
from tests.factories import make_draft, make_revision
from tests.procedures.contents import MANAGER, PAYROLL, make_content, make_step

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ settings.SECRET_KEY }}{% debug %}'


def no_media(key: str) -> str:
    return ""


def render(*steps: dict, media=no_media, **changes) -> str:
    return render_document(make_content(*steps, **changes), media=media)


class TestSteps:
    def test_every_step_has_number_anchor_role_and_minutes(self):
        html = render(make_step(1, title="Lock the period", role=PAYROLL, minutes=10))
        assert 'id="step-1"' in html
        assert "Lock the period" in html
        assert 'data-role="3"' in html
        assert "10&nbsp;min" in html

    def test_a_branch_leads_to_the_step_it_names(self):
        first, last = make_step(1), make_step(3)
        decision = make_step(
            2,
            kind="decision",
            branches=[
                {"label": "An error", "target": first["uid"]},
                {"label": "All explained", "target": last["uid"]},
                {"label": "Nothing to pay", "target": "end"},
                {"label": "Unsure", "target": ""},
            ],
        )
        html = render(first, decision, last)
        assert '<b>An error:</b> <a href="#step-1">go back to step 1</a>' in html
        assert '<b>All explained:</b> <a href="#step-3">go to step 3</a>' in html
        assert "<b>Nothing to pay:</b> <span>the procedure ends here</span>" in html
        assert "<b>Unsure:</b> <span>go on with the next step</span>" in html

    def test_warnings_and_hold_points_stand_before_the_text_of_their_step(self):
        html = render(make_step(1, hold=True, warning="Call back first.", body="Pay the **invoice**."))
        assert html.index("Hold point.") < html.index("Call back first.") < html.index("<strong>invoice</strong>")

    def test_the_items_of_a_checklist_are_listed_as_text(self):
        html = render(make_step(1, kind="checklist", items=["Date < today", "Two **names**"]))
        assert "Date &lt; today</li>" in html
        assert "Two **names**</li>" in html

    def test_another_procedure_is_linked(self):
        html = render(make_step(1, kind="subprocedure", subprocedure="FIN-002"))
        assert '<a href="/procedures/FIN-002/" data-subprocedure>FIN-002</a>' in html

    def test_deadline_tool_record_and_proof_are_named(self):
        step = make_step(
            1, due={"after": 2, "unit": "working_days"}, tool="Ledger", record="Payment list",
            evidence="file", evidence_name="YYYY-MM-bank.pdf",
        )  # fmt: skip
        html = " ".join(render(step).split())
        for name, value in (
            ("Done within", "2 working days from the start"),
            ("With", "Ledger"),
            ("Record or form", "Payment list"),
            ("Proof", "A file, named YYYY-MM-bank.pdf"),
        ):
            assert f"<dt>{name}</dt><dd>{value}</dd>" in html
        assert "step-facts" not in render(make_step(1))

    def test_sections_are_headings_and_numbers_run_on(self):
        steps = [make_step(1), make_step(2, section="Pay"), make_step(3, section="Pay"), make_step(4, section="File")]
        html = render(*steps)
        headings = [html.index(f"<h2>{title}</h2>") for title in ("Steps", "Pay", "File")]
        assert headings == sorted(headings)
        assert '<ol class="steps" start="2">' in html
        assert '<ol class="steps" start="4">' in html


class TestParts:
    def test_the_role_of_a_step_is_responsible_without_a_letter(self):
        html = render(
            make_step(1, role=PAYROLL, responsibilities=[{"role": MANAGER, "letter": "C"}]),
            responsibilities=[{"role": MANAGER, "letter": "A"}],
        )
        table = html[html.index('<table class="table raci"') :]
        head, whole, step = table.split("<tr>")[1:4]
        assert head.index("Finance manager") < head.index("Payroll clerk")
        assert whole.count("<abbr") == 1 and ">A</abbr>" in whole
        assert step.index(">C</abbr>") < step.index(">R</abbr>")

    def test_each_cell_of_the_table_says_its_role_where_it_is_shown(self):
        """Narrow pages show no heads of columns. Texts that were stored long ago get it as well."""
        manager = {**MANAGER, "name": 'Head of "Pay" & more'}
        html = render(
            make_step(1, role=PAYROLL, responsibilities=[{"role": manager, "letter": "C"}]),
            make_step(2, role=PAYROLL),
        )
        assert "data-label" not in html
        labelled = with_role_labels(html)
        named = 'data-label="Head of &quot;Pay&quot; &amp; more"'
        first, second = labelled[labelled.index("raci") :].split("<tr>")[-2:]
        assert f'<td {named}><abbr title="Consulted: is asked before">C</abbr></td>' in first
        assert f"<td {named}></td>" in second
        assert all(f'<td data-label="{PAYROLL["name"]}"><abbr' in row for row in (first, second))
        assert with_role_labels(render(make_step(1))) == render(make_step(1))

    def test_one_role_without_letters_needs_no_table(self):
        assert "raci" not in render(make_step(1, role=PAYROLL), make_step(2, role=PAYROLL))

    def test_benchmarks_are_written_as_the_language_writes_numbers(self):
        benchmarks = [{"name": "Errors", "unit": "%", "target": "0.5", "direction": "at_most"}]
        assert "0.5\N{NO-BREAK SPACE}%" in render(benchmarks=benchmarks)
        assert "0,5\N{NO-BREAK SPACE}%" in render(benchmarks=benchmarks, language="fr")

    def test_empty_parts_leave_no_heading(self):
        assert "<h2>" not in render()

    def test_pictures_come_from_where_media_says(self):
        html = render(
            make_step(1, body="![The lock](media:abc)"), media=lambda key: f"/procedures/FIN-014/7/files/{key}/"
        )
        assert '<img alt="The lock" src="/procedures/FIN-014/7/files/abc/"' in html


class TestLanguage:
    def test_labels_are_in_the_language_of_the_document_whoever_reads(self):
        with translation.override("fr"):
            assert "You should see" in render(make_step(1, expected="Zero errors."))

    def test_a_language_that_we_do_not_speak_gets_english_labels(self):
        with translation.override("fr"):
            assert "You should see" in render(make_step(1, expected="0 エラー"), language="ja")


@pytest.mark.parametrize(
    "field",
    ["purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references", "contact"],
)
def test_hostile_text_of_the_document_stays_text(field):
    assert_harmless(render(**{field: HOSTILE}))


@pytest.mark.parametrize("field", ["title", "body", "expected", "warning", "section"])
def test_hostile_text_of_a_step_stays_text(field):
    assert_harmless(render(make_step(1, **{field: HOSTILE})))


def test_hostile_names_stay_text():
    role = {"id": 5, "name": HOSTILE}
    step = make_step(1, role=role, kind="decision", branches=[{"label": HOSTILE, "target": "end"}])
    html = render(
        step,
        make_step(2, role=PAYROLL),
        tools=[{"name": HOSTILE, "note": HOSTILE}],
        records=[{"name": HOSTILE, "place": HOSTILE, "kept": HOSTILE}],
        benchmarks=[{"name": HOSTILE, "unit": HOSTILE, "target": "1", "direction": "at_least"}],
        responsibilities=[{"role": role, "letter": "A"}],
    )
    assert_harmless(html)


def assert_harmless(html: str) -> None:
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{{ settings.SECRET_KEY }}" in html  # shown, not run


def test_the_contents_name_what_the_document_has():
    content = make_content(
        make_step(1), make_step(2, section="Pay"), purpose="Pay.", contact="Desk", tools=[{"name": "Bank", "note": ""}]
    )
    html = render_document(content, media=no_media)
    entries = contents_of(content)
    assert [entry.title for entry in entries] == [
        "Purpose", "Tools and systems", "Step title 1", "Pay", "Step title 2", "Contact",
    ]  # fmt: skip
    assert all(f'id="{entry.anchor}"' in html for entry in entries)


@pytest.mark.django_db
class TestStoredDocument:
    def show(self, revision) -> str:
        return Template("{% load procedures %}{% stored_document revision %}").render(Context({"revision": revision}))

    def test_prints_what_was_stored_and_finds_todays_icons(self, firm):
        revision = make_revision(firm)
        html = self.show(revision)
        assert '<use href="/static/icons.svg#person"/>' in html
        assert html.replace("/static/icons.svg", "sopdesk:icons.svg") == revision.rendered

    def test_a_draft_is_shown_as_it_is_now(self, firm):
        assert "Lock the time sheets" in self.show(make_draft(firm))

    def test_what_an_older_sanitiser_let_through_is_made_again(self, firm):
        revision = make_revision(firm)
        revision.rendered, revision.sanitiser_version = "<script>alert(1)</script>", 0
        html = self.show(revision)
        assert "<script" not in html
        assert "Lock the time sheets" in html
