import pytest

from procedures.importing.vocabulary import section_kind
from tests.procedures.importing.reading import read


@pytest.mark.parametrize(
    ("field", "headings"),
    [
        (
            "purpose",
            ["Purpose", "4. Purpose", "Objectives", "Purpose and scope", "Objet", "Objectifs", "Doel", "Objetivo"],
        ),
        (
            "scope",
            ["Scope", "Applicability", "Champ d’application", "Domaine d'application", "Toepassingsgebied", "Escopo"],
        ),
        ("prerequisites", ["Prerequisites", "Before you start", "What you need", "Prérequis", "Avant de commencer"]),
        ("definitions", ["Definitions", "Glossary of terms", "Acronyms and abbreviations", "Définitions", "Glossário"]),
        ("tools", ["Tools", "Materials and equipment", "Kit required (see below)", "Outils", "Matériel nécessaire"]),
        ("records", ["Records", "Records and retention", "Enregistrements", "Registratie en bewaring", "Registros"]),
        ("references", ["References", "Related documents", "See also", "Références", "Zie ook", "Referências"]),
        ("roles", ["Roles", "Roles & responsibilities", "Rôles et responsabilités", "Verantwoordelijkheden"]),
        ("history", ["Document history", "Revision history", "Change log", "Historique des révisions", "Histórico"]),
        (
            "procedure",
            ["Procedure", "8. Procedure", "Steps", "Étapes", "Mode opératoire", "Werkwijze", "Passo a passo"],
        ),
    ],
)
def test_heading_is_recognised(field, headings):
    assert {heading: section_kind(heading) for heading in headings} == dict.fromkeys(headings, field)


@pytest.mark.parametrize(
    "heading", ["What are my roles in this house?", "Scoping the market", "Tooling up the west wing"]
)
def test_heading_with_a_similar_word_is_not(heading):
    assert section_kind(heading) == ""


def test_sections_go_to_their_fields_and_remember_their_heading():
    procedure = read("""
        # Virer un salaire

        ## 1. Objet

        Payer à temps.

        ## 2. Champ d'application

        Tous les salariés.

        ## 3. Prérequis

        1. Un compte
        2. Un mandat

        ## 4. Étapes

        1. Ouvrir la paie.
        2. Valider.

        ## 5. Enregistrements

        - Le journal
        """)
    assert procedure.purpose == "Payer à temps."
    assert procedure.scope == "Tous les salariés."
    assert procedure.prerequisites == "1. Un compte\n2. Un mandat"
    assert procedure.records == "- Le journal"
    assert [step.title for step in procedure.steps] == ["Ouvrir la paie.", "Valider."]
    assert procedure.found_under["scope"] == "2. Champ d'application"
    assert procedure.found_under["steps"] == "4. Étapes"
    assert "2 numbered entries" in {note.what for note in procedure.report.notes}
    assert procedure.report.lossless


def test_prose_without_a_field_is_kept_with_its_heading():
    procedure = read("# Kiln\n\nThe kiln fires clay at high heat.\n\n## Why two firings\n\nGlaze needs a second one.\n")
    assert procedure.summary == "The kiln fires clay at high heat."
    assert procedure.background == "## Why two firings\n\nGlaze needs a second one."


def test_section_of_one_field_inside_another_goes_to_its_own():
    procedure = read(
        "# Kiln\n\n## Before you start\n\nClean it.\n\n### Tools\n\n- Brush\n\n### The day before\n\nAir it.\n"
    )
    assert procedure.prerequisites == "Clean it.\n\n### The day before\n\nAir it."
    assert procedure.tools == "- Brush"


def test_introduction_of_a_section_stands_before_its_first_step():
    procedure = read("# Kiln\n\n## Fire it\n\nNever alone.\n\n1. Light it.\n2. Close it.\n\nTell the next shift.\n")
    assert procedure.steps[0].body == "Never alone."
    assert procedure.steps[1].body == "Tell the next shift."


def test_long_introduction_goes_to_the_background_under_its_heading():
    long = "Clay shrinks as it dries and again as it is fired. " * 40
    procedure = read(f"# Kiln\n\n## Fire it\n\n{long}\n\n1. Light it.\n")
    assert procedure.background.startswith("## Fire it\n\nClay shrinks")
    assert procedure.steps[0].body == ""


def test_table_of_metadata_becomes_fields_without_backticks():
    procedure = read("""
        # Veto a decision

        | Metadata | Value |
        | -- | -- |
        | SOP number | ``QA-SOP0007`` |
        | Version | ``v1`` |
        | Document owner | Quality |
        | Effective date | 2024-05-01 |
        | Node | |
        """)
    assert procedure.code == "QA-SOP0007"
    assert procedure.metadata == {
        "code": "QA-SOP0007",
        "version": "v1",
        "owner": "Quality",
        "effective date": "2024-05-01",
    }
    assert procedure.other_metadata == {"Node": ""}
    assert procedure.report.lossless


def test_lines_of_metadata_become_fields():
    procedure = read(
        "# Veto\n\n**Owner:** Quality\n**Version:** 2\n\n- Effective date: 1 May\n\nA decision may be vetoed once.\n"
    )
    assert procedure.metadata == {"owner": "Quality", "version": "2", "effective date": "1 May"}
    assert procedure.summary == "A decision may be vetoed once."


def test_table_of_prices_is_no_metadata():
    procedure = read("# Shop\n\n| Item | Price |\n| --- | --- |\n| Brush | 3 |\n| Version 2 brush | 4 |\n")
    assert procedure.metadata == {}
    assert "| Brush | 3 |" in procedure.background


def test_roles_are_read_from_tables_lists_and_headings():
    table = read(
        "# A\n\n## Roles\n\nWho does what.\n\n| Role | Name | Task |\n|--|--|--|\n| **Approver** | Ann | Decides |\n"
    )
    assert table.roles == (("Approver", "Name: Ann; Task: Decides"),)
    assert table.background == "## Roles\n\nWho does what."
    bullets = read("# A\n\n## Responsibilities\n\n- **Clerk**: files it\n- Manager: signs it\n")
    assert bullets.roles == (("Clerk", "files it"), ("Manager", "signs it"))
    headings = read("# A\n\n## Roles\n\n### 1. Liaison\n\nCalls the client.\n\n### 2. Writer\n\n- Writes\n- Edits\n")
    assert headings.roles == (("Liaison", "Calls the client."), ("Writer", "- Writes\n- Edits"))
    assert table.report.lossless and bullets.report.lossless and headings.report.lossless


def test_history_is_read_from_a_table():
    procedure = read("""
        # A

        ## Revision history

        | Version | Author(s) | Description of changes | Date | Ticket |
        |---|---|---|---|---|
        | ``1.1`` | Ann | New form | 2024.10.29 | T-9 |
        """)
    assert procedure.history == (
        {"version": "1.1", "author": "Ann", "change": "New form", "date": "2024.10.29", "Ticket": "T-9"},
    )
    assert procedure.background == ""
    assert procedure.report.lossless


def test_table_of_contents_is_left_out_and_hides_nothing():
    procedure = read("""
        # A

        ## Index

        1. [Purpose](#1-purpose)
        2. [Do it](#2-do-it)

        ### 1. Purpose

        To have it done.

        ### 2. Do it

        1. Begin.
        """)
    assert procedure.purpose == "To have it done."
    assert [step.title for step in procedure.steps] == ["Begin."]
    assert [(note.what, note.loss) for note in procedure.report.dropped] == [("table of contents", False)]
    assert procedure.report.lossless
