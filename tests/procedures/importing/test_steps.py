import pytest

from procedures.importing.document import MAX_STEP_BODY, MAX_STEP_TITLE
from tests.procedures.importing.reading import read, titles


def test_every_list_at_top_level_gives_steps_under_its_heading():
    procedure = read("""
        # Month end

        ## Post the entries

        1. Open the journal.
        2. Post it.

        ## Print the report

        1. Choose the month.
        """)
    assert titles(procedure) == ["Open the journal.", "Post it.", "Choose the month."]
    assert [step.section for step in procedure.steps] == ["Post the entries", "Post the entries", "Print the report"]
    assert [step.line for step in procedure.steps] == [5, 6, 10]


@pytest.mark.parametrize(
    "between",
    [
        "```sh\nmake backup\n```",
        "![The screen](screen.png)",
        "> [!NOTE]\n> It takes a minute.",
        "A sentence in between.",
    ],
)
def test_numbering_goes_on_after_an_interruption(between):
    procedure = read(f"# Back up\n\n1. Log in.\n2. Start it.\n\n{between}\n\n3. Log out.\n")
    assert titles(procedure) == ["Log in.", "Start it.", "Log out."]
    assert procedure.steps[1].body
    assert procedure.steps[2].body == ""
    assert procedure.report.lossless


def test_sentence_before_a_list_that_starts_anew_opens_that_list():
    procedure = read("# Lock\n\n1. Close.\n2. Turn.\n\nOn Fridays, also do this:\n\n1. Set the alarm.\n")
    assert procedure.steps[1].body == ""
    assert procedure.steps[2].body == "On Fridays, also do this:"


def test_code_between_lists_of_one_entry_belongs_to_the_entry_before():
    procedure = read("# Deploy\n\n1. Build it.\n\n```\nmake\n```\n\n1. Ship it.\n\n```\nmake ship\n```\n")
    assert titles(procedure) == ["Build it.", "Ship it."]
    assert [step.body for step in procedure.steps] == ["```\nmake\n```", "```\nmake ship\n```"]


def test_one_on_every_line_keeps_the_order():
    assert titles(read("# Tea\n\n1. Boil water.\n1. Pour it.\n1. Wait.\n")) == ["Boil water.", "Pour it.", "Wait."]


def test_typed_numbers_are_stripped_from_headings():
    procedure = read("""
        # How to change a tyre

        ## 1. Loosen the nuts

        Half a turn.

        ## 2) Lift the car

        ## 3 – Swap the wheel

        Mind your back.
        """)
    assert titles(procedure) == ["Loosen the nuts", "Lift the car", "Swap the wheel"]
    assert {step.source for step in procedure.steps} == {"heading"}


@pytest.mark.parametrize("word", ["Step", "Étape", "Stap", "Passo"])
def test_heading_per_step_keeps_everything_below_it(word):
    procedure = read(f"""
        # Restore

        ### {word} 1: Choose a copy

        Take the newest.

        #### Where to look

        - On the shelf

        ### {word} 2: Load it

        ![Screen](load.png)
        """)
    assert titles(procedure) == ["Choose a copy", "Load it"]
    assert procedure.steps[0].body == "Take the newest.\n\n#### Where to look\n\n- On the shelf"
    assert procedure.report.lossless


def test_three_headings_that_tell_what_to_do_are_steps():
    english = read("# Badge\n\n## Fill in the form\n\nA.\n\n## Send it\n\nB.\n\n## Wait for the answer\n\nC.\n")
    assert titles(english) == ["Fill in the form", "Send it", "Wait for the answer"]
    french = read(
        "# Le badge\n\n## Remplir le formulaire\n\nIl est sur la page.\n\n## Envoyer la demande\n\nPar courriel."
        "\n\n## Attendre la réponse\n\nDans les deux jours pour une demande qui est complète.\n"
    )
    assert titles(french) == ["Remplir le formulaire", "Envoyer la demande", "Attendre la réponse"]


def test_headings_over_lists_are_chapters_and_not_steps():
    procedure = read("""
        # Clone

        ## 1. Create the copy

        1. Open the page.
        2. Press “copy”.

        ## 2. Name the copy

        1. Type a name.
        2. Save.
        """)
    assert titles(procedure) == ["Open the page.", "Press “copy”.", "Type a name.", "Save."]
    assert procedure.steps[2].section == "Name the copy"


def test_numbered_chapters_of_a_policy_are_no_steps():
    procedure = read("""
        # Clean desk policy

        ## 1. Purpose

        No paper left behind.

        ## 2. Rules for paper

        Paper is locked away.

        ## 3. Rules for screens

        Screens are locked.
        """)
    assert procedure.steps == ()
    assert procedure.purpose == "No paper left behind."
    assert "## 2. Rules for paper" in procedure.background


def test_prose_and_bullets_give_no_steps():
    procedure = read("""
        # Good manners

        We value a friendly tone.

        ## On the telephone

        - Say your name
        - Be brief

        ## In meetings

        People come prepared.
        """)
    assert procedure.steps == ()
    assert "- Say your name" in procedure.background
    assert procedure.report.lossless


def test_checkboxes_are_steps_and_nested_ones_stay_in_the_body():
    procedure = read("""
        # Leaver

        - [ ] Close the account
            - [x] mail *(critical)*
              - [ ] archive
        - [ ] Collect the badge
        """)
    assert titles(procedure) == ["Close the account", "Collect the badge"]
    assert procedure.steps[0].body == "- [x] mail *(critical)*\n    - [ ] archive"
    assert procedure.report.counts_in["checkboxes"] == procedure.report.counts_out["checkboxes"] == 4


def test_bullets_below_a_step_stay_in_its_body_to_any_depth():
    procedure = read("# Mix\n\n1. Weigh:\n   - salt\n     - fine\n       - 2 g\n   - water\n2. Stir.\n")
    assert procedure.steps[0].body == "- salt\n    - fine\n        - 2 g\n- water"


def test_code_in_a_step_is_kept_as_code():
    procedure = read("# Mix\n\n1. Run\n\n   ```sh\n   # not a heading\n   make  all\n   ```\n")
    assert procedure.steps[0].body == "```sh\n# not a heading\nmake  all\n```"


def test_entries_lettered_by_hand_become_bullets_below_their_step():
    procedure = read(
        "# Spin\n\n1. Load the tubes.\n   a. Balance them.\n      i. Use water.\n   b. Close the lid.\n2. Start.\n"
    )
    assert procedure.steps[0].body == "- a. Balance them.\n    - i. Use water.\n- b. Close the lid."
    assert procedure.report.lossless


def test_lettered_paragraphs_of_a_procedure_are_steps():
    procedure = read("# Fire\n\n## Procedure\n\na. Sound the alarm.\n\na. Leave the house.\n\n    i. Use the stairs.\n")
    assert [(step.title, step.source) for step in procedure.steps] == [
        ("Sound the alarm.", "typed"),
        ("Leave the house.", "typed"),
    ]
    assert procedure.steps[1].body == "- i. Use the stairs."
    assert procedure.report.lossless


def test_numbers_typed_before_paragraphs_are_steps():
    procedure = read(
        "# Fire\n\n**Step 1:** Sound the alarm.\n\nIt is red.\n\n**Step 2:** Leave.\n\n**Step 3:** Count heads.\n"
    )
    assert titles(procedure) == ["Sound the alarm.", "Leave.", "Count heads."]
    assert procedure.steps[0].body == "It is red."


@pytest.mark.parametrize(
    "text",
    [
        "1- Sound the alarm.\n2- Leave the house.",
        "- Step 1: Sound the alarm.\n- Step 2: Leave the house.",
        "1.1 Sound the alarm.\n\n1.2 Leave the house.",
        "**1. Sound the alarm.**\n\n**2. Leave the house.**",
    ],
)
def test_ways_to_type_a_number(text):
    procedure = read(f"# Fire\n\n{text}\n")
    assert titles(procedure) == ["Sound the alarm.", "Leave the house."]
    assert {step.source for step in procedure.steps} == {"typed"}
    assert procedure.report.lossless


def test_rows_of_a_step_table_are_steps_with_role_result_and_warning():
    procedure = read("""
        # Start the pump

        ## Procedure

        | No. | Action | Responsible | Expected result | Caution | Form |
        | --- | --- | --- | --- | --- | --- |
        | 1 | Open the [valve](v.md) | Operator | It hisses | Hot | F-1 |
        | 2 | Press start | Operator | The lamp is on | | |
        """)
    first, second = procedure.steps
    assert (first.title, first.role, first.expected, first.warning) == (
        "Open the valve",
        "Operator",
        "It hisses",
        "Hot",
    )
    assert first.body == "[valve](v.md)\n\n**Form:** F-1"
    assert (second.title, second.source, second.line) == ("Press start", "table", 8)
    assert procedure.report.lossless


def test_role_and_result_are_taken_from_lines_that_name_them():
    procedure = read("""
        # Pay

        1. Release the payment.

           Responsible: Treasurer

           **Expected result:** The bank confirms.
        """)
    step = procedure.steps[0]
    assert (step.role, step.expected, step.body) == ("Treasurer", "The bank confirms.", "")


@pytest.mark.parametrize(
    ("text", "role", "title"),
    [
        ("**Payroll clerk:** collect the sheets.", "Payroll clerk", "collect the sheets."),
        ("**Head of the quality team** – sign it.", "Head of the quality team", "sign it."),
        ("Responsable achats : valider la commande.", "Responsable achats", "valider la commande."),
        ("**For all managers:** sign it.", "", "For all managers"),
        ("Important detail: sign it.", "", "Important detail: sign it."),
    ],
)
def test_role_that_opens_a_step_is_read(text, role, title):
    step = read(f"# Pay\n\n1. {text}\n").steps[0]
    assert (step.role, step.title) == (role, title)


def test_role_of_a_small_table_below_a_step_heading_is_read():
    procedure = read("""
        # Appeal

        ## 1. Procedure

        ### 1.1 Send the file

        | Step | When | Who |
        | --- | --- | --- |
        | 1 | At once | Clerk |

        Send it.

        ### 1.2 Wait for it

        Ten days.
        """)
    assert [(step.title, step.role) for step in procedure.steps] == [("Send the file", "Clerk"), ("Wait for it", "")]
    assert "At once" in procedure.steps[0].body


def test_long_paragraph_is_cut_after_its_first_sentence_and_noted():
    rest = (
        "It takes a while, because the server first looks at every line of the file and then at all of them again. " * 3
    )
    procedure = read(f"# Load\n\n1. Load the file (e.g. prices.csv). {rest}\n")
    assert procedure.steps[0].title == "Load the file (e.g. prices.csv)."
    assert procedure.steps[0].body == rest.strip()
    assert procedure.report.notes[0].what == "long step"


def test_first_sentence_over_the_limit_is_shortened_and_kept_whole_in_the_body():
    sentence = "Check " + "the next and " * 30 + "the last one."
    procedure = read(f"# Check\n\n1. {sentence}\n")
    assert len(procedure.steps[0].title) <= MAX_STEP_TITLE
    assert procedure.steps[0].title.endswith("…")
    assert procedure.steps[0].body == sentence


def test_body_over_the_limit_goes_on_in_a_further_step():
    text = "\n\n".join(f"Paragraph {number} says something." for number in range(1000))
    procedure = read(f"# Long\n\n## Step 1: Read\n\n{text}\n\n## Step 2: Rest\n\nSit.\n")
    assert titles(procedure) == ["Read", "Read (…)", "Rest"]
    assert all(len(step.body) <= MAX_STEP_BODY for step in procedure.steps)
    assert not procedure.report.missing_words


def test_bold_lead_in_is_the_title_and_the_rest_the_text():
    procedure = read("# Move\n\n1. **Pack the boxes**: glass first, books last.\n")
    assert (procedure.steps[0].title, procedure.steps[0].body) == ("Pack the boxes", "glass first, books last.")


def test_links_of_a_title_are_kept_below_it():
    procedure = read("# Move\n\n1. Fill in the [form](https://example.com/f) and `send` it.\n")
    assert procedure.steps[0].title == "Fill in the form and send it."
    assert procedure.steps[0].body == "[form](https://example.com/f)"
    assert procedure.report.lossless


def test_entry_without_a_sentence_is_named_by_what_it_shows():
    procedure = read("# Show\n\n1. ```\n   make all\n   ```\n2. ![The red lamp](lamp.png)\n3.\n")
    assert titles(procedure) == ["make all", "The red lamp"]
    assert [note.what for note in procedure.report.notes] == ["empty entry"]


def test_lists_beside_a_procedure_section_stay_text_and_are_noted():
    procedure = read("""
        # Ticket

        ## Kinds of tickets

        1. Small ones
        2. Big ones

        ## Procedure

        1. Open the ticket.
        2. Answer it.
        3. Close it.
        """)
    assert titles(procedure) == ["Open the ticket.", "Answer it.", "Close it."]
    assert "1. Small ones" in procedure.background
    assert procedure.report.notes[0].what == "numbered entries under “Kinds of tickets”"
    assert procedure.report.lossless


def test_lists_in_an_appendix_count_only_when_there_are_no_others():
    aside = "## Troubleshooting\n\n1. Switch it off.\n2. Switch it on.\n"
    assert titles(read(f"# Printer\n\n{aside}")) == ["Switch it off.", "Switch it on."]
    assert titles(read(f"# Printer\n\n## Printing\n\n1. Press print.\n2. Wait.\n\n{aside}")) == [
        "Press print.",
        "Wait.",
    ]


def test_template_inside_a_code_block_is_content():
    procedure = read("# Plan an event\n\nCopy this:\n\n```\n## Name\n1. Do this\n- [ ] Check\n| a | b |\n```\n")
    assert procedure.steps == ()
    assert "## Name\n1. Do this" in procedure.background
    assert procedure.report.counts_in["headings"] == 1


def test_very_long_document_is_read_whole():
    text = "".join(f"## Section {number}\n\n1. Open it.\n2. Close it.\n\n" for number in range(300))
    procedure = read(f"# Long\n\n{text}")
    assert len(procedure.steps) == 600
    assert procedure.report.lossless
