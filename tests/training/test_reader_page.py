"""The reader page says what one has confirmed, at no further query, and asks for the rest."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions import emergency, publishing
from procedures.models import Revision
from procedures.states import State
from tests.factories import PASSWORD, make_next, make_revision
from training.queries import last_of, reading_of

pytestmark = pytest.mark.django_db

BUTTON = "I have read and understood revision"


@pytest.fixture
def read(page):
    def get(person, revision, **kwargs) -> str:
        return page(person, "procedure", revision.procedure.code, **kwargs)

    return get


def test_a_text_in_force_asks_at_its_end_and_shows_the_hash(firm, read):
    revision = make_revision(firm)
    html = read(firm.staff, revision)
    assert f"{BUTTON} 1" in html
    assert f'value="{revision.content_hash}"' in html
    assert html.index('id="step-3"') < html.index(BUTTON) < html.index("</article>")


def test_what_was_confirmed_is_said_instead(firm, confirm, read):
    revision = make_revision(firm)
    confirm(revision, firm.staff)
    html = read(firm.staff, revision)
    assert "You confirmed revision 1 on" in html
    assert BUTTON not in html
    assert BUTTON in read(firm.owner, revision), "everybody confirms for themselves"


def test_a_major_revision_asks_again_with_a_banner(firm, confirm, read):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure, significance="major")
    html = read(firm.staff, first)
    assert "Changed since you confirmed revision 1." in html
    assert reverse("compare-since-mine", args=[first.procedure.code]) in html
    assert f"{BUTTON} 2" in html


def test_a_minor_revision_asks_nobody_again(firm, confirm, read):
    first = make_revision(firm)
    confirm(first, firm.staff)
    make_next(firm, first.procedure, significance="minor")
    html = read(firm.staff, first)
    assert "Minor changes only since then: your confirmation still counts." in html
    assert BUTTON not in html
    assert "Changed since" not in html


def test_who_never_confirmed_is_asked_for_the_minor_one_too_without_a_banner(firm, read):
    first = make_revision(firm)
    make_next(firm, first.procedure, significance="minor")
    html = read(firm.staff, first)
    assert f"{BUTTON} 2" in html
    assert "Changed since" not in html


def test_a_draft_a_text_in_review_and_an_old_one_ask_nothing(firm, page):
    first = make_revision(firm)
    code = first.procedure.code
    make_next(firm, first.procedure)
    third = make_next(firm, first.procedure, state=State.IN_REVIEW)
    assert BUTTON not in page(firm.author, "revision", code, 1)
    assert BUTTON in page(firm.author, "revision", code, 2)
    assert BUTTON not in page(firm.author, "revision", code, third.number)


def test_what_was_withdrawn_asks_nothing(firm, read):
    revision = make_revision(firm)
    publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
    assert BUTTON not in read(firm.staff, revision)


def test_an_auditor_is_not_asked(firm, read):
    assert BUTTON not in read(firm.auditor, make_revision(firm))


def test_an_emergency_issue_asks_too(firm, read):
    revision = make_revision(firm, state=State.IN_REVIEW)
    emergency.issue_emergency(
        revision, actor=firm.owner, content_hash=revision.content_hash, reason="It cannot wait.", days=2,
        password=PASSWORD, accepts=1,
    )  # fmt: skip
    assert f"{BUTTON} 1" in read(firm.staff, revision)


def test_the_page_that_is_kept_by_the_browser_is_stale_once_it_is_confirmed(firm, confirm, client):
    revision = make_revision(firm)
    client.force_login(firm.staff)
    address = revision.procedure.get_absolute_url()
    client.get(address)
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304
    confirm(revision, firm.staff)
    assert client.get(address, headers={"if-none-match": tag}).status_code == 200


def test_it_costs_no_further_query(firm, confirm, client):
    revision = make_revision(firm)
    client.force_login(firm.staff)
    address = revision.procedure.get_absolute_url()
    client.get(address)
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
        confirm(revision, firm.staff)
    assert counts[0] == counts[1] <= 7


def test_ties_and_queries_say_the_same(firm, confirm):
    """The page's own SQL against the ORM's, from none to several revisions of either significance."""
    from procedures.permissions import get_current_and_standing
    from procedures.relatives import Relatives
    from procedures.views.reader.page import ReaderPage
    from training.onpage import reading_from

    first = make_revision(firm)
    code = first.procedure.code

    def told():
        current, standing = get_current_and_standing(firm.staff, code)
        return reading_from(ReaderPage(firm.staff, current, current, standing, False, Relatives()))

    def asked():
        current = Revision.objects.get(pk=get_current_and_standing(firm.staff, code)[0].pk)
        last = last_of(firm.staff, current)
        return reading_of(last, current) if last else None

    assert told() is asked() is None
    confirm(first, firm.staff)
    assert told() == asked() != None  # noqa: E711
    for significance in ("minor", "major", "minor"):
        revision = make_next(firm, first.procedure, significance=significance)
        assert told() == asked()
    confirm(revision, firm.staff)
    assert told() == asked()
    assert told().number == 4
