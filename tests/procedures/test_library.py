import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from procedures.actions import drafts, publishing
from procedures.models import Category, Procedure, Revision
from procedures.search import unfinished
from procedures.states import State
from roles.models import Role
from tests.factories import Firm, make_revision
from tests.procedures.search.conftest import publish  # noqa: F401

LIBRARY = "/library/"


@pytest.fixture
def staff(firm: Firm) -> Client:
    client = Client()
    client.force_login(firm.staff)
    return client


def listed(response) -> list[str]:
    """The codes on the page, in order."""
    return [row.card.code for row in response.context["rows"]]


def text(response) -> str:
    return response.content.decode()


def many(firm: Firm, number: int, **fields) -> None:
    """Published procedures by direct rows, for counting pages and queries."""
    procedures = Procedure.objects.bulk_create(
        Procedure(code=f"FIN-{at:04d}", department=firm.finance, owner=firm.owner) for at in range(1, number + 1)
    )
    Revision.objects.bulk_create(
        Revision(
            procedure=procedure, number=1, title=f"Procedure {procedure.code}", state=State.PUBLISHED,
            published_at=timezone.now(), content_hash="-", content={"steps": [], "language": "en"}, **fields,
        )
        for procedure in procedures
    )  # fmt: skip


# Who sees what -----------------------------------------------------------------------------------------------


def test_the_library_asks_for_login(client):
    assert client.get(LIBRARY).status_code == 302
    assert client.get(reverse("library-suggest")).status_code == 302


def test_posting_to_the_library_is_refused(staff):
    assert staff.post(LIBRARY).status_code == 405


def test_a_published_procedure_is_listed_with_owner_and_review(firm, staff):
    revision = make_revision(firm, title="Run the monthly payroll")
    page = text(staff.get(LIBRARY))
    assert "Run the monthly payroll" in page
    assert f"{revision.procedure.code} r1" in page
    assert "Owner" in page
    assert "1 procedure" in page


def test_what_is_not_in_force_is_not_listed(firm, staff):
    make_revision(firm, state="draft", title="A draft")
    make_revision(firm, state="approved", title="For next month")
    make_revision(firm, state="withdrawn", title="Given up")
    assert listed(staff.get(LIBRARY)) == []


def test_an_approved_revision_is_listed_from_its_day_on(firm, staff):
    revision = make_revision(firm, state="approved", title="For next month")
    Revision.objects.filter(pk=revision.pk).update(effective_on=datetime.date.today())
    assert listed(staff.get(LIBRARY)) == [revision.procedure.code]
    assert listed(staff.get(LIBRARY, {"q": "next month"})) == [revision.procedure.code]


def test_a_superseded_text_is_found_no_more(firm, staff):
    make_revision(firm, state="superseded", title="Run the zanzibar payroll")
    row, *others = staff.get(LIBRARY).context["rows"]
    assert row.card.number == 2
    assert others == []
    assert [row.card.number for row in staff.get(LIBRARY, {"q": "payroll"}).context["rows"]] == [2]


def test_a_hidden_procedure_leaves_no_trace(firm, client):
    shelf = Category.objects.create(name="Zanzibar shelf")
    make_revision(
        firm, title="Zanzibar merger", category=shelf, audience="departments", audience_departments=[firm.finance]
    )
    client.force_login(firm.outsider)
    for parameters in ({}, {"q": "zanzibar"}, {"q": "zanzibra"}, {"q": "zanz"}, {"category": shelf.pk}):
        response = client.get(LIBRARY, parameters)
        assert listed(response) == []
        assert response.context["listing"].total == 0
        assert "Zanzibar merger" not in text(response)
        assert "Zanzibar shelf" not in text(response)
        assert "zanzibar" not in text(response).replace(parameters.get("q", "-"), "")
    assert client.get(reverse("library-suggest"), {"q": "zanz"}).json() == {"suggestions": []}


# Filters -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(firm, publish):  # noqa: F811
    """Three procedures that differ in everything that can be filtered by."""
    stock = Category.objects.create(name="Stock")
    publish("FIN-001", "Run the payroll", "Pay: them", category=firm.category)
    publish("FIN-002", "Payer les salaires", "Payer: tous", language="fr", category=firm.category)
    publish("OPS-001", "Count the stock for the payroll", department=firm.operations, category=stock)
    Procedure.objects.filter(code="OPS-001").update(kind="policy")
    return stock


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        ("", ["FIN-001", "FIN-002", "OPS-001"]),
        ("department=OPS", ["OPS-001"]),
        ("department=OPS&department=FIN", ["FIN-001", "FIN-002", "OPS-001"]),
        ("kind=policy", ["OPS-001"]),
        ("language=fr", ["FIN-002"]),
        ("department=FIN&language=en", ["FIN-001"]),
        ("department=NONE", []),
        ("category=x&role=%00&page=x&kind=", ["FIN-001", "FIN-002", "OPS-001"]),
        ("q=stock", ["OPS-001"]),
        ("q=payroll&department=OPS", ["OPS-001"]),
        ("q=payroll&kind=standard", []),
    ],
)
def test_filters_narrow_the_list(staff, shelf, parameters, codes):
    assert listed(staff.get(f"{LIBRARY}?{parameters}")) == codes


def test_category_and_role_filter_by_id(staff, shelf, firm):
    assert listed(staff.get(LIBRARY, {"category": shelf.pk})) == ["OPS-001"]
    assert listed(staff.get(LIBRARY, {"role": firm.clerk_role.pk})) == ["FIN-001", "FIN-002"]
    assert listed(staff.get(LIBRARY, {"role": Role.objects.create(name="Nobody").pk})) == []


def test_each_value_says_how_many_it_would_list(staff, shelf):
    groups = {group.name: group for group in staff.get(LIBRARY, {"department": "FIN"}).context["groups"]}
    assert [(choice.value, choice.count, choice.checked) for choice in groups["department"].shown] == [
        ("FIN", 2, True),
        ("OPS", 1, False),
    ]
    assert {choice.value: choice.count for choice in groups["language"].shown} == {"en": 1, "fr": 1}


def test_a_filter_in_use_can_be_removed(staff, shelf):
    response = staff.get(LIBRARY, {"q": "payroll", "department": "OPS", "language": "en"})
    filters = response.context["filters"]
    assert [(used.label, used.address) for used in filters] == [
        ("Operations", "?q=payroll&language=en"),
        ("English", "?q=payroll&department=OPS"),
    ]
    assert response.context["clear_address"] == "?q=payroll"


def test_a_filter_that_lists_nothing_can_still_be_removed(staff, shelf):
    response = staff.get(LIBRARY, {"department": "GONE"})
    assert [used.address for used in response.context["filters"]] == ["?"]
    assert "No procedure fits these filters" in text(response)


def test_words_that_the_filters_hide_are_not_said_to_be_missing(staff, shelf):
    response = staff.get(LIBRARY, {"q": "salaires", "department": "OPS", "category": shelf.pk})
    page = text(response)
    assert "Nothing found for “salaires” with these filters" in page
    assert "Without the filters there is 1 procedure." in page
    assert "No procedure that you may read has" not in page
    assert [used.label for used in response.context["filters"]] == ["Operations", "Stock"]


def test_a_filter_that_lists_nothing_is_not_named_to_who_may_read_none_of_it(firm, staff, shelf):
    secret = Category.objects.create(name="Takeover")
    make_revision(firm, code="FIN-009", category=secret, audience="departments", audience_departments=[firm.operations])
    page = text(staff.get(LIBRARY, {"q": "payroll", "category": secret.pk}))
    assert "Takeover" not in page


def test_who_finds_nothing_learns_that_it_is_noticed(staff, publish):  # noqa: F811
    assert "see what was looked for and not found" in text(staff.get(LIBRARY, {"q": "xylophone"}))


# Searching ---------------------------------------------------------------------------------------------------


def test_a_hit_quotes_the_step_and_links_to_it(staff, publish):  # noqa: F811
    publish("FIN-001", "Run the payroll", "Wait: a day", "Check the difference: compare with <b>last month</b>")
    page = text(staff.get(LIBRARY, {"q": "compare difference"}))
    assert 'href="/procedures/FIN-001/#step-2"' in page
    assert "Check the <mark>difference</mark>. <mark>compare</mark> with" in page
    assert "<b>last month</b>" not in page


def test_a_slip_is_told_with_a_way_back(staff, publish):  # noqa: F811
    publish("FIN-001", "Run the payroll", "Wait: a day")
    page = text(staff.get(LIBRARY, {"q": "run pyaroll"}))
    assert "Showing results for <b>run payroll</b>" in page
    assert 'href="?q=run+%22pyaroll%22"' in page
    assert "Showing results for" not in text(staff.get(LIBRARY, {"q": 'run "pyaroll"'}))


def test_an_empty_answer_says_what_was_tried(staff, publish):  # noqa: F811
    publish("FIN-001", "Run the payroll", "Wait: a day")
    page = text(staff.get(LIBRARY, {"q": "xylophone", "department": "FIN"}))
    assert "Nothing found for “xylophone”" in page
    assert "No procedure that you may read has: xylophone." in page
    assert "Clear filters" in page


def test_an_empty_library_says_so(staff):
    assert "No procedure is published yet" in text(staff.get(LIBRARY))


def test_typed_markup_is_escaped(staff, publish):  # noqa: F811
    publish("FIN-001", "Run <script>alert(1)</script>", "Wait: <img src=x onerror=alert(1)>")
    for query in ("", "wait", '"><script>alert(2)</script>'):
        page = text(staff.get(LIBRARY, {"q": query}))
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_late_and_near_reviews_are_marked(staff, publish):  # noqa: F811
    today = timezone.localdate()
    for at, days in enumerate((-1, 10, 100), start=1):
        publish(f"FIN-00{at}", "Run", next_review_on=today + datetime.timedelta(days=days))
    states = [row.card.standing for row in staff.get(LIBRARY).context["rows"]]
    assert states == ["overdue", "due", "current"]


def test_htmx_gets_the_results_only(staff, publish):  # noqa: F811
    publish("FIN-001", "Run the payroll", "Wait: a day")
    headers = {"HX-Request": "true", "HX-Trigger-Name": "q"}
    response = staff.get(LIBRARY, {"q": "payr"}, headers=headers)
    page = text(response)
    assert "<html" not in page
    assert 'id="results"' in page
    assert 'hx-swap-oob="innerHTML:#library-status"' in page
    assert listed(response) == ["FIN-001"]
    assert "HX-Request" in response["Vary"]
    restored = staff.get(LIBRARY, {"q": "payr"}, headers=headers | {"HX-History-Restore-Request": "true"})
    assert "<html" in text(restored)


def test_who_types_a_code_gets_what_begins_so_in_order(firm, staff, publish):  # noqa: F811
    for code, title in (("FIN-003", "A"), ("FIN-001", "A rather long title of seven words"), ("FIN-002", "A title")):
        publish(code=code, title=title)
    publish(code="FIN-900", title="What FIN 00 stands for")
    found = staff.get(reverse("library-suggest"), {"q": "fin-00"}).json()["suggestions"]
    assert [row["code"] for row in found] == ["FIN-001", "FIN-002", "FIN-003", "FIN-900"]


def test_suggestions_name_code_title_and_address(staff, publish):  # noqa: F811
    publish("FIN-001", "Run the payroll", "Wait: a day")
    assert staff.get(reverse("library-suggest"), {"q": "run pay"}).json() == {
        "suggestions": [
            {"code": "FIN-001", "title": "Run the payroll", "language": "en", "url": "/procedures/FIN-001/"}
        ]
    }


@pytest.mark.parametrize("query", ['"', "*", "(", "\x00", "a" * 100_000, "%F0%9F", "' OR 1=1 --"])
def test_hostile_words_list_nothing_and_break_nothing(staff, query):
    assert staff.get(LIBRARY, {"q": query}).status_code == 200
    assert staff.get(reverse("library-suggest"), {"q": query}).json() == {"suggestions": []}


# Pages -------------------------------------------------------------------------------------------------------


def test_procedures_are_listed_20_a_page_by_code(firm, staff):
    many(firm, 45)
    assert len(listed(staff.get(LIBRARY))) == 20
    assert listed(staff.get(LIBRARY, {"page": 2}))[0] == "FIN-0021"
    assert len(listed(staff.get(LIBRARY, {"page": 3}))) == 5


@pytest.mark.parametrize("page", ["4", "999999", "99999999999999999999"])
def test_a_page_beyond_the_last_shows_the_last_or_the_first(firm, staff, page):
    many(firm, 45)
    assert len(listed(staff.get(LIBRARY, {"page": page}))) in (5, 20)


def test_a_page_of_an_answer_beyond_the_last_shows_the_last(staff, publish):  # noqa: F811
    publish("FIN-001", "Run the payroll", "Wait: a day")
    assert listed(staff.get(LIBRARY, {"q": "payroll", "page": 7})) == ["FIN-001"]


def test_filters_stay_in_the_links_to_other_pages(firm, staff):
    many(firm, 45)
    assert "page=2" in text(staff.get(LIBRARY, {"kind": "procedure"}))
    assert "kind=procedure&amp;page=2" in text(staff.get(LIBRARY, {"kind": "procedure"}))


@pytest.mark.parametrize("number", [2, 60])
@pytest.mark.parametrize("parameters", [{}, {"page": 3}, {"department": "FIN", "language": "en"}])
def test_browsing_costs_seven_queries_whatever_the_number(
    firm, staff, django_assert_max_num_queries, number, parameters
):
    many(firm, number)
    with django_assert_max_num_queries(7):
        staff.get(LIBRARY, parameters)


@pytest.mark.parametrize("query", ["payroll", "pyaroll", "bill the pyaroll of fin-3", "xylophone"])
def test_searching_costs_thirteen_queries_at_most(staff, publish, django_assert_max_num_queries, query):  # noqa: F811
    for number in range(1, 25):
        publish(f"FIN-{number:03d}", f"Run the payroll {number}", "Pay: them", "Check: the payroll")
    with django_assert_max_num_queries(13):  # four of them note the search: two of a savepoint, and two
        staff.get(LIBRARY, {"q": query})


# What is kept between two looks ------------------------------------------------------------------------------


def total_of(client: Client, **parameters: str) -> int:
    return client.get(LIBRARY, parameters).context["listing"].total


def test_browsing_again_counts_nothing_again(firm, staff, django_assert_max_num_queries):
    make_revision(firm)
    staff.get(LIBRARY)
    with django_assert_max_num_queries(6):
        staff.get(LIBRARY)


def test_a_publication_shows_at_once(firm, staff):
    make_revision(firm)
    assert total_of(staff) == 1
    make_revision(firm, title="Count the stock")
    assert total_of(staff) == 2
    assert len(listed(staff.get(LIBRARY))) == 2


def test_a_withdrawn_procedure_is_gone_at_once(firm, staff):
    revision = make_revision(firm)
    assert total_of(staff) == 1
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    assert total_of(staff) == total_of(staff, q="payroll") == 0


def test_a_narrower_audience_shows_at_once(firm, client):
    revision = make_revision(firm, title="Run the payroll")
    client.force_login(firm.outsider)
    assert total_of(client) == 1
    drafts.change_procedure(
        revision.procedure,
        actor=firm.author,
        fields={"audience": "departments"},
        audience_departments=[firm.finance],
        reason="Fewer need it.",
    )
    assert total_of(client) == total_of(client, q="payroll") == 0


def test_what_one_person_may_read_is_not_kept_for_another(firm, staff, client):
    make_revision(firm, audience="departments", audience_departments=[firm.finance])
    assert total_of(staff) == 1
    client.force_login(firm.outsider)
    assert total_of(client) == 0


# Status, one's own, and what is on its way ---------------------------------------------------------------------


def counts(response, name: str) -> dict[str, int]:
    group = next((group for group in response.context["groups"] if group.name == name), None)
    return {choice.value: choice.count for choice in [*group.shown, *group.folded]} if group else {}


@pytest.fixture
def standings(firm, publish):  # noqa: F811
    """FIN-001 in order, FIN-002 due soon, FIN-003 late, FIN-004 issued in an emergency and late."""
    today, day = timezone.localdate(), datetime.timedelta(days=1)
    publish("FIN-001", "Count the cash", "Count: it", next_review_on=today + 31 * day)
    publish("FIN-002", "Count the stock", "Count: it", next_review_on=today + 30 * day)
    publish("FIN-003", "Count the keys", "Count: it", next_review_on=today - day)
    publish("FIN-004", "Count the cars", "Count: it", next_review_on=today - day)
    in_emergency = {"state": State.IN_REVIEW, "emergency_until": today}
    Revision.objects.filter(procedure__code="FIN-004").update(**in_emergency)


@pytest.mark.parametrize("words", ["", "count"])
@pytest.mark.parametrize(
    ("status", "codes"),
    [
        (["current"], ["FIN-001"]), (["due"], ["FIN-002"]), (["overdue"], ["FIN-003"]), (["emergency"], ["FIN-004"]),
        (["due", "overdue"], ["FIN-002", "FIN-003"]), (["nonsense"], ["FIN-001", "FIN-002", "FIN-003", "FIN-004"]),
    ],
)  # fmt: skip
def test_the_status_filters_and_is_counted(staff, standings, words, status, codes):
    response = staff.get(LIBRARY, {"q": words, "status": status})
    assert sorted(listed(response)) == codes
    assert counts(response, "status") == {"current": 1, "due": 1, "overdue": 1, "emergency": 1}


@pytest.mark.parametrize("words", ["", "count"])
def test_mine_is_what_i_own_and_where_my_roles_act(firm, staff, publish, words):  # noqa: F811
    publish("FIN-001", "Count the cash", "Count: it")
    publish("FIN-002", "Count the stock")
    Procedure.objects.filter(code="FIN-002").update(owner=firm.staff)
    publish("FIN-003", "Count the keys")
    response = staff.get(LIBRARY, {"q": words})
    assert counts(response, "mine") == {"owner": 1, "role": 1}
    assert listed(staff.get(LIBRARY, {"q": words, "mine": "owner"})) == ["FIN-002"]
    assert listed(staff.get(LIBRARY, {"q": words, "mine": "role"})) == ["FIN-001"]
    assert sorted(listed(staff.get(LIBRARY, {"q": words, "mine": ["owner", "role"]}))) == ["FIN-001", "FIN-002"]


def test_a_role_that_was_given_back_is_not_mine(firm, staff, publish):  # noqa: F811
    publish("FIN-001", "Count the cash", "Count: it")
    firm.staff.holdings.update(ends=timezone.localdate() - datetime.timedelta(days=1))
    assert counts(staff.get(LIBRARY), "mine") == {}


def client_for(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def drafts_of(user, **parameters) -> list[str]:
    response = client_for(user).get(LIBRARY, {"drafts": "1", **parameters})
    return codes_of(response.context["drafts"])


def codes_of(drafts) -> list[str]:
    return [revision.procedure.code for revision in (*drafts.best, *drafts.others)]


def test_drafts_are_shown_on_request_to_those_who_may_see_them(firm):
    make_revision(firm, state="draft", title="Order the xylophones", code="FIN-400")
    assert drafts_of(firm.author, q="xylophone") == ["FIN-400"]
    assert drafts_of(firm.auditor, q="fin-400") == ["FIN-400"]
    assert drafts_of(firm.author) == ["FIN-400"]
    assert drafts_of(firm.author, q="zebra") == []
    for user in (firm.staff, firm.outsider):
        assert drafts_of(user, q="xylophone") == []
        assert "Order the xylophones" not in text(client_for(user).get(LIBRARY, {"drafts": "1"}))
    assert "Order the xylophones" not in text(client_for(firm.author).get(LIBRARY, {"q": "xylophone"}))


def test_a_text_in_review_is_found_by_who_sits_in_its_round(firm):
    make_revision(firm, state="in_review", title="Order the xylophones", code="FIN-400")
    assert drafts_of(firm.approver, q="xylophone") == ["FIN-400"]
    assert drafts_of(firm.staff, q="xylophone") == []


def test_filters_hold_for_drafts_and_drafts_are_a_removable_filter(firm):
    make_revision(firm, state="draft", title="Order the xylophones", code="FIN-400")
    assert drafts_of(firm.author, department="OPS") == []
    response = client_for(firm.author).get(LIBRARY, {"drafts": "1", "department": "FIN"})
    assert response.context["without_drafts"] == "?department=FIN"
    assert [filter.address for filter in response.context["filters"]] == ["?drafts=1"]


def on_their_way(firm, number: int) -> list[str]:
    """Drafts by their codes, the newest first."""
    template = make_revision(firm, state="draft", title="Order the xylophones", code="FIN-400")
    for at in range(1, number):
        procedure = Procedure.objects.get(pk=template.procedure_id)
        procedure.pk, procedure.code = None, f"FIN-4{at:02d}"
        procedure.save()
        Revision(procedure=procedure, number=1, title=f"Order xylophones {at}", language="en").save()
    return [f"FIN-4{at:02d}" for at in reversed(range(number))]


@pytest.mark.parametrize(("words", "most"), [("", "SHOWN"), ("xylophone", "LOOKED_AT")])
def test_every_draft_is_reached_some_at_a_time(firm, monkeypatch, words, most):
    monkeypatch.setattr(unfinished, most, 3)
    codes, client = on_their_way(firm, 7), client_for(firm.auditor)
    address, seen = f"{LIBRARY}?drafts=1&q={words}", []
    for has_older in (True, True, False):
        response = client.get(address)
        seen += codes_of(response.context["drafts"])
        assert ("There are older ones" in text(response)) is has_older
        address = LIBRARY + response.context["older_drafts"]
    assert seen == codes
    assert "Back to the newest" in text(response)


def test_what_fits_and_is_not_among_the_first_is_folded_away(firm, monkeypatch):
    monkeypatch.setattr(unfinished, "SHOWN", 2)
    on_their_way(firm, 5)
    response = client_for(firm.auditor).get(LIBRARY, {"drafts": "1", "q": "xylophones"})
    assert len(response.context["drafts"].best) == 2
    assert "3 more that fit" in text(response)
    assert text(response).count('class="row result"') == 5


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "9" * 40])
def test_a_place_that_there_is_not_shows_the_newest_or_none(firm, before):
    on_their_way(firm, 1)
    assert drafts_of(firm.auditor, before=before) == ([] if before == "0" else ["FIN-400"])


@pytest.mark.parametrize("number", [1, 12])
def test_drafts_cost_three_queries_more_whatever_the_number(firm, django_assert_max_num_queries, number):
    for at in range(number):
        make_revision(firm, state="draft", title=f"Order the xylophones {at}", code=f"FIN-4{at:02d}")
    client = client_for(firm.author)
    with django_assert_max_num_queries(15):
        client.get(LIBRARY, {"q": "xylophones", "drafts": "1"})
