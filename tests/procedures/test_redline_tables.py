"""Tables in a redline."""

from django.template.loader import render_to_string

from procedures.redline.tables import Block, blocks, blocks_without
from procedures.redline.words import ADDED, REMOVED, SAME, Run, redline

RATES = "Use these rates:\n\n| Country | Rate |\n| --- | --- |\n| France | 20 % |\n| Spain | 21 % |\n\nThen save."


def compared(old: str, new: str) -> list[Block]:
    return blocks(redline(old, new))


def cells(row) -> list[str]:
    """Each cell with its runs as they would be read: -removed-, +added+."""
    signs = {SAME: "", REMOVED: "-", ADDED: "+"}
    return ["".join(f"{signs[run.kind]}{run.words}{signs[run.kind]}" for run in cell) for cell in row]


def table_of(found: list[Block]) -> list[list[str]]:
    return next([cells(row) for row in block.rows] for block in found if block.rows)


def test_a_changed_cell_is_marked_and_the_table_stays_one():
    before, table, after = compared(RATES, RATES.replace("21 %", "22 %"))

    assert before == Block(words=[Run(SAME, "Use these rates:")])
    assert [cells(row) for row in table.rows] == [["Country", "Rate"], ["France", "20 %"], ["Spain", "-21-+22+ %"]]
    assert after == Block(words=[Run(SAME, "Then save.")])


def test_rows_that_come_and_go_are_marked_as_a_whole():
    new = RATES.replace("| France | 20 % |\n", "").replace("| Spain | 21 % |", "| Spain | 21 % |\n| Italy | 22 % |")

    assert table_of(compared(RATES, new)) == [
        ["Country", "Rate"], ["-France-", "-20 %-"], ["Spain", "21 %"], ["+Italy+", "+22 %+"],
    ]  # fmt: skip


def test_rows_with_the_same_first_cell_are_the_same_row():
    new = RATES.replace("| France | 20 % |\n| Spain | 21 % |", "| Spain | 4 % |\n| Chad | 1 % |\n| Mali | 2 % |")

    assert table_of(compared(RATES, new)) == [
        ["Country", "Rate"], ["-France-", "-20 %-"], ["Spain", "-21-+4+ %"], ["+Chad+", "+1 %+"], ["+Mali+", "+2 %+"],
    ]  # fmt: skip


def test_a_new_column_leaves_the_others_as_they_are():
    new = "| Country | Rate | Since |\n| --- | --- | --- |\n| France | 20 % | 2014 |\n| Spain | 21 % | 2012 |"
    old = "| Country | Rate |\n| --- | --- |\n| France | 20 % |\n| Spain | 21 % |"

    assert table_of(compared(old, new)) == [
        ["Country", "Rate", "+Since+"], ["France", "20 %", "+2014+"], ["Spain", "21 %", "+2012+"],
    ]  # fmt: skip


def test_a_table_that_is_added_or_removed_is_a_table():
    bare = "Use these rates:\n\nThen save."

    assert table_of(compared(bare, RATES))[1] == ["+France+", "+20 %+"]
    assert table_of(compared(RATES, bare))[1] == ["-France-", "-20 %-"]


def test_each_side_has_its_own_rows_and_cells():
    found = compared(RATES, RATES.replace("| Spain | 21 % |", "| Spain | 22 % |\n| Italy | 4 % |"))

    assert table_of(blocks_without(ADDED, found)) == [["Country", "Rate"], ["France", "20 %"], ["Spain", "-21- %"]]
    assert table_of(blocks_without(REMOVED, found)) == [
        ["Country", "Rate"], ["France", "20 %"], ["Spain", "+22+ %"], ["+Italy+", "+4 %+"],
    ]  # fmt: skip


def test_a_text_without_tables_stays_as_it_is():
    for old, new in (("Pay by cash.", "Pay by card."), ("a | b", "a | c"), ("", "new"), ("| a |", "| b |")):
        runs = redline(old, new)
        assert compared(old, new) == [Block(words=runs)]
    assert compared("", "") == []


def test_nothing_of_either_text_is_lost():
    texts = [
        RATES,
        RATES.replace("Spain", "Portugal"),
        "Before.\n\n" + RATES,
        RATES[17:],
        "No table.",
        RATES + "\n" + RATES,
    ]
    for old in texts:
        for new in texts:
            found = compared(old, new)
            for kind, text in ((ADDED, old), (REMOVED, new)):
                said = ""
                for block in blocks_without(kind, found):
                    said += "".join(run.words for run in block.words)
                    said += "".join(run.words for row in block.rows for cell in row for run in cell)
                assert letters(said) == letters(text), (old, new)


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def test_it_is_shown_as_a_table_that_the_keyboard_reaches_and_nothing_in_it_is_markup():
    found = compared(RATES, RATES.replace("21 %", "<script>22</script> %"))
    html = render_to_string("procedures/_redlined.html", {"blocks": found})

    assert '<div class="scroll-x" role="group" tabindex="0" aria-label="Table"><table' in html
    assert html.count('<th scope="col">') == 2
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert not html.endswith("\n"), "it would be shown"
