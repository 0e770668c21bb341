"""The floors below which no rule may fall: on the sentences for tuning, and on all that were held out."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from procedures.advice import Rule
from procedures.advice.quality import Labelled, Tally, read_labels, tally

HERE = Path(__file__).parent
PARTS = ("", "-heldout", "-second", "-third", "-fourth", "-fifth", "-sixth", "-seventh")
FILES = {language: tuple(f"{language}{part}.tsv" for part in PARTS) for language in ("en", "fr")}
"""The first is for tuning, the others were held out when they were written."""
LEAST = {"en": 150, "fr": 100}
PRECISION, RECALL = 0.9, 0.85


def labelled(language: str) -> list[Labelled]:
    return [row for name in FILES[language] for row in read_labels(HERE / name)]


@pytest.mark.parametrize("language", FILES)
def test_there_are_enough_sentences_and_none_twice(language):
    assert len(read_labels(HERE / FILES[language][0])) >= LEAST[language]
    texts = [row.text for row in labelled(language)]
    assert len(set(texts)) == len(texts)


def judged(rows: list[Labelled], rule: Rule) -> list[Tally]:
    """The tally of `rule`, and the same judgement the other way round."""
    ((_key, counts),) = [row for row in tally(rows).items() if row[0][1] == rule]
    return [counts, counts.opposite]


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize("rule", [Rule.PASSIVE, Rule.ACTION_VERB])
def test_passive_and_action_verb_are_found_reliably(language, rule):
    held_out = [row for name in FILES[language][1:] for row in read_labels(HERE / name)]
    newest = read_labels(HERE / FILES[language][-1])
    for rows in (read_labels(HERE / FILES[language][0]), held_out, newest):
        for counts in judged(rows, rule):
            assert counts.precision >= PRECISION, f"wrong: {counts.wrong}"
            assert counts.recall >= RECALL, f"missed: {counts.missed}"


@pytest.mark.parametrize("language", FILES)
def test_the_other_rules_are_right_when_they_speak(language):
    for (_language, rule), counts in tally(labelled(language)).items():
        assert counts.precision >= PRECISION, f"{rule}, wrong: {counts.wrong}"
        assert counts.recall >= 0.75, f"{rule}, missed: {counts.missed}"


def test_precision_and_recall_are_what_they_are_called():
    counts = Tally(right=3, silent=5, wrong=["a"], missed=["b", "c"])
    assert (counts.precision, counts.recall) == (0.75, 0.6)
    assert (counts.opposite.precision, counts.opposite.recall) == (5 / 7, 5 / 6)
    assert (Tally().precision, Tally().recall) == (1, 1)


def test_a_file_that_does_not_fit_is_refused_with_its_line(tmp_path):
    for line in ("no tabs", "nl\tpassive\tDe brief is geschreven.", "en\tpasive\tThe letter is written."):
        path = tmp_path / "labels.tsv"
        path.write_text(f"# remark\n{line}\n", encoding="utf-8")
        with pytest.raises(ValueError, match="line 2"):
            read_labels(path)


def test_the_command_prints_rules_and_documents(tmp_path, capsys):
    (tmp_path / "one.md").write_text(
        "# Pay\n\n1. The bill is paid by the clerk.\n2. Send the receipt.\n", encoding="utf-8"
    )
    call_command("advicequality", str(HERE / "fr.tsv"), documents=tmp_path, misses=True, examples="passive")
    printed = capsys.readouterr().out
    assert "fr passive" in printed
    assert "precision" in printed
    assert "en: 1 documents, 2 steps" in printed
    assert "[is paid] The bill is paid by the clerk." in printed


def test_the_command_wants_something_to_measure(tmp_path):
    for arguments in ([], [str(tmp_path / "none.tsv")]):
        with pytest.raises(CommandError):
            call_command("advicequality", *arguments)
    with pytest.raises(CommandError):
        call_command("advicequality", documents=tmp_path / "none")
