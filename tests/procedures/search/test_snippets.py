import pytest

from procedures.search.snippets import opening, plain_line, quote, snippets

TERMS = frozenset({"invoic", "order"})


def step(number: int, title: str, body: str = "", **fields) -> dict:
    return {
        "uid": f"uid-{number}",
        "number": number,
        "title": title,
        "body": body,
        "expected": "",
        "warning": "",
    } | fields


def content(*steps: dict, language: str = "en") -> dict:
    return {"language": language, "steps": list(steps)}


def test_the_steps_with_most_words_are_quoted_in_their_order():
    found = snippets(
        content(
            step(1, "Open the invoice"),
            step(2, "Wait"),
            step(3, "Compare", "Orders and invoices must agree."),
            step(4, "Match", "the invoice with the order"),
        ),
        TERMS,
    )
    assert [(snippet.number, snippet.uid) for snippet in found] == [(3, "uid-3"), (4, "uid-4")]


def test_matched_words_are_marked_whatever_their_form():
    assert quote("Match Invoices to an ordered list", TERMS, "en") == (
        "Match <mark>Invoices</mark> to an <mark>ordered</mark> list"
    )


def test_neighbours_share_a_mark():
    assert quote("An invoice order form", TERMS, "en") == "An <mark>invoice order</mark> form"


def test_markup_of_the_text_is_escaped():
    html = quote('<img src=x onerror="alert(1)"> & the invoice', TERMS, "en")
    assert "<img" not in html
    assert "<mark>invoice</mark>" in html


def test_a_long_text_is_cut_around_the_words():
    html = quote("one " * 100 + "invoice" + " two" * 100, TERMS, "en")
    assert html.startswith("… one")
    assert html.endswith("two …")
    assert len(html) < 300


def test_markdown_is_left_out_of_the_quotation():
    found = snippets(content(step(1, "Pay", "**The invoice** of [the shop](https://shop.test/invoice)")), TERMS)
    assert found[0].html == "Pay. The <mark>invoice</mark> of the shop"


def test_nothing_is_quoted_without_a_match():
    assert snippets(content(step(1, "Wait")), TERMS) == []
    assert snippets(content(step(1, "Open the invoice")), frozenset()) == []


def test_french_words_are_marked_in_their_language():
    assert quote("Vérifié, la facture", frozenset({"verifi"}), "fr") == "<mark>Vérifié</mark>, la facture"


def test_the_ruler_of_a_table_is_not_quoted():
    table = "| Group | Holds |\n| --- |:---:|\n| 1000 | fixed assets |\n|-----|-----|\n\n---\n\nre-read --- twice"
    assert plain_line(table) == "Group Holds 1000 fixed assets re-read twice"
    assert plain_line("from 3--5 to --force, a-b---c") == "from 3--5 to --force, a-b---c"


def test_a_link_to_a_procedure_is_quoted_by_its_words():
    linked = "See [[FIN-S01#names|the rule for names]], [[FIN-002]] and [[FIN-S02#form-3]]; [[not a code]]."
    assert plain_line(linked) == "See the rule for names, FIN-002 and FIN-S02; not a code."


def test_the_opening_of_a_text_ends_at_a_word():
    assert opening("# Short\n\ntext") == "Short text"
    assert len(opening("word " * 100)) <= 202
    assert opening("word " * 100).endswith("word …")


@pytest.mark.parametrize(("terms", "marked"), [({"工资", "资单"}, "工资单"), ({"员工"}, "员工"), ({"查"}, "查")])
def test_chinese_characters_are_marked(terms, marked):
    (found,) = snippets(content(step(1, "检查员工的工资单"), language="zh"), frozenset(terms))
    assert f"<mark>{marked}</mark>" in found.html
