"""Naming rules: what an author may write, which names follow a rule, and what is said about those that do not."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures.standards.naming import check_name, compile_rule, naming_problems
from procedures.standards.problems import BadPart

INVOICE = [
    {"type": "date", "detail": "YYYYMMDD"},
    {"type": "separator", "detail": "_"},
    {"type": "value", "label": "Type", "detail": "INV, CRN, REM"},
    {"type": "separator", "detail": "_"},
    {"type": "text", "label": "Supplier", "detail": "letters 0-9 -", "min": 2, "max": 12},
    {"type": "separator", "detail": "_"},
    {"type": "number", "label": "Number", "min": 4, "max": 6},
    {"type": "extension", "detail": "pdf, xml"},
]


def rule(*rows: dict, examples=()):
    return compile_rule({"parts": list(rows or INVOICE), "examples": list(examples)})


# Names -------------------------------------------------------------------------------------------------------


def test_a_right_name_is_shown_part_by_part():
    check = check_name(rule(), "20260131_INV_Société-4_0042.pdf")
    assert check.ok
    pieces = {piece.label: piece.text for piece in check.pieces if piece.label != "Separator"}
    assert pieces == {
        "Date": "20260131", "Type": "INV", "Supplier": "Société-4", "Number": "0042", "Extension": ".pdf",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "position", "label", "words", "suggestion"),
    [
        ("2026-01-31_INV_ACME_0001.pdf", 5, "Date", "found “2026-01-31”", "20260131_INV_ACME_0001.pdf"),
        ("31.01.2026_INV_ACME_0001.pdf", 3, "Date", "found “31.01.2026”", "20260131_INV_ACME_0001.pdf"),
        ("20261331_INV_ACME_0001.pdf", 5, "Date", "there is no month 13", ""),
        ("20260230_INV_ACME_0001.pdf", 7, "Date", "this month has no day 30", ""),
        ("22110131_INV_ACME_0001.pdf", 1, "Date", "2211 is no likely year", ""),
        ("20260131_inv_ACME_0001.pdf", 10, "Type", "one of INV, CRN, REM, found “inv”", "20260131_INV_ACME_0001.pdf"),
        ("20260131-INV-ACME-0001.pdf", 9, "Separator", "“_”, found “-”", "20260131_INV_ACME_0001.pdf"),
        ("20260131 INV ACME 1.PDF", 9, "Separator", "found a space", "20260131_INV_ACME_0001.pdf"),
        ("20260131_INV_ACME Corp_0001.pdf", 18, "Supplier", "ACME Corp", "20260131_INV_ACME-Corp_0001.pdf"),
        ("20260131_INV_A_0001.pdf", 15, "Supplier", "1 more of", ""),
        ("20260131_INV__0001.pdf", 14, "Supplier", "nothing stands for Supplier", ""),
        ("20260131_INV_ACME_12.pdf", 21, "Number", "4 to 6 digits, found “12”", "20260131_INV_ACME_0012.pdf"),
        ("20260131_INV_ACME_0001.docx", 24, "Extension", "one of .pdf, .xml, found “.docx”", ""),
        ("20260131_INV_ACME_0001", 23, "Extension", "ends too early", ""),
        ("20260131_INV_ACME_0001.pdf.bak", 27, "", "should end here; “.bak” is too much", "20260131_INV_ACME_0001.pdf"),
    ],
)
def test_a_wrong_name_is_told_where_and_what(name, position, label, words, suggestion):
    check = check_name(rule(), name)
    assert not check.ok
    assert (check.position, check.label) == (position, label)
    assert words in check.message
    assert check.suggestion == suggestion
    assert check.before + check.after == name


def test_a_number_outside_its_range_is_told_so():
    months = rule({"type": "number", "label": "Month", "detail": "1-12", "min": 2, "max": 2})
    assert check_name(months, "12").ok
    assert "13 is not between 1 and 12" in check_name(months, "13").message
    assert "00 is not between" in check_name(months, "00").message


def test_a_name_in_decomposed_unicode_is_the_same_name():
    assert check_name(rule(), "20260131_INV_Socie\u0301te\u0301_0042.pdf").ok


def test_an_empty_and_an_endless_name_are_refused():
    assert "no name" in check_name(rule(), "").message
    assert "255 are possible" in check_name(rule(), "x" * 256).message


def test_text_that_holds_its_own_separator_is_read_in_every_way():
    greedy = rule(
        {"type": "text", "label": "Subject", "detail": "a-z -", "max": 60},
        {"type": "separator", "detail": "-"},
        {"type": "date", "detail": "YYYY-MM"},
    )
    check = check_name(greedy, "minutes-of-the-board-2026-01")
    assert check.ok
    assert [piece.text for piece in check.pieces] == ["minutes-of-the-board", "-", "2026-01"]


def test_patterns_that_explode_elsewhere_do_not_here():
    """Thirty parts that overlap in every way, and a name that fails at its very end."""
    rows = []
    for _turn in range(14):
        rows += [{"type": "text", "detail": "a-z 0-9 -", "min": 1, "max": 100}, {"type": "separator", "detail": "-"}]
    heavy = rule(*rows, {"type": "extension", "detail": "pdf"})
    before = datetime.datetime.now()
    assert not check_name(heavy, "a-" * 120 + "§").ok
    assert datetime.datetime.now() - before < datetime.timedelta(seconds=20), "it takes well under a second"


# Rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "no parts yet"),
        ([{"type": "regex", "detail": ".*"}], "Row 1: Choose what kind"),
        ([{"type": "separator", "detail": ""}], "Row 1: Write the separator"),
        ([{"type": "fixed", "detail": "a/b"}], "cannot hold"),
        ([{"type": "date", "detail": "D.M.Y"}], "no format for a date"),
        ([{"type": "text", "detail": "A-F"}], "no set of characters"),
        ([{"type": "text", "min": 9, "max": 3}], "smallest length is above"),
        ([{"type": "text", "max": 5000}], "from 1 to 100"),
        ([{"type": "number", "detail": "1–9"}], "two numbers with a dash"),
        ([{"type": "number", "detail": "9-1"}], "begins above its end"),
        ([{"type": "number", "detail": "1000-9999", "max": 2}], "fits into 2 digits"),
        ([{"type": "value", "detail": " , "}], "possible values"),
        ([{"type": "extension", "detail": "pdf"}, {"type": "fixed", "detail": "x"}], "extension comes last"),
        ([{"type": "text"}, {"type": "number"}], "Row 2: Text and Number run into each other"),
        ([{"type": "fixed", "detail": "x" * 61}], "is too long"),
        ([{"type": "fixed", "detail": "x"}] * 31, "at most 30 parts"),
        ([None, "x"], "Choose what kind"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_the_row(rows, words):
    with pytest.raises(BadPart) as refused:
        compile_rule({"parts": rows})
    assert words in str(refused.value)


def test_an_example_that_breaks_the_rule_is_a_problem():
    problems = naming_problems({"parts": INVOICE, "examples": ["20260131_INV_ACME_0001.pdf", "acme.pdf"]})
    assert [(problem.field, problem.row) for problem in problems] == [("examples", 2)]
    assert "“acme.pdf” does not follow the rule" in problems[0].text


@pytest.mark.parametrize("data", [{}, {"parts": None}, {"parts": "x"}, {"parts": [{}]}, []])
def test_whatever_is_stored_is_judged_and_not_stumbled_over(data):
    assert naming_problems(data)


# Any rule ----------------------------------------------------------------------------------------------------

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALIEN = "§"


@st.composite
def rules_and_names(draw) -> tuple[list[dict], str]:
    """A rule of up to six parts with separators, and a name that was put together by hand as the rule says."""
    rows: list[dict] = []
    name = ""
    for number in range(draw(st.integers(1, 6))):
        if number:
            separator = draw(st.sampled_from(["_", "-", ".", " ", "--"]))
            rows.append({"type": "separator", "detail": separator})
            name += separator
        kind = draw(st.sampled_from(["fixed", "date", "text", "number", "value"]))
        row: dict = {"type": kind, "label": f"Part {number}"}
        match kind:
            case "fixed":
                row["detail"] = text = draw(st.text(LETTERS, min_size=1, max_size=8))
            case "date":
                row["detail"] = draw(st.sampled_from(["YYYYMMDD", "YYYY-MM-DD", "YYYYMM", "DDMMYYYY", "YYMMDD"]))
                day = draw(st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)))
                ways = {
                    "YYYYMMDD": "%Y%m%d", "YYYY-MM-DD": "%Y-%m-%d", "YYYYMM": "%Y%m", "DDMMYYYY": "%d%m%Y",
                    "YYMMDD": "%y%m%d",
                }  # fmt: skip
                text = day.strftime(ways[row["detail"]])
            case "text":
                row["detail"] = "A-Z a-z -"
                row["min"] = draw(st.integers(1, 5))
                row["max"] = row["min"] + draw(st.integers(0, 9))
                text = draw(st.text("ABCxyz-", min_size=row["min"], max_size=row["max"]))
            case "number":
                row["min"] = draw(st.integers(1, 4))
                row["max"] = row["min"] + draw(st.integers(0, 3))
                text = draw(st.text("0123456789", min_size=row["min"], max_size=row["max"]))
            case _:
                values = draw(st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=5))
                row["detail"] = ", ".join(values)
                text = draw(st.sampled_from(values))
        rows.append(row)
        name += text
    return rows, name


@settings(max_examples=150, deadline=None)
@given(rules_and_names())
def test_a_name_made_by_the_rule_follows_it(made):
    rows, name = made
    found = compile_rule({"parts": rows})
    check = check_name(found, name)
    assert check.ok, check
    assert "".join(piece.text for piece in check.pieces) == name
    assert check_name(found, found.example()).ok


@settings(max_examples=150, deadline=None)
@given(rules_and_names(), st.data())
def test_a_wrong_character_is_found_where_it_stands(made, data):
    rows, name = made
    place = data.draw(st.integers(0, len(name)))
    replaces = data.draw(st.booleans())
    check = check_name(compile_rule({"parts": rows}), name[:place] + ALIEN + name[place + replaces :])
    assert not check.ok
    assert check.position == place + 1
    assert check.message
    assert check.part is None or 1 <= check.part <= len(rows)


@settings(max_examples=150, deadline=None)
@given(rules_and_names(), st.data())
def test_a_name_cut_short_is_right_or_told_where_it_ends(made, data):
    rows, name = made
    cut = name[: data.draw(st.integers(1, len(name)))]
    check = check_name(compile_rule({"parts": rows}), cut)
    if not check.ok:
        assert 1 <= check.position <= len(cut) + 1
        assert check.message


@settings(max_examples=100, deadline=None)
@given(rules_and_names(), st.text(max_size=60))
def test_any_text_is_answered_and_a_suggestion_follows_the_rule(made, text):
    found = compile_rule({"parts": made[0]})
    check = check_name(found, text)
    assert check.ok or check.message
    assert not check.suggestion or check_name(found, check.suggestion).ok
