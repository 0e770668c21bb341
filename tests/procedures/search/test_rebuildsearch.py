"""`manage.py rebuildsearch` brings a lost index back."""

from django.core.management import call_command

from procedures.permissions import library_revisions_for
from procedures.search import search
from procedures.search.backend import backend
from tests.factories import make_revision


def test_a_lost_index_comes_back(firm, capsys):
    revision = make_revision(firm, title="Count the stock")
    backend().clear()
    readable = library_revisions_for(firm.staff)
    assert search("stock", queryset=readable, limit=5).hits == ()
    call_command("rebuildsearch")
    assert capsys.readouterr().out == "1 revisions indexed\n"
    assert search("stock", queryset=readable, limit=5).hits == (revision.pk,)


def test_drafts_and_obsolete_texts_stay_out_of_the_index(firm, capsys):
    make_revision(firm, state="draft")
    make_revision(firm, state="withdrawn")
    call_command("rebuildsearch")
    assert capsys.readouterr().out == "0 revisions indexed\n"
