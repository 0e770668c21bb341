"""`manage.py searchquality` measures the search on documents and judged queries."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from procedures.models import Procedure, SearchTerm
from procedures.search.quality import JudgedQuery, score

JUDGEMENTS = """query\tlang\trelevant_paths\tset\tvariant
close month\ten\topen/close.md\topen\tplain
pay wagse\ten\topen/wages.md|open/none.md\topen\ttypo
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "close.md").write_text("# Close the month\n\n1. Lock the ledger\n2. Reconcile the bank\n")
    (tmp_path / "open" / "wages.md").write_text("# Pay the wages\n\n1. Lock the sheets\n2. Release the payment\n")
    (tmp_path / "open" / "stock.html").write_text("<h1>Count</h1><script>close month</script><p>Count the stock.</p>")
    (tmp_path / "README.md").write_text("# Close the month\n\nAbout the collection.\n")
    (tmp_path / "queries.tsv").write_text(JUDGEMENTS)
    return tmp_path


def test_it_prints_a_line_per_variant_and_language_and_one_for_all(db, corpus, capsys):
    call_command("searchquality", corpus)
    assert capsys.readouterr().out.splitlines() == [
        "documents 3 (1 .html, 2 .md; docx and html as plain text, title from the file name)",
        "variant plain n 1 hit@10 1.00 MRR 1.00 recall@10 1.00",
        "variant typo n 1 hit@10 1.00 MRR 1.00 recall@10 0.50",
        "language en n 2 hit@10 1.00 MRR 1.00 recall@10 0.75",
        "all hit@10 1.00 MRR 1.00 recall@10 0.75",
    ]


def test_it_leaves_no_trace(db, corpus):
    call_command("searchquality", corpus)
    assert not Procedure.objects.exists()
    assert not SearchTerm.objects.exists()


def test_it_asks_for_queries(db, tmp_path):
    with pytest.raises(CommandError, match="queries.tsv"):
        call_command("searchquality", tmp_path)


def test_only_the_first_ten_count():
    query = JudgedQuery("x", "en", frozenset({"a", "b"}), "plain")
    found = ["-", "a", *("-" * 8), "b"]
    assert (score(query, found).hit, score(query, found).reciprocal_rank, score(query, found).recall) == (1, 0.5, 0.5)
    assert score(query, []).reciprocal_rank == 0
