from tests.procedures.importing.reading import read


def test_lists_and_maps_become_text_and_values_stay_as_typed():
    procedure = read("""
        ---
        title: Close the month
        version: 1.10
        owner: Head of accounting
        keywords: [closing, month]
        contact:
          mail: books@example.com
          phone: 12
        ---
        Text.
        """)
    assert procedure.metadata == {"version": "1.10", "owner": "Head of accounting", "tags": "closing, month"}
    assert procedure.other_metadata == {"contact": "mail: books@example.com; phone: 12"}


def test_block_that_is_closed_but_never_opened_is_read():
    procedure = read("""
        id: "leave"
        name: "Say goodbye"
        cron: "0 0 1 * *"
        ---

        - [ ] Collect the badge
        """)
    assert procedure.title == "Say goodbye"
    assert procedure.other_metadata["cron"] == "0 0 1 * *"
    assert [note.what for note in procedure.report.notes] == ["front matter"]
    assert [(step.title, step.source) for step in procedure.steps] == [("Collect the badge", "checkbox")]


def test_rule_below_a_first_sentence_is_no_front_matter():
    procedure = read("Read this: it matters.\n\nMore text follows here.\n\n---\n\n1. Go.\n")
    assert procedure.metadata == {}
    assert procedure.report.lossless


def test_broken_block_is_kept_as_text_and_noted():
    procedure = read("---\ntitle: [open\nowner: me\n---\n# Pay\n\nText.\n")
    assert procedure.title == "Pay"
    assert "title: [open" in procedure.background
    assert "cannot be read" in procedure.report.notes[0].why


def test_aliases_are_not_expanded():
    procedure = read("---\na: &a [x, x]\nb: [*a, *a]\n---\n# Pay\n\nText.\n")
    assert procedure.other_metadata == {}
    assert "aliases" in procedure.report.notes[0].why


def test_history_kept_as_a_list_is_read():
    procedure = read("""
        ---
        name: Incidents
        majorRevisions:
          - date: Jun 1 2020
            comment: First version
        ---
        Text.
        """)
    assert procedure.history == ({"date": "Jun 1 2020", "change": "First version"},)


def test_description_sums_up_and_the_opening_paragraph_is_kept():
    procedure = read("""
        ---
        title: Count the stock
        description: How the stock is counted at the end of a quarter.
        ---
        Bring a scanner and a second person to the warehouse.
        """)
    assert procedure.summary == "How the stock is counted at the end of a quarter."
    assert procedure.background == "Bring a scanner and a second person to the warehouse."
