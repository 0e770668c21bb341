"""Searching by meaning: joined to the words, learnt in the background, by the same permissions."""

import numpy as np
import pytest

from procedures.actions import publishing
from procedures.models import Audience, Procedure, Revision, SearchMeaning
from procedures.permissions import library_revisions_for
from procedures.search import Facet, search
from procedures.search.fusion import fuse
from procedures.search.listing import list_library
from procedures.search.meaning import learn, learning, nearness
from procedures.search.meaning import model as models
from procedures.search.meaning.passages import MAX_PASSAGES, MAX_WORDS, passages_of
from procedures.states import State
from roles.queries import today
from tests.factories import make_next, make_revision

pytestmark = pytest.mark.django_db

CONCEPTS = {"zorping": 0, "payroll": 0, "salary": 0, "supplier": 1, "vendor": 1, "creditor": 1, "badge": 2, "pass": 2}


class Concepts:
    """A model that knows a few words, and which of them mean the same."""

    def query(self, text: str) -> np.ndarray:
        vector = np.full(4, 0.01, dtype="float32")
        for word in text.lower().replace(".", " ").split():
            if word in CONCEPTS:
                vector[CONCEPTS[word]] += 1
        return vector / np.linalg.norm(vector)

    def passage(self, texts: list[str]) -> np.ndarray:
        return np.stack([self.query(text) for text in texts])


@pytest.fixture
def extra(monkeypatch, settings) -> None:
    settings.SEARCH_MEANING = True
    concepts = Concepts()
    monkeypatch.setattr(models, "_is_installed", lambda: True)
    for module in (learning, nearness):
        monkeypatch.setattr(module, "model", lambda: concepts)
    monkeypatch.setattr(nearness, "_known", None)


def found_by(person, query: str, **options) -> list[str]:
    page = search(query, queryset=library_revisions_for(person, today()), limit=50, **options)
    codes = dict(Revision.objects.values_list("pk", "procedure__code"))
    return [codes[pk] for pk in page.hits]


def test_without_the_extra_nothing_is_learnt_and_words_are_searched(firm, monkeypatch, settings):
    settings.SEARCH_MEANING = True
    monkeypatch.setattr(models, "_is_installed", lambda: False)
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    assert learn(seconds=60)
    assert not SearchMeaning.objects.exists()
    assert found_by(firm.staff, "payroll") == ["FIN-100"]
    assert found_by(firm.staff, "creditor") == []


def test_it_can_be_switched_off(firm, extra, settings):
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    settings.SEARCH_MEANING = False
    assert learn(seconds=60)
    assert not SearchMeaning.objects.exists()


def test_what_means_the_same_is_found_and_counted(firm, extra):
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    make_revision(firm, code="FIN-101", title="Hand out a badge")
    assert found_by(firm.staff, "zorping") == []
    assert learn(seconds=60)
    assert found_by(firm.staff, "zorping") == ["FIN-100"]
    listing = list_library(
        library_revisions_for(firm.staff, today()), query="zorping", chosen={}, page_number=1, language="en"
    )
    assert listing.total == 1
    assert [row.card.title for row in listing.rows] == ["Prepare the payroll"]
    assert [(value.value, value.count) for value in listing.survey.values[Facet.DEPARTMENT]] == [("FIN", 1)]


def test_a_text_with_the_words_stays_before_one_that_only_means_them(firm, extra):
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    make_revision(firm, code="FIN-101", title="Zorping of the month")
    learn(seconds=60)
    assert found_by(firm.staff, "zorping")[0] == "FIN-101"
    assert set(found_by(firm.staff, "zorping")) == {"FIN-100", "FIN-101"}


def test_what_one_may_not_read_is_neither_found_nor_counted(firm, extra):
    hidden = make_revision(firm, code="FIN-100", title="Prepare the payroll")
    procedure = Procedure.objects.get(pk=hidden.procedure_id)
    Procedure.objects.filter(pk=procedure.pk).update(audience=Audience.DEPARTMENTS)
    procedure.audience_departments.set([firm.finance])
    learn(seconds=60)
    assert found_by(firm.staff, "zorping") == ["FIN-100"]
    for query in ("zorping", "zorping of all", "payroll"):
        page = search(query, queryset=library_revisions_for(firm.outsider, today()), limit=50)
        assert (page.hits, page.total) == ((), 0)
        listing = list_library(
            library_revisions_for(firm.outsider, today()), query=query, chosen={}, page_number=1, language="en"
        )
        assert (listing.total, listing.survey.total) == (0, 0)


def test_hidden_texts_do_not_crowd_out_those_that_one_may_read(firm, extra, monkeypatch):
    monkeypatch.setattr(nearness, "BLOCK", 2)
    for number in range(6):
        hidden = make_revision(firm, code=f"FIN-10{number}", title="Prepare the payroll")
        Procedure.objects.filter(pk=hidden.procedure_id).update(audience=Audience.ROLES)
    make_revision(firm, code="FIN-200", title="Salary statement")
    learn(seconds=60)
    assert found_by(firm.outsider, "zorping") == ["FIN-200"]


def test_quoted_words_and_codes_are_meant_literally(firm, extra):
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    learn(seconds=60)
    assert found_by(firm.staff, '"zorping"') == []
    assert found_by(firm.staff, "qqq-777 zorping") == []


def test_it_waits_until_one_has_typed(firm, extra):
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    learn(seconds=60)
    assert found_by(firm.staff, "zorping", typing=True) == []


def test_drafts_are_not_learnt_and_what_is_superseded_is_forgotten(firm, extra):
    first = make_revision(firm, code="FIN-100", title="Prepare the payroll")
    make_revision(firm, code="FIN-101", title="Hand out a badge", state=State.DRAFT)
    learn(seconds=60)
    assert set(SearchMeaning.objects.values_list("revision_id", flat=True)) == {first.pk}
    make_next(firm, first.procedure, state=State.PUBLISHED)
    assert found_by(firm.staff, "zorping") == []
    learn(seconds=60)
    assert first.pk not in SearchMeaning.objects.values_list("revision_id", flat=True)
    assert found_by(firm.staff, "zorping") == ["FIN-100"]


def test_a_withdrawn_text_is_not_found_before_it_is_forgotten(firm, extra):
    revision = make_revision(firm, code="FIN-100", title="Prepare the payroll")
    learn(seconds=60)
    publishing.withdraw(Procedure.objects.get(pk=revision.procedure_id), actor=firm.owner, reason="x")
    assert SearchMeaning.objects.exists()
    assert found_by(firm.staff, "zorping") == []


def test_a_text_that_has_changed_since_is_learnt_again(firm, extra):
    revision = make_revision(firm, code="FIN-100", title="Prepare the payroll")
    learn(seconds=60)
    SearchMeaning.objects.update(content_hash="0" * 64)
    learn(seconds=60)
    assert set(SearchMeaning.objects.values_list("content_hash", flat=True)) == {revision.content_hash}


def test_learning_goes_on_where_it_stopped(firm, extra, monkeypatch):
    for number in range(3):
        make_revision(firm, code=f"FIN-10{number}", title="Prepare the payroll")
    assert not learn(seconds=-1)
    assert not SearchMeaning.objects.exists()
    learn(seconds=60)
    before = list(SearchMeaning.objects.values_list("pk", flat=True))
    assert learn(seconds=60)
    assert list(SearchMeaning.objects.values_list("pk", flat=True)) == before


def test_a_text_is_learnt_whole_or_not_at_all(firm, extra, monkeypatch):
    make_revision(firm, code="FIN-100", title="Prepare the payroll")
    learn(seconds=60)
    SearchMeaning.objects.update(content_hash="0" * 64)
    before = list(SearchMeaning.objects.values_list("pk", flat=True))

    def die(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(SearchMeaning.objects), "bulk_create", die)
    with pytest.raises(KeyboardInterrupt):
        learn(seconds=60)
    assert list(SearchMeaning.objects.values_list("pk", flat=True)) == before


def test_pages_hold_each_text_once_and_all_of_them(firm, extra):
    for number in range(4):
        make_revision(firm, code=f"FIN-10{number}", title="Zorping")
        make_revision(firm, code=f"FIN-20{number}", title="Payroll")
    learn(seconds=60)
    readable = library_revisions_for(firm.staff, today())
    pages = [search("zorping", queryset=readable, limit=3, offset=start) for start in (0, 3, 6)]
    hits = [pk for page in pages for pk in page.hits]
    assert len(hits) == len(set(hits)) == pages[0].total == 8


@pytest.mark.parametrize("count", [1, 8])
def test_the_answer_takes_as_many_queries_however_many_texts(firm, extra, count, django_assert_max_num_queries):
    for number in range(count):
        make_revision(firm, code=f"FIN-10{number}", title="Prepare the payroll")
    learn(seconds=60)
    readable = library_revisions_for(firm.staff, today())
    nearness.nearest("zorping", queryset=readable)
    with django_assert_max_num_queries(2):
        assert len(nearness.nearest("zorping", queryset=readable, prefer="en")) == count


def test_passages_have_a_length_that_does_not_blur_and_an_end():
    step = {"title": "Do it", "body": "word " * 60, "expected": ""}
    around = {"category": "", "tags": [], "purpose": "why " * 300, "scope": "", "outcome": "", "background": ""}
    passages = passages_of({"title": "T", "steps": [step] * 200, **around})
    assert len(passages) == MAX_PASSAGES
    assert all(len(passage.split()) <= MAX_WORDS + 1 for passage in passages)


def test_answers_are_joined_by_their_places():
    assert fuse([1, 2, 3], [3, 4]) == [3, 1, 2, 4]
    assert fuse([1, 2], []) == [1, 2]
    assert fuse([], [5]) == [5]
