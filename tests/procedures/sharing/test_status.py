"""The public page about one revision: what a printed copy's code opens, without a log-in."""

import datetime
import re
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from procedures.actions import emergency
from procedures.models import Revision
from procedures.sharing.status import Status, public_status, status_qr, status_url
from procedures.states import State
from procedures.views.sharing import STATUS_LIMIT
from sopdesk.lib.qr import qr_svg
from tests.factories import PASSWORD, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


def ask(client, token, **headers):
    return client.get(reverse("revision-status", args=[token]), headers=headers)


def status(revision) -> str:
    return public_status(revision.status_token).status


class TestWhatItSays:
    def test_the_revision_in_force_is_current(self, firm):
        assert status(make_revision(firm)) == Status.CURRENT

    def test_a_revision_with_a_successor_is_superseded_and_the_successor_current(self, firm):
        first = make_revision(firm)
        second = make_next(firm, first.procedure)
        assert (status(first), status(second)) == (Status.SUPERSEDED, Status.CURRENT)

    def test_a_withdrawn_revision_is_withdrawn(self, firm):
        assert status(make_revision(firm, state=State.WITHDRAWN)) == Status.WITHDRAWN

    @pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.DISCARDED])
    def test_what_nobody_follows_is_not_in_force(self, firm, state):
        assert status(make_revision(firm, state=state)) == Status.NOT_IN_FORCE

    def test_the_date_decides_and_not_the_job_that_catches_up(self, firm):
        first = make_revision(firm)
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        second = make_next(firm, first.procedure, effective_on=tomorrow)
        assert (status(first), status(second)) == (Status.CURRENT, Status.NOT_IN_FORCE)
        with time_machine.travel(datetime.datetime.combine(tomorrow, datetime.time(12), datetime.UTC)):
            assert (status(first), status(second)) == (Status.SUPERSEDED, Status.CURRENT)

    def test_an_emergency_issue_is_current_until_its_last_day(self, firm):
        first = make_revision(firm)
        second = make_next(firm, first.procedure, state=State.IN_REVIEW)
        emergency.issue_emergency(
            second, actor=firm.owner, content_hash=second.content_hash, reason="Now.", days=2, password=PASSWORD,
            accepts=1,
        )  # fmt: skip
        assert (status(first), status(second)) == (Status.SUPERSEDED, Status.CURRENT)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=4)):
            assert (status(first), status(second)) == (Status.CURRENT, Status.NOT_IN_FORCE)

    def test_says_code_number_and_status_and_nothing_else(self, firm, client):
        revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
        html = ask(client, revision.status_token).content.decode()
        body = html[html.index("<body") :]
        words = " ".join(re.sub(r"<[^>]+>", " ", body).split())
        assert words == (
            f"sopdesk {revision.procedure.code} revision 1 Current "
            "Your copy shows the revision in force today. Open sopdesk"
        )
        for secret in (revision.title, firm.owner.full_name, firm.author.full_name, firm.finance.name, "Payroll"):
            assert secret not in html

    def test_its_link_asks_for_a_login(self, firm, client):
        revision = make_revision(firm)
        html = ask(client, revision.status_token).content.decode()
        links = re.findall(r'<a [^>]*href="([^"]+)"', html)
        assert links == [reverse("procedure", args=[revision.procedure.code])]
        assert client.get(links[0]).status_code == 302


class TestThePage:
    def test_costs_one_query_and_no_session(self, firm, client, django_assert_num_queries):
        revision = make_revision(firm)
        with django_assert_num_queries(1):
            response = ask(client, revision.status_token)
        assert response.cookies == {}

    def test_is_kept_nowhere_and_listed_nowhere(self, firm, client):
        response = ask(client, make_revision(firm).status_token)
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "no-referrer"
        assert "ETag" not in response
        assert "script-src 'self'" in response["Content-Security-Policy"]

    @pytest.mark.parametrize("token", ["nobody-has-this-token-", "short", "x" * 500, "%00", "a.b", "é" * 22, "'--"])
    def test_an_unknown_token_gets_the_same_page_with_404(self, firm, client, token):
        known = ask(client, make_revision(firm).status_token)
        unknown = client.get(f"/v/{token}/")
        assert unknown.status_code == 404
        assert unknown.headers.keys() == known.headers.keys()
        assert [t.name for t in unknown.templates] == [t.name for t in known.templates]
        assert b"Unknown code" in unknown.content

    @pytest.mark.parametrize(("language", "word"), [("fr", "En vigueur"), ("en", "Current"), ("de", "Current")])
    def test_speaks_the_language_of_the_phone(self, firm, client, language, word):
        response = ask(client, make_revision(firm).status_token, accept_language=language)
        assert f"<h1>{word}</h1>" in response.content.decode()

    def test_who_asks_too_often_waits_and_others_do_not(self, firm, client):
        token = make_revision(firm).status_token
        with time_machine.travel(datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC), tick=False):
            answers = [ask(client, token).status_code for _ in range(STATUS_LIMIT.times)]
            assert set(answers) == {200}
            refused = ask(client, token)
            assert (refused.status_code, refused["Retry-After"]) == (429, "60")
            assert refused["Referrer-Policy"] == "no-referrer"
            url = reverse("revision-status", args=[token])
            assert client.get(url, REMOTE_ADDR="198.51.100.7").status_code == 200
        with time_machine.travel(datetime.datetime(2030, 1, 1, 0, 1, tzinfo=datetime.UTC)):
            assert ask(client, token).status_code == 200

    def test_takes_no_post(self, firm, client):
        assert client.post(reverse("revision-status", args=[make_revision(firm).status_token])).status_code == 405


class TestTheToken:
    def test_every_revision_has_its_own_from_the_moment_it_is_made(self, firm):
        draft = make_draft(firm)
        first = make_revision(firm)
        second = make_next(firm, first.procedure)
        tokens = {row.status_token for row in (draft, first, second)}
        assert len(tokens) == 3
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", token) for token in tokens)

    def test_no_two_revisions_can_share_one(self, firm):
        one, other = make_draft(firm), make_draft(firm)
        with pytest.raises(IntegrityError), transaction.atomic():
            Revision.objects.filter(pk=one.pk).update(status_token=other.status_token)

    def test_it_is_not_in_the_history_of_the_row(self, firm):
        fields = {field.name for field in Revision.history.model._meta.get_fields()}
        assert "status_token" not in fields

    def test_the_address_has_host_and_token(self, firm, settings):
        settings.BASE_URL = "https://sop.firm.test"
        revision = make_revision(firm)
        assert status_url(revision) == f"https://sop.firm.test/v/{revision.status_token}/"

    def test_the_reader_page_prints_it_as_a_code_without_styles(self, firm, client):
        revision = make_revision(firm)
        client.force_login(firm.staff)
        html = client.get(revision.procedure.get_absolute_url()).content.decode()
        assert str(status_qr(revision)) in html
        assert " style=" not in html

    def test_a_label_cannot_break_out_of_the_code(self):
        assert '"><script>' not in qr_svg("x", label='"><script>')


@pytest.mark.django_db(transaction=True)
def test_existing_revisions_get_tokens_and_filling_twice_changes_none(firm):
    revisions = [make_draft(firm), make_draft(firm), make_revision(firm)]
    fill = import_module("procedures.migrations.0016_status_token_filled")
    before = {row.pk: row.status_token for row in revisions}
    with connection.schema_editor() as editor:
        fill.fill(apps, editor)  # as after an upgrade that stopped half-way: nothing is left to do
    assert {row.pk: row.status_token for row in Revision.objects.all()} == before
