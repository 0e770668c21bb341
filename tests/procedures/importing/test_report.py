from procedures.importing.document import COUNTED, LossReport, Note
from tests.procedures.importing.reading import read

NOTHING = dict.fromkeys(COUNTED, 0)


def test_counts_of_what_went_in_and_what_was_kept():
    procedure = read("""
        # Lock up

        ## Steps

        1. Close the [door](https://x.y).
           - gently
        2. Turn `key`.

           | a | b |
           |---|---|
           | 1 | 2 |

        ![Key](key.png)
        """)
    report = procedure.report
    assert report.counts_in == {
        "headings": 2,
        "list items": 3,
        "ordered items": 2,
        "checkboxes": 0,
        "tables": 1,
        "images": 1,
        "links": 1,
        "code blocks": 0,
        "words": 14,
    }
    assert {key: report.counts_out[key] for key in COUNTED} == report.counts_in
    assert report.lossless
    assert report.summary_line() == (
        "lossless: 2/2 headings, 3/3 list items, 2/2 ordered items, 1/1 tables, 1/1 images, 1/1 links, 14/14 words"
        " (1 unresolved)"
    )


def test_report_is_not_lossless_when_a_word_a_part_or_something_visible_is_gone():
    assert LossReport(NOTHING, NOTHING, NOTHING).lossless
    assert not LossReport(NOTHING, NOTHING, NOTHING, missing_words=("door",)).lossless
    assert not LossReport({**NOTHING, "tables": 1}, NOTHING, NOTHING).lossless
    assert not LossReport(NOTHING, NOTHING, NOTHING, dropped=(Note(1, "<script>", "Not imported."),)).lossless


def test_what_was_dropped_on_purpose_is_no_loss():
    report = LossReport(
        {**NOTHING, "links": 2},
        NOTHING,
        {**NOTHING, "links": 2},
        dropped=(Note(3, "table of contents", "Made anew.", loss=False),),
    )
    assert report.lossless
    assert report.summary_line() == "lossless: nothing to count (1 dropped)"


def test_lines_count_from_the_top_of_the_file():
    procedure = read("---\ntitle: A\n---\n\n# A\n\n<!-- seen\nby nobody -->\n\n1. See [b](b.md).\n")
    assert [note.line for note in procedure.report.dropped] == [7]
    assert [note.line for note in procedure.report.unresolved] == [10]
    assert procedure.steps[0].line == 10
