import pytest
from django.db import transaction

from procedures import search
from procedures.models import SearchDelete, SearchTerm
from procedures.permissions import library_revisions_for
from procedures.search import engine, vocabulary
from procedures.search.parsing import MAX_WORDS
from tests.factories import make_revision
from tests.procedures.search.conftest import ask


class Abandoned(Exception):
    pass


# Finding -----------------------------------------------------------------------------------------------------


def test_a_word_in_the_title_counts_more_than_one_in_a_step(publish, find):
    publish("FIN-001", "Close the month", "Book the payroll: then close")
    publish("FIN-002", "Run the payroll", "Lock the sheets: all of them")
    assert find("payroll") == ["FIN-002", "FIN-001"]


@pytest.mark.parametrize("query", ["approving invoices", "invoice approved", "INVOICES"])
def test_inflected_words_are_found(publish, find, query):
    publish("FIN-001", "Approve an invoice", "Check: the amount")
    publish("FIN-002", "Count the cash", "Count: twice")
    assert find(query) == ["FIN-001"]


@pytest.mark.parametrize("query", ["declarer la tva", "déclaration de TVA", "TVA déclarée"])
def test_french_is_found_with_and_without_accents(publish, find, query):
    publish("FIN-001", "Déclarer la TVA", "Remplir: la déclaration", language="fr")
    publish("FIN-002", "Payer un fournisseur", "Vérifier: le compte", language="fr")
    assert find(query, language="fr")[0] == "FIN-001"


def test_texts_with_all_words_come_before_those_with_some(publish, find):
    publish("FIN-001", "Supplier list", "Keep: the supplier list up to date")
    publish("FIN-002", "Pay a supplier invoice", "Pay: it")
    publish("FIN-003", "Invoice archive", "File: every invoice")
    assert find("supplier invoice")[0] == "FIN-002"
    assert set(find("supplier invoice")) == {"FIN-001", "FIN-002", "FIN-003"}


def test_the_words_of_a_question_do_not_count(publish, find):
    publish("FIN-001", "Reset a password", "Open: the console")
    publish("FIN-002", "How we do what we do", "Read: how it is done")
    assert find("how do I reset my password?") == ["FIN-001"]
    assert find("comment réinitialiser mon password", language="fr") == ["FIN-001"]


def test_a_query_of_stop_words_only_is_searched_all_the_same(publish, find):
    publish("FIN-001", "Who we are", "Say: who we are")
    assert find("who") == ["FIN-001"]


def test_a_phrase_in_quotes_is_found_as_it_stands(publish, find):
    publish("FIN-001", "Orders", "Match: the purchase order with the delivery")
    publish("FIN-002", "Purchases", "Order: a purchase may wait for its order")
    assert find('"purchase order"') == ["FIN-001"]
    assert find("« purchase orders »") == ["FIN-001"]


def test_no_phrase_reaches_from_the_title_into_the_text(publish, find):
    publish("FIN-001", "Stock", "Count: everything")
    assert find('"stock count"') == []


@pytest.mark.parametrize("query", ["FIN-003", "fin-3", "fin 3", "fin003"])
def test_a_code_finds_its_procedure_first(publish, find, query):
    publish("FIN-013", "Form 3 of the fin plates", "Use: form 3, see FIN-003")
    publish("FIN-003", "Pay wages", "Pay: the wages")
    publish("FIN-030", "Step 3", "Do: step 3")
    assert find(query)[0] == "FIN-003"


def test_the_prefix_of_a_code_finds_its_department(publish, find):
    publish("FIN-003", "Pay wages", "Pay: the wages")
    publish("OPS-001", "Count stock", "Count: it")
    assert find("fin") == ["FIN-003"]


def test_tags_and_category_are_searched(publish, find, firm):
    publish("FIN-001", "Pay people", "Pay: everybody", category=firm.category, tags=["monthly"])
    assert find("monthly") == ["FIN-001"]
    assert find("payroll") == ["FIN-001"]  # the category


def test_the_role_that_acts_is_searched(publish, find):
    publish("FIN-001", "Pay people", "Pay: everybody")
    assert find("clerk") == ["FIN-001"]


def test_an_unfinished_word_finds_while_typing(publish, find):
    publish("FIN-001", "Reimburse travel expenses", "Check: the receipts")
    assert find("reimb", typing=False) == ["FIN-001"]  # no text has the word as it stands
    assert find("reimb", typing=True) == ["FIN-001"]
    assert find("travel exp", typing=True) == ["FIN-001"]


def test_two_words_find_what_texts_write_as_one(publish, find):
    publish("FIN-001", "Hand in the timesheet", "Fill: it")
    assert find("time sheet") == ["FIN-001"]


def test_one_word_finds_what_texts_write_as_two(publish, find):
    publish("FIN-001", "Grond water meten", "Meet: het peil", language="nl")
    assert find("grondwater", language="nl") == ["FIN-001"]


def test_a_synonym_finds_and_is_named(publish, find, firm):
    publish("FIN-001", "Send an invoice to a customer", "Print: it")
    page = ask("bill", user=firm.staff)
    assert len(page.hits) == 1
    assert "invoice" in page.synonyms


def test_a_rare_synonym_does_not_beat_the_word_itself(publish, find):
    publish("FIN-001", "Archive a bill", "File: the bill")
    for number in range(2, 6):
        publish(f"FIN-00{number}", "Post an invoice", "Post: the invoice")
    assert find("invoice")[-1] == "FIN-001"


def test_many_related_words_in_a_title_do_not_beat_the_word_itself_there(publish, find):
    publish("FIN-001", "Établir la paie du mois", "Vérifier: la liste du personnel", language="fr")
    publish("FIN-002", "Salaire, paye et rémunération", "Salaire: la rémunération et la paye", language="fr")
    assert find("paie", language="fr") == ["FIN-001", "FIN-002"]


def test_several_related_words_count_as_one(publish, find):
    publish("FIN-001", "Annoncer la paie", "Écrire: la date", language="fr")
    publish("FIN-002", "Rembourser des frais", "Virer: salaire, rémunération, paye, salaire", language="fr")
    publish("FIN-003", "Compter le stock", "Compter: salaire, rémunération, paye, paie", language="fr")
    assert find("paie", language="fr") == ["FIN-001", "FIN-003", "FIN-002"]


def test_a_word_spelt_like_a_synonym_has_its_synonyms_and_not_those_of_another_with_its_stem(publish, firm):
    publish("FIN-001", "Établir la paie", "Vérifier: la paie", language="fr")
    found = ask("paie", user=firm.staff, language="fr")
    assert "salaire" in found.synonyms
    assert "virement" not in found.synonyms  # of "paiement", which French stems like "paie"


def test_among_many_texts_a_title_beats_a_word_that_a_text_repeats(publish, find):
    publish("FIN-001", "Approve a voucher", "Look: at the form")
    for number in range(2, 14):
        publish(f"FIN-{number:03d}", f"Task number {number}", "voucher: " + "voucher " * 30)
    assert find("voucher")[0] == "FIN-001"


def test_a_phrase_has_synonyms_too(publish, find):
    publish("FIN-001", "Request a vacation", "Ask: your manager")
    assert find("time off") == ["FIN-001"]


def test_chinese_is_found_by_part_of_a_sentence(publish, find):
    publish("FIN-001", "工资单核对流程", "核对: 检查每个员工的工资单", language="zh")
    publish("FIN-002", "库存盘点", "盘点: 清点仓库", language="zh")
    assert find("工资单") == ["FIN-001"]
    assert find("仓库") == ["FIN-002"]


@pytest.mark.parametrize("query", ["库", "盘", "点", "库存 盘点"])
def test_one_chinese_character_is_found_wherever_it_stands(publish, find, query):
    publish("FIN-001", "工资单核对流程", "核对: 检查每个员工的工资单", language="zh")
    publish("FIN-002", "库存盘点", "盘点: 清点仓库", language="zh")
    assert find(query) == ["FIN-002"]


@pytest.mark.parametrize(
    ("title", "language", "query"),
    [("給与計算の手順", "ja", "給与"), ("経費をチェックする", "ja", "チェック"), ("급여 계산 절차", "ko", "급여")],
)
def test_japanese_and_korean_are_found(publish, find, title, language, query):
    publish("FIN-001", title, f"{title}: {title}", language=language)
    publish("FIN-002", "Count the stock", "Count: it")
    assert find(query) == ["FIN-001"]


def test_a_word_quoted_in_another_language_is_no_rarer_for_that(publish, find):
    publish("FIN-001", "Payroll run", "Pay: the payroll")
    publish("FIN-002", "Payroll calendar", "Post: the payroll dates")
    publish("FIN-003", "Rapprocher les comptes", "Ouvrir: le fichier payroll", language="fr")
    for number in range(4, 9):
        publish(f"FIN-00{number}", "Count the stock", "Count: twice")
    assert find("payroll")[2:3] == ["FIN-003"]


# Slips -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("invocie", "invoice"),
        ("pyaroll", "payroll"),
        ("equpment", "equipment"),
        ("verifcation", "verification"),
        ("proceduer", "procedure"),
        ("reciept", "receipt"),
    ],
)
def test_a_slip_is_corrected_and_told(publish, firm, typed, meant):
    publish("FIN-001", f"About {meant} matters", "Do: it")
    page = ask(typed, user=firm.staff)
    assert page.corrected == meant
    assert page.literally == f'"{typed}"'
    assert len(page.hits) == 1


def test_only_the_wrong_word_is_replaced(publish, firm):
    publish("FIN-001", "Run the payroll every month", "Do: it")
    assert ask("monthly pyaroll run", user=firm.staff).corrected == "monthly payroll run"


def test_quotes_take_the_words_as_typed(publish, firm):
    publish("FIN-001", "Run the payroll", "Do: it")
    page = ask('"pyaroll"', user=firm.staff)
    assert (page.hits, page.corrected) == ((), "")
    assert page.missing == ("pyaroll",)


def test_a_word_that_texts_have_is_not_corrected(publish, firm):
    publish("FIN-001", "Count the stock", "Do: it")
    publish("FIN-002", "Fix a sock", "Do: it")
    page = ask("sock", user=firm.staff)
    assert page.corrected == ""


# Permissions -------------------------------------------------------------------------------------------------


def test_a_hidden_text_is_in_no_answer(publish, firm):
    publish("FIN-001", "Zanzibar merger plan", "Buy: the Zanzibar company", audience=[firm.finance])
    publish("OPS-001", "Count the stock", "Count: twice", department=firm.operations)
    assert ask("zanzibar", user=firm.staff).total == 1
    page = ask("zanzibar", user=firm.outsider)
    assert (page.hits, page.total) == ((), 0)
    assert page.missing == ("zanzibar",)


def test_a_hidden_word_corrects_nothing(publish, firm):
    publish("FIN-001", "Zanzibar merger plan", "Buy: it", audience=[firm.finance])
    publish("OPS-001", "Count the stock", "Count: twice", department=firm.operations)
    assert ask("zanzibra", user=firm.staff).corrected == "zanzibar"
    assert ask("zanzibra", user=firm.outsider).corrected == ""


def test_a_hidden_word_is_corrected_like_one_that_nobody_wrote(publish, firm):
    publish("FIN-001", "Stick to the plan", "Stick: to it", audience=[firm.finance])
    publish("OPS-001", "Count the stock", "Count: twice", department=firm.operations)
    assert ask("stick", user=firm.staff).corrected == ""
    assert ask("stick", user=firm.outsider).corrected == "stock"


def test_hidden_texts_are_taken_out_before_the_limit(publish, find, firm):
    for number in range(1, 6):
        publish(f"FIN-{number:03d}", "Payroll payroll payroll", "Payroll: payroll", audience=[firm.finance])
    publish("OPS-001", "Stock", "Tell: payroll about it", department=firm.operations)
    assert find("payroll", user=firm.outsider, limit=2) == ["OPS-001"]


def test_suggestions_leave_hidden_texts_out(publish, firm):
    secret = publish("FIN-001", "Zanzibar merger plan", "Buy: it", audience=[firm.finance])
    assert search.suggest("zanz", library_revisions_for(firm.staff)) == [secret.pk]
    assert search.suggest("zanz", library_revisions_for(firm.outsider)) == []


def test_facets_leave_hidden_texts_out(publish, firm):
    publish("FIN-001", "Payroll", "Do: it", audience=[firm.finance], category=firm.category)
    publish("OPS-001", "Payroll of drivers", "Do: it", department=firm.operations)
    page = ask("payroll", user=firm.outsider)
    survey = search.survey(library_revisions_for(firm.outsider), chosen={}, matches=page.matches)
    assert survey.total == 1
    assert [(value.value, value.count) for value in survey.values[search.Facet.DEPARTMENT]] == [("OPS", 1)]
    assert survey.values[search.Facet.CATEGORY] == ()


# Suggestions -------------------------------------------------------------------------------------------------


def test_suggestions_come_from_titles_and_codes(publish, firm):
    wages = publish("FIN-003", "Pay the wages", "Zebra: stripes")
    assert search.suggest("pay wag", library_revisions_for(firm.staff)) == [wages.pk]
    assert search.suggest("fin-3", library_revisions_for(firm.staff)) == [wages.pk]
    assert search.suggest("zebra", library_revisions_for(firm.staff)) == []
    assert search.suggest(" *(", library_revisions_for(firm.staff)) == []


# The index ---------------------------------------------------------------------------------------------------


def test_suggestions_are_the_best_readable_ones_however_many_others_come_first(firm, monkeypatch):
    hidden = {"audience": "departments", "audience_departments": [firm.finance]}
    for number in range(4):
        make_revision(firm, title="Quartz", code=f"FIN-1{number}0", **hidden)
    readable = [make_revision(firm, title=f"Quartz and the words {number} behind it").pk for number in range(3)]
    outsider = library_revisions_for(firm.outsider)
    found = search.suggest("qua", outsider, limit=2)
    assert found == [pk for pk in search.suggest("qua", outsider, limit=8) if pk in readable][:2]
    assert len(found) == 2
    for candidates in (1, 2, 3, 6, 7, 8):
        monkeypatch.setattr(engine, "CANDIDATES", candidates)
        assert search.suggest("qua", outsider, limit=2) == found, candidates


def test_a_roll_back_leaves_the_index_as_it_was(publish, find):
    publish("FIN-001", "Run the payroll", "Do: it")
    before = set(SearchTerm.objects.values_list("folded", "frequency"))
    with pytest.raises(Abandoned), transaction.atomic():
        publish("FIN-002", "Zanzibar payroll", "Do: it")
        assert find("zanzibar") == ["FIN-002"]
        raise Abandoned
    assert find("zanzibar") == []
    assert set(SearchTerm.objects.values_list("folded", "frequency")) == before


def test_a_removed_text_is_found_no_more(publish, find):
    revision = publish("FIN-001", "Run the payroll", "Do: it")
    search.remove(revision)
    assert find("payroll") == []
    assert not SearchTerm.objects.filter(folded="payroll", frequency__gt=0).exists()
    known = set(SearchTerm.objects.values_list("folded", "frequency"))
    search.remove(revision)
    assert set(SearchTerm.objects.values_list("folded", "frequency")) == known


def test_indexing_again_replaces_the_text(publish, find):
    revision = publish("FIN-001", "Water the plants", "Do: it")
    revision.content["title"] = "Count the stock"
    search.index(revision)
    assert find("stock") == ["FIN-001"]
    assert find("plants") == []
    assert SearchTerm.objects.get(folded="stock").frequency == 1


def test_a_text_that_takes_the_place_of_another_leaves_the_index_as_if_made_anew(publish, find):
    old, new = publish("FIN-001", "Water the plants", "Do: it"), publish("FIN-002", "Water the stock", "Do: it")
    search.remove(new)
    search.index(new, instead_of=old)
    assert (find("stock"), find("plants"), find("water")) == (["FIN-002"], [], ["FIN-002"])
    counted = SearchTerm.objects.filter(frequency__gt=0).values_list("folded", "language", "stem", "frequency")
    found = set(counted)
    vocabulary.clear()
    search.index(new)
    assert set(counted) == found


def test_a_rebuild_finds_the_same(publish, find):
    publish("FIN-001", "Water the plants", "Do: it")
    publish("FIN-002", "Payer les salaires", "Vérifier: le compte", language="fr")
    terms = set(SearchTerm.objects.values_list("folded", "language", "stem", "frequency"))
    assert search.rebuild() == 2
    assert find("plants") == ["FIN-001"]
    assert find("verifier") == ["FIN-002"]
    assert set(SearchTerm.objects.values_list("folded", "language", "stem", "frequency")) == terms
    assert SearchDelete.objects.filter(spelling="plats", folded="plants").exists()


def test_a_very_long_text_is_indexed(publish, find):
    body = " ".join(f"word{number}é" for number in range(40_000))
    publish("FIN-001", "Everything", f"All: {body}")
    assert find("everything") == ["FIN-001"]
    assert find("word7é") == ["FIN-001"]


# Hostile and odd queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "", " ", "*", "(", '"', '""', '"*"', "payroll*", '"payroll', 'pay"roll', "payroll AND", "NOT payroll",
        "NEAR(a b)", "title:payroll", "-payroll", "payroll'; DROP TABLE x; --", "a & | ! <-> b", "\x00payroll\x00",
        "pay\\roll", "%_%",
        "'''", "\\", "{code} : x", "\ud800", "🙂 payroll", "₀ payroll", "ª", "٣",
    ],
)  # fmt: skip
def test_no_query_fails(publish, firm, query):
    publish("FIN-001", "Run the payroll", "Do: it")
    page = ask(query, user=firm.staff)
    assert page.total == len(page.hits) <= 1
    assert search.suggest(query, library_revisions_for(firm.staff)) in ([], list(page.hits) or [])


def test_a_query_of_100_kilobytes_is_cut(publish, firm, django_assert_max_num_queries):
    publish("FIN-001", "Run the payroll", "Do: it")
    with django_assert_max_num_queries(3):
        page = ask("payroll " + "word " * 20_000, user=firm.staff)
    assert len(page.hits) == 1
    assert len(page.missing) <= MAX_WORDS


def test_a_search_costs_three_queries_at_most(publish, firm, django_assert_max_num_queries):
    publish("FIN-001", "Run the payroll", "Do: it")
    for query in ("payroll", "payrol", "bill the payrol of fin-1", '"run the" payroll'):
        with django_assert_max_num_queries(3):
            ask(query, user=firm.staff)


def test_a_page_beyond_the_last_is_empty_and_keeps_the_total(publish, firm):
    publish("FIN-001", "Run the payroll", "Do: it")
    page = ask("payroll", user=firm.staff, offset=50)
    assert (page.hits, page.total) == ((), 1)


def test_a_slip_is_not_taken_for_the_stem_of_a_word_in_another_language(publish, find):
    """ "montly" has the stem "mont" in English, which is also that of "montant" in French."""
    publish("FIN-001", "Run the monthly payroll", "Lock: the sheets")
    publish("FIN-002", "Rembourser une note de frais", "Vérifier: le montant", language="fr")
    assert find("montly payroll")[0] == "FIN-001"
