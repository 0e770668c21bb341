"""What is noted about searches, and the report of what people do not find."""

import datetime

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import names, trail
from procedures.actions import searches
from procedures.actions.searches import forget_searchers, note_search
from procedures.models import IgnoredSearch, Outcome, SearchRecord
from procedures.searches.report import report_for
from procedures.searches.words import form_of, without_personal_data
from sopdesk.lib.errors import Missing, NotPermitted

MONTH = datetime.timedelta(days=30)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ago(record: int | None, **distance: int) -> None:
    SearchRecord.objects.filter(pk=record).update(searched_at=timezone.now() - datetime.timedelta(**distance))


def noted(words: str, user, *, results: int = 0, minutes: int = 10, with_script: bool = True, **options) -> int | None:
    pk = note_search(words, actor=user, results=results, complete=0, with_script=with_script, **options)
    ago(pk, minutes=minutes)
    return pk


# Noting ------------------------------------------------------------------------------------------------------


def test_a_search_is_noted_with_what_it_found(firm, publish):
    publish("FIN-001", "Run the payroll", "Pay: everybody")
    client_of(firm.staff).get("/library/", {"q": "payroll", "kind": "procedure"})
    record = SearchRecord.objects.get()
    assert (record.typed, record.form, record.results, record.complete) == ("payroll", "payrol", 1, 1)
    assert (record.person, record.filters, record.outcome) == (firm.staff, "kind", Outcome.UNKNOWN)


def test_browsing_further_pages_and_the_way_back_are_no_searches(firm):
    client = client_of(firm.staff)
    client.get("/library/")
    client.get("/library/", {"q": "payroll", "page": "2"})
    client.head("/library/", {"q": "payroll"})
    client.get("/library/", {"q": "payroll"}, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert not SearchRecord.objects.exists()


def test_the_keys_of_one_person_are_one_search(firm):
    for words in ("pay", "payr", "payroll"):
        note_search(words, actor=firm.staff, results=3, complete=1)
    note_search("payroll", actor=firm.owner, results=3, complete=1)
    assert list(SearchRecord.objects.order_by("pk").values_list("typed", "person")) == [
        ("payroll", firm.staff.pk),
        ("payroll", firm.owner.pk),
    ]


def test_other_words_and_later_keys_are_another_search(firm):
    first = note_search("payroll", actor=firm.staff, results=1, complete=1)
    second = note_search("invoice", actor=firm.staff, results=1, complete=1)
    ago(second, seconds=40)
    third = note_search("invoices of may", actor=firm.staff, results=1, complete=1)
    assert len({first, second, third}) == 3


def test_a_filter_leaves_what_the_words_found(firm):
    note_search("payroll", actor=firm.staff, results=7, complete=2)
    note_search("payroll", actor=firm.staff, results=0, complete=0, filters="department")
    record = SearchRecord.objects.get()
    assert (record.results, record.complete, record.filters) == (7, 2, "department")


def test_the_way_back_from_a_result_is_the_same_search(firm):
    pk = noted("payroll", firm.staff, results=2, minutes=5)
    searches.note_outcome(pk, actor=firm.staff, opened=True)
    assert note_search("payroll", actor=firm.staff, results=2, complete=1) == pk
    assert SearchRecord.objects.get().outcome == Outcome.OPENED


def test_a_search_that_cannot_be_noted_is_answered(firm, publish, monkeypatch):
    publish("FIN-001", "Run the payroll", "Pay: everybody")

    def locked(*args, **kwargs):
        raise DatabaseError("database is locked")

    monkeypatch.setattr(SearchRecord, "save", locked)
    response = client_of(firm.staff).get("/library/", {"q": "payroll"})
    assert "Run the payroll" in response.content.decode()
    assert not SearchRecord.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mail of jane.doe@firm.test please", "mail of … please"),
        ("FR76 3000 6000 0112 3456 7890 189", "…"),
        ("call 06 12 34 56 78", "call …"),
        ("invoice 20260417", "invoice …"),
        ("fin-003 and 10,000", "fin-003 and 10,000"),
        ("form 12345", "form 12345"),
    ],
)
def test_what_looks_like_personal_data_is_not_kept(typed, kept):
    assert without_personal_data(typed) == kept


def test_a_search_of_nothing_but_personal_data_is_not_noted(firm):
    assert note_search("jane.doe@firm.test", actor=firm.staff, results=0, complete=0) is None


def test_one_form_for_all_forms_and_orders_of_the_words():
    assert form_of("Paid the invoices", "en") == form_of("invoice, paid", "en") == "invoic paid"
    assert form_of("Payer les factures", "fr") == form_of("facture payée", "fr")
    assert form_of("?!", "en") == ""


def test_only_the_person_who_searched_tells_what_became_of_it(firm):
    pk = noted("payroll", firm.staff, results=1, with_script=False)
    with pytest.raises(Missing):
        searches.note_outcome(pk, actor=firm.owner, opened=True)
    address = reverse("search-outcome", args=[pk])
    assert client_of(firm.staff).post(address, {"opened": "0"}).status_code == 204
    assert SearchRecord.objects.get().outcome == Outcome.SHOWN
    client_of(firm.staff).post(address, {"opened": "1"})
    client_of(firm.staff).post(address, {"opened": "0"})
    assert SearchRecord.objects.get().outcome == Outcome.OPENED


def test_who_searched_is_cleared_after_30_days_and_the_words_after_400(firm):
    for days in (29, 31, 401):
        ago(noted(f"word{days}", firm.staff), days=days)
    assert forget_searchers() == (2, 1)
    assert forget_searchers() == (0, 0)
    assert dict(SearchRecord.objects.values_list("typed", "person")) == {"word29": firm.staff.pk, "word31": None}


def test_how_long_is_a_setting(firm, settings):
    settings.SEARCH_PERSON_DAYS, settings.SEARCH_DAYS = 2, 5
    for days in (1, 3, 6):
        ago(noted(f"word{days}", firm.staff), days=days)
    assert forget_searchers() == (2, 1)
    page = client_of(firm.administrator).get(reverse("search-report")).content.decode()
    assert "Who searched is cleared after 2 days, the words after 5." in page


# The report --------------------------------------------------------------------------------------------------


def test_searches_are_grouped_by_the_form_of_their_words(firm):
    for words in ("parking place", "Parking places", "the parking place"):
        noted(words, firm.staff, minutes=90)
        SearchRecord.objects.update(person=None)
    noted("lunch", firm.staff)
    report = report_for(firm.author, period=MONTH)
    assert [(group.typed, group.count) for group in report.nothing] == [("the parking place", 3), ("lunch", 1)]


def test_abandoned_is_what_found_something_of_which_nothing_was_opened(firm):
    noted("payroll", firm.staff, results=2)
    opened = noted("invoice", firm.owner, results=2)
    searches.note_outcome(opened, actor=firm.owner, opened=True)
    noted("stock", firm.author, results=2, with_script=False)
    noted("leave", firm.approver, results=2, minutes=1)
    report = report_for(firm.author, period=MONTH)
    assert [group.typed for group in report.abandoned] == ["payroll"]
    assert (report.searches, report.opened, report.unknown) == (4, 1, 1)


def test_the_period_limits_the_report(firm):
    ago(noted("parking", firm.staff), days=8)
    assert report_for(firm.author, period=datetime.timedelta(days=7)).nothing == []
    assert len(report_for(firm.author, period=MONTH).nothing) == 1


def test_what_is_left_out_comes_back(firm):
    noted("lunch", firm.staff)
    ignored = searches.ignore_search("lunch", actor=firm.author)
    report = report_for(firm.author, period=MONTH)
    assert (report.nothing, report.ignored) == ([], [ignored])
    searches.heed_search(ignored, actor=firm.administrator)
    assert [group.typed for group in report_for(firm.author, period=MONTH).nothing] == ["lunch"]
    assert [entry.name for entry in trail.entries_for(ignored)] == [names.SEARCH_IGNORE, names.SEARCH_HEED]


def test_auditors_read_the_report_and_leave_nothing_out(firm):
    noted("lunch", firm.staff)
    with pytest.raises(NotPermitted):
        searches.ignore_search("lunch", actor=firm.auditor)
    with pytest.raises(Missing):
        searches.ignore_search("lunch", actor=firm.staff)
    assert not IgnoredSearch.objects.exists()


def test_only_administrators_see_who_searched(firm):
    noted("parking", firm.staff)
    name = str(firm.staff)
    assert name in client_of(firm.administrator).get("/search/report/").content.decode()
    for user in (firm.author, firm.auditor):
        page = client_of(user).get("/search/report/").content.decode()
        assert "parking" in page
        assert name not in page


def test_the_page_leads_to_a_task_and_to_a_synonym(firm):
    noted("company parking", firm.staff)
    page = client_of(firm.administrator).get("/search/report/").content.decode()
    assert "/inventory/new/?words=company%20parking" in page
    assert "/search/synonyms/new/?phrase=company%20parking&amp;from=report" in page
    assert "/search/synonyms/new/" not in client_of(firm.author).get("/search/report/").content.decode()


def test_a_search_is_left_out_and_brought_back_on_the_page(firm):
    noted("lunch", firm.staff)
    client = client_of(firm.author)
    response = client.post("/search/report/ignore/", {"form": "lunch", "days": "90"}, follow=True)
    assert response.redirect_chain[0][0] == "/search/report/?days=90"
    assert "1 search is left out" in response.content.decode()
    client.post(reverse("search-heed", args=[IgnoredSearch.objects.get().pk]))
    assert not IgnoredSearch.objects.exists()


def test_the_table_has_both_lists_without_people(firm):
    noted("=cmd|parking", firm.staff)
    noted("payroll", firm.staff, results=2)
    text = client_of(firm.administrator).get("/search/report/csv/").content.decode("utf-8-sig")
    assert "'=cmd|parking" in text
    assert "payroll" in text
    assert str(firm.staff) not in text


@pytest.mark.parametrize("number", [1, 30])
def test_the_report_costs_the_same_whatever_the_number(firm, django_assert_max_num_queries, number):
    SearchRecord.objects.bulk_create(
        SearchRecord(
            person=firm.staff, typed=f"word{at}", form=f"word{at}", language="en", results=at % 2, complete=0,
            outcome=Outcome.SHOWN, searched_at=timezone.now() - datetime.timedelta(hours=1),
        )
        for at in range(number * 2)
    )  # fmt: skip
    with django_assert_max_num_queries(8):
        report_for(firm.administrator, period=MONTH)
