"""What the server lets browsers keep for reading without a network."""

import pytest
from django.urls import reverse

from procedures.actions import emergency
from procedures.states import State
from sopdesk.lib.offline import KEEP, READER, reader_key
from tests.factories import PASSWORD, make_next, make_revision

pytestmark = pytest.mark.django_db


def test_only_the_page_of_a_text_in_force_may_be_kept(firm, client):
    revision = make_revision(firm)
    draft = make_next(firm, revision.procedure, state=State.DRAFT)
    withdrawn = make_revision(firm, state=State.WITHDRAWN)
    client.force_login(firm.author)
    kept = {
        url: KEEP in client.get(url).headers
        for url in (
            revision.procedure.get_absolute_url(), revision.get_absolute_url(), draft.get_absolute_url(),
            withdrawn.procedure.get_absolute_url(), reverse("draft", args=[revision.procedure.code]),
            reverse("library"), reverse("home"), reverse("history", args=[revision.procedure.code]),
        )
    }  # fmt: skip
    assert [url for url, is_kept in kept.items() if is_kept] == [revision.procedure.get_absolute_url()]


def test_an_emergency_issue_is_not_kept_since_it_may_leave_any_day(firm, client):
    revision = make_revision(firm, state=State.IN_REVIEW)
    emergency.issue_emergency(
        revision, actor=firm.owner, content_hash=revision.content_hash, reason="Now.", days=2, password=PASSWORD,
        accepts=1,
    )  # fmt: skip
    client.force_login(firm.staff)
    response = client.get(revision.procedure.get_absolute_url())
    assert response.status_code == 200
    assert KEEP not in response.headers


def test_an_unchanged_page_says_so_too(firm, client):
    client.force_login(firm.staff)
    url = make_revision(firm).procedure.get_absolute_url()
    client.get(url)  # the first one brings the cookie for forms
    etag = client.get(url)["ETag"]
    response = client.get(url, headers={"if-none-match": etag})
    assert response.status_code == 304
    assert response.headers[KEEP] == "1"


def test_every_page_names_its_reader_by_a_key_that_tells_nothing(firm, client):
    assert READER not in client.get(reverse("help")).headers
    client.force_login(firm.staff)
    assert client.get(reverse("home")).headers[READER] == reader_key(firm.staff.pk)
    assert reader_key(firm.staff.pk) != reader_key(firm.owner.pk)
    assert str(firm.staff.pk) != reader_key(firm.staff.pk)


def test_the_worker_is_served_for_every_page_and_asked_for_anew(client):
    response = client.get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert b'addEventListener("fetch"' in response.content
    assert "worker-src 'self'" in response["Content-Security-Policy"]


def test_where_it_is_off_nothing_is_kept_and_the_worker_takes_itself_away(firm, client, settings):
    settings.OFFLINE_READING = False
    client.force_login(firm.staff)
    response = client.get(make_revision(firm).procedure.get_absolute_url())
    assert not {KEEP, READER} & set(response.headers)
    assert b"js/offline.js" not in response.content
    worker = client.get("/sw.js").content
    assert b"unregister" in worker
    assert b'addEventListener("fetch"' not in worker
