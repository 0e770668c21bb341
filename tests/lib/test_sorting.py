"""Alphabetical order: the same in both languages and for both databases, since it is made here."""

import pytest

from sopdesk.lib.sorting import OTHER, initial_of, sort_key


def test_an_accent_stands_with_its_letter():
    words = ["zèle", "école", "edge", "early", "Œuvre", "ofen", "Ocean"]
    assert sorted(words, key=sort_key) == ["early", "école", "edge", "Ocean", "Œuvre", "ofen", "zèle"]


def test_accents_and_capitals_count_between_words_that_are_equal_without_them():
    assert sorted(["pêché", "Peche", "pêche", "peche"], key=sort_key) == ["Peche", "peche", "pêche", "pêché"]


def test_signs_do_not_count():
    assert sorted(["« Zone »", "l’achat", "lab"], key=sort_key) == ["l’achat", "lab", "« Zone »"]


@pytest.mark.parametrize(
    ("title", "letter"),
    [("Établir la paie", "E"), ("œuvre", "O"), ("« Avis »", "A"), ("5S tour", OTHER), ("月次決算", OTHER), ("", OTHER)],
)
def test_a_title_stands_under_its_letter_without_the_accent(title, letter):
    assert initial_of(title) == letter
