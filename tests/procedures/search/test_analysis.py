import pytest

from procedures.search.analysis import code_terms, fold, joined_words, plain, stem, words


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", "approve approves approved approving"),
        ("en", "invoice invoices invoiced invoicing"),
        ("en", "receipt receipts"),
        ("en", "policy policies"),
        ("fr", "contrôler contrôlez contrôlé contrôlée"),
        ("fr", "vérifier vérifié vérifiées"),
        ("fr", "procédure procédures"),
        ("fr", "journal journaux"),
        ("fr", "déclarer déclaré"),
        ("nl", "peilbuis peilbuizen"),
        ("pt", "rede redes"),
        ("de", "rechnung rechnungen"),
        ("es", "factura facturas"),
        ("it", "fattura fatture"),
    ],
)
def test_inflected_forms_share_a_term_in_their_language(language, forms):
    assert len({stem(form, language) for form in forms.split()}) == 1


def test_stems_lose_their_accents_only_after_stemming():
    assert stem("contrôlé", "fr") == stem("contrôler", "fr")
    assert stem("vérifiez", "fr").isascii()


def test_a_language_without_stemmer_keeps_its_words_as_spelt():
    assert stem("reçus", "xx") == "recus"


def test_a_regional_language_uses_the_stemmer_of_its_language():
    assert stem("redes", "pt-br") == stem("rede", "pt")


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("Œuvre", "oeuvre"),
        ("Straße", "strasse"),
        ("ÉLÈVE", "eleve"),
        ("cafe\u0301", "cafe"),
        ("smørrebrød", "smorrebrod"),
    ],
)
def test_accents_and_ligatures_are_folded(word, folded):
    assert fold(word) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Do not pay: check_first!", ["do", "not", "pay", "check", "first"]),
        ("l'exercice", ["l", "exercice"]),
        ("more than 10,000 €", ["more", "than", "10000"]),
        ("plus de 10\u00a0000 €", ["plus", "de", "10000"]),
        ("over 10k", ["over", "10000"]),
        ("in 2026, 300 items", ["in", "2026", "300", "items"]),
        ("工资单核对", ["工资", "资单", "单核", "核对"]),
        ("印", ["印"]),
        ("A4纸张 print", ["a4", "纸张", "print"]),
        ("\x00 * ( \"", []),
    ],
)  # fmt: skip
def test_words(text, found):
    assert words(text) == found


def test_an_endless_word_is_cut():
    assert words("x" * 1000) == ["x" * 64]


def test_a_hyphenated_word_is_known_without_its_hyphen():
    assert joined_words("the e-mail of an On-Boarding") == ["email", "onboarding"]


@pytest.mark.parametrize("spelling", ["FIN-014", "fin-14", "fin 14", "fin14", "Fin_0014"])
def test_a_code_has_one_term_however_it_is_typed(spelling):
    assert code_terms(spelling) == ["fin14"]


def test_addresses_and_tags_are_no_text():
    assert words(plain("See [the form](https://x.test/payroll) <br> or https://x.test/secret.")) == [
        "see", "the", "form", "or",
    ]  # fmt: skip
