"""Every route × every kind of person, against a written table: a new route without a row fails."""

import copy
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver

from tests.architecture.route_table import MAY_SEND, OTHERS, POSTS, ROWS, WHO
from tests.architecture.site import Answers, Site, client_of, make_addresses
from tests.factories import Firm, make_firm

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("routes")]  # the firm of this module is made once

OURS = ("procedures_", "roles_", "audit_", "notifications_", "runs_", "training_", "reports_")


def names(resolver=None) -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern)
        else:
            yield pattern.name


@pytest.fixture(scope="module")
def site(module_database) -> Site:
    firm = make_firm()
    return Site(firm, make_addresses(firm))


@pytest.fixture
def firm(site, db) -> Firm:
    return copy.deepcopy(site.firm)


@pytest.fixture
def addresses(site) -> dict[str, str]:
    return site.addresses


def snapshot() -> dict[str, list]:
    """Every row of every table of ours, so that a single changed cell is seen."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(OURS)]
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


def test_every_route_has_a_row():
    ours = {name for name in names() if not name.startswith(OTHERS)}
    assert ours == {row.split(":")[0] for row in ROWS}


def test_every_route_that_takes_a_post_is_tried():
    takes_none = {row.split(":")[0] for row in ROWS} - POSTS.keys()
    assert takes_none == {
        # for everybody who may read: they change one's own marks and nothing else
        "favourite", "watch", "opened", "opened-forget",
        "library-departments", "library-categories", "library-category", "library-uncategorised", "library-roles",
        "library-role", "library-letters", "library-changed", "library-mine", "master-list", "master-list-export",
        "watching", "categories", "checklist",
        "glossary", "draft-history", "draft-version",
        "search-report", "search-report-csv", "synonyms", "synonyms-csv",
        "procedure-flowchart", "revision-flowchart", "diagram",
        "templates", "library-export", "procedure-docx", "procedure-markdown", "procedure-html", "revision-docx",
        "revision-markdown", "revision-html",
        "inventory", "inventory-export", "inventory-sample",
        "remarks", "remarks-mine", "remark", "draft-remarks",
        "compare-since-mine", "learn", "acknowledgements", "acknowledgements-export",
        "home", "library", "library-suggest", "procedure", "procedure-pdf", "history", "compare", "compare-choose",
        "revision", "revision-pdf",
        "procedure-steps", "attachment", "draft", "draft-preview", "reviews", "review", "people", "departments",
        "deviations", "deviation", "reviews-stuck", "change-sets", "change-set", "absences",
        "roles", "route", "routes", "settings", "manuals", "manual", "manual-pdf",
        "notices", "notices-read", "notice-read", "audit",
        "help", "healthz", "readyz", "procedure-import", "imported-picture",
        "standards", "standards-links", "standard-part", "standard-codes", "standard-blank", "revision-part",
        "procedure-card", "procedure-links", "revision-status",
        "shared", "shared-file", "shared-diagram", "share-link-openings", "procedure-poster", "library-posters",
        "offline", "service-worker",
    }  # fmt: skip


@pytest.fixture
def answers(site, firm, addresses, who) -> Answers:
    """Of one walk past every address; both tests of it read the same."""
    if who not in site.answers:
        client = client_of(firm, who)
        client.get(addresses["procedure-pdf"])  # makes the PDF if the worker has not yet: kept, so it is made once
        client.get(addresses["revision-pdf"])
        for row in ("diagram", "diagram:draft", "shared-diagram"):  # drawn once, for whoever asks first
            client.get(addresses[row])
        statuses = {"shared": client.get(addresses["shared"]).status_code}  # noted in the log of the link
        before = snapshot()
        others = {row: address for row, address in addresses.items() if row not in statuses}
        statuses |= {row: client.get(address).status_code for row, address in others.items()}
        site.answers[who] = Answers(statuses, before, snapshot())
    return site.answers[who]


@pytest.mark.parametrize("who", WHO)
def test_who_sees_what(answers, who):
    column = WHO.index(who)
    assert answers.statuses == {row: statuses[column] for row, statuses in ROWS.items()}


@pytest.mark.parametrize("who", WHO)
def test_a_get_changes_nothing(answers, who):
    assert answers.after == answers.before


@pytest.mark.parametrize("who", ["nobody", "outsider", "staff", "auditor", "superuser"])
def test_a_post_without_the_right_changes_nothing(firm, addresses, who):
    client = client_of(firm, who)
    before = snapshot()
    for row, data in POSTS.items():
        if (who, row) in MAY_SEND:
            continue
        response = client.post(addresses[row], data)
        expected = {302} if who == "nobody" else {403, 404}
        assert response.status_code in expected, f"{row}: {response.status_code}"
    assert snapshot() == before


@pytest.mark.parametrize("row", POSTS)
def test_a_post_without_a_token_is_refused(firm, addresses, row):
    client = Client(enforce_csrf_checks=True)
    client.force_login(firm.administrator)
    before = snapshot()
    assert client.post(addresses[row], POSTS[row]).status_code == 403
    assert snapshot() == before
