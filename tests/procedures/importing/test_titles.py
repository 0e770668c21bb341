from tests.procedures.importing.reading import read


def test_title_of_the_front_matter_comes_first():
    procedure = read("""
        ---
        title: Pay a supplier
        ---
        # Paying suppliers

        Text.
        """)
    assert (procedure.title, procedure.title_from) == ("Pay a supplier", "front matter")
    assert procedure.other_metadata["heading"] == "Paying suppliers"
    assert procedure.report.lossless


def test_heading_comes_before_bold_line_and_file_name():
    procedure = read("**Finance**\n\n# Pay a supplier\n\nText.", filename="fin-3.md")
    assert (procedure.title, procedure.title_from) == ("Pay a supplier", "heading")


def test_first_of_several_chapters_is_no_title():
    procedure = read("# 1. Purpose\n\nSafe trips.\n\n# 2. Booking\n\nUse the agency.\n", filename="travel.md")
    assert (procedure.title, procedure.title_from) == ("Travel", "file name")
    assert procedure.purpose == "Safe trips."


def test_first_bold_line_serves_as_title():
    procedure = read("**Pay a supplier**\n\nText of it.\n\n## Steps\n\n1. Pay.\n", filename="fin-3.md")
    assert (procedure.title, procedure.title_from) == ("Pay a supplier", "bold line")


def test_lone_heading_of_a_lower_level_serves_as_title():
    procedure = read("## Request a badge\n\nText.\n\n### References\n\n- Badge rules\n")
    assert (procedure.title, procedure.title_from) == ("Request a badge", "heading")
    assert procedure.references == "- Badge rules"


def test_file_name_is_the_last_resort():
    procedure = read("Only a sentence.\n", filename="pay_a-supplier.md")
    assert (procedure.title, procedure.title_from) == ("Pay a supplier", "file name")


def test_document_without_any_heading_keeps_its_sentence():
    procedure = read("Call the duty manager before you touch anything.\n", filename="alarm.md")
    assert procedure.summary == "Call the duty manager before you touch anything."
    assert procedure.steps == ()


def test_template_for_issues_is_named_by_its_name():
    procedure = read("""
        ---
        name: New colleague
        about: What to do when somebody joins
        title: 'Joining: NAME'
        ---
        - [ ] Order a laptop
        """)
    assert procedure.title == "New colleague"
    assert procedure.metadata["description"] == "What to do when somebody joins"


def test_code_before_the_title_is_parted_from_it():
    procedure = read("# FIN-003: Pay a supplier\n\nText.\n")
    assert (procedure.code, procedure.title) == ("FIN-003", "Pay a supplier")
    assert procedure.report.lossless


def test_setext_heading_and_rule_below_a_heading_are_understood():
    procedure = read(
        "Pay a supplier\n==============\n\nBefore you start\n----------------\n\nHave the invoice at hand.\n"
    )
    assert procedure.title == "Pay a supplier"
    assert procedure.prerequisites == "Have the invoice at hand."
    assert read("# Pay a supplier\n=====\n\nSome text that explains it.\n").background == ""


def test_anchor_and_attributes_do_not_show_in_headings():
    procedure = read("""
        # <a name="pay"></a>Pay a supplier {#pay .big}

        See [how to pay](#pay) and [how to check](#nowhere) before the month ends.
        """)
    assert procedure.title == "Pay a supplier"
    assert [note.what for note in procedure.report.unresolved] == ["#nowhere"]
    assert procedure.report.lossless


def test_emoji_stays_in_a_heading_and_does_not_hide_its_meaning():
    procedure = read(
        "# 🚀 Start the press\n\nText.\n\n## 🎯 Purpose\n\nFewer stops.\n\n## ✅ Steps\n\n1. Press start.\n"
    )
    assert procedure.title == "🚀 Start the press"
    assert procedure.purpose == "Fewer stops."
    assert [step.section for step in procedure.steps] == [""]


def test_language_is_that_of_the_commonest_words_unless_stated():
    french = "# Clôture\n\nPour clore le mois, ouvrez la page et validez les journaux qui sont dans la liste.\n"
    assert read(french).language == "fr"
    assert (
        read("# Werkwijze\n\nZet de meter aan en noteer de waarde van het water op het formulier.\n").language == "nl"
    )
    assert read("# Acesso\n\nEnvie um e-mail para a equipe com os dados que não estão no cadastro.\n").language == "pt"
    assert (
        read("# Closing\n\nOpen the page of the entries and post the journals that are in the list.\n").language == "en"
    )
    assert read(f"---\nlang: en-GB\n---\n{french}").language == "en"
