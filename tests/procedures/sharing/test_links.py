"""Share links: who makes them, what somebody without an account reads by one, and when that ends."""

import datetime
import io
import re

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from audit import names, trail
from notifications.models import Notification
from procedures.actions import drafts, emergency, publishing, sharing, steps
from procedures.invariants import violations
from procedures.models import Procedure, ShareLink
from procedures.sharing.links import LinkState, followed, hash_of_token, state_of
from procedures.sharing.permissions import (
    can_revoke_link,
    can_share,
    links_revocable_by,
    procedures_shareable_by,
)
from procedures.states import State
from reports.packing import build_pack
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from sopdesk.lib.programs import program_of
from tests.factories import PASSWORD, make_next, make_revision

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


def in_days(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)


def share(procedure, actor, **wanted):
    return sharing.make_link(procedure, actor=actor, **{"recipient": "Auditors", "ends_on": in_days(7)} | wanted)


def restricted(firm):
    return make_revision(firm, audience="departments", audience_departments=[firm.finance])


def read(token, *, status=200, client=None, **headers):
    response = (client or Client()).get(reverse("shared", args=[token]), headers=headers)
    assert response.status_code == status
    return response


class TestWhoShares:
    @pytest.mark.parametrize("kind", ["open", "restricted"])
    def test_predicate_and_queryset_agree_for_the_whole_cast(self, firm, kind):
        procedure = (restricted(firm) if kind == "restricted" else make_revision(firm)).procedure
        procedure.coauthors.add(firm.coauthor)
        link, _token = share(procedure, firm.owner)
        may = set()
        for name, person in firm.people.items():
            assert can_share(person, procedure) == procedures_shareable_by(person).filter(pk=procedure.pk).exists()
            assert can_revoke_link(person, link) == links_revocable_by(person).filter(pk=link.pk).exists()
            may |= {name} if can_share(person, procedure) else set()
        wanted = {"owner", "administrator"}
        assert may == (wanted if kind == "restricted" else wanted | {"author", "coauthor"})

    def test_an_author_does_not_share_what_only_some_may_read(self, firm):
        with pytest.raises(NotPermitted, match="owner or an administrator"):
            share(restricted(firm).procedure, firm.author)

    def test_mere_readers_and_auditors_share_nothing(self, firm):
        procedure = make_revision(firm).procedure
        for person in (firm.staff, firm.outsider, firm.auditor, firm.approver, firm.superuser):
            with pytest.raises(NotPermitted):
                share(procedure, person)

    def test_who_is_not_active_any_more_shares_and_revokes_nothing(self, firm):
        link, _token = share(make_revision(firm).procedure, firm.author)
        firm.author.is_active = False
        assert not can_share(firm.author, link.procedure)
        assert not can_revoke_link(firm.author, link)

    def test_who_made_a_link_revokes_it_although_they_could_not_make_it_today(self, firm):
        link, _token = share(make_revision(firm).procedure, firm.author)
        Procedure.objects.update(audience="roles")
        assert sharing.revoke_link(link, actor=firm.author, reason="Done.").end == "revoked"

    def test_the_owner_is_told_when_somebody_else_shares(self, firm):
        procedure = make_revision(firm).procedure
        share(procedure, firm.owner)
        assert not Notification.objects.filter(kind="link-shared").exists()
        share(procedure, firm.author, recipient="The bank")
        notice = Notification.objects.get(kind="link-shared")
        assert (notice.recipient, notice.context["receiver"]) == (firm.owner, "The bank")


class TestMaking:
    def test_the_token_is_stored_nowhere(self, firm):
        link, token = share(make_revision(firm).procedure, firm.owner, password="correct horse")
        row = str(ShareLink.objects.filter(pk=link.pk).values().get())
        told = str(list(trail.entries_of_procedure(link.procedure.code).values("data", "reason")))
        assert link.token_hash == hash_of_token(token)
        for secret in (token, "correct horse", link.token_hash, link.password):
            assert secret not in told
        assert token not in row
        assert "correct horse" not in row

    @pytest.mark.parametrize("days", [-1, 91])
    def test_the_last_day_is_neither_past_nor_too_far(self, firm, days):
        with pytest.raises(Refused):
            share(make_revision(firm).procedure, firm.owner, ends_on=in_days(days))

    def test_nothing_in_force_is_nothing_to_share(self, firm):
        for state in (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.WITHDRAWN):
            with pytest.raises(Refused):
                share(make_revision(firm, state=state).procedure, firm.owner)

    def test_says_for_whom(self, firm):
        with pytest.raises(Refused):
            share(make_revision(firm).procedure, firm.owner, recipient="  ")

    def test_the_trail_tells_making_first_opening_and_revoking_once_each(self, firm):
        link, token = share(make_revision(firm).procedure, firm.owner)
        read(token)
        read(token)
        sharing.revoke_link(link, actor=firm.owner, reason="Sent to the wrong people.")
        told = [row.name for row in trail.entries_of_procedure(link.procedure.code) if "share" in row.name]
        assert told == [names.SHARE_ADD, names.SHARE_OPEN, names.SHARE_REVOKE]
        assert list(violations()) == []

    def test_a_revoked_link_has_a_name_and_a_reason_in_the_database(self, firm):
        link, _token = share(make_revision(firm).procedure, firm.owner)
        with pytest.raises(IntegrityError), transaction.atomic():
            ShareLink.objects.filter(pk=link.pk).update(end="revoked", ended_at=timezone.now())
        with pytest.raises(IntegrityError), transaction.atomic():
            ShareLink.objects.filter(pk=link.pk).update(ended_at=timezone.now())


class TestReading:
    def test_shows_the_text_and_no_person_and_no_way_in(self, firm):
        revision = make_revision(firm, purpose=f"See [[FIN-S01]] and {HOSTILE}.")
        _link, token = share(revision.procedure, firm.owner)
        html = read(token).content.decode()
        assert "Shared copy." in html
        assert revision.title in html
        assert "Lock the time sheets" in html
        assert HOSTILE not in html
        for person in firm.people.values():
            assert person.full_name not in html
            assert person.email not in html
        targets = re.findall(r'(?:href|src|action)="([^"]*)"', html)
        assert [one for one in targets if not one.startswith(("#", "/static/"))] == []
        assert "<form" not in html
        assert "<script" not in html

    def test_pictures_and_diagrams_come_through_the_link_alone(self, firm, client):
        picture = io.BytesIO()
        Image.new("RGB", (4, 4)).save(picture, "PNG")
        revision = make_revision(firm, state=State.DRAFT)
        upload = SimpleUploadedFile("plan.png", picture.getvalue(), "image/png")
        attached = steps.attach_image(revision, actor=firm.author, upload=upload)
        revision.refresh_from_db()
        diagram = "```mermaid\nflowchart LR\nA --> B\n```"
        drafts.save_draft(
            revision, actor=firm.author, version=revision.version,
            fields={"purpose": f"![The plan](media:{attached.key})\n\n{diagram}\n"},
        )  # fmt: skip
        from procedures.actions import approval
        from tests.factories import approve

        approval.submit(revision, actor=firm.author)
        approve(revision, by=firm.approver)
        link, token = share(revision.procedure, firm.owner)
        html = read(token).content.decode()
        sources = re.findall(r'src="(/s/[^"]+)"', html)
        assert {one.split("/")[3] for one in sources} == {"files", "diagrams"}
        for source in sources:
            response = client.get(source)
            assert response.status_code == 200
            assert "no-store" in response["Cache-Control"]
            assert "ETag" not in response
            assert "default-src 'none'" in response["Content-Security-Policy"]
        sharing.revoke_link(link, actor=firm.owner, reason="Done.")
        assert {client.get(source).status_code for source in sources} == {404}

    def test_is_kept_nowhere_and_passes_no_address_on(self, firm):
        _link, token = share(make_revision(firm).procedure, firm.owner)
        response = read(token)
        assert "no-store" in response["Cache-Control"]
        assert "ETag" not in response
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert response.cookies == {}

    def test_following_shows_the_next_revision_and_pinned_ends_with_its_own(self, firm):
        revision = make_revision(firm)
        following, follow_token = share(revision.procedure, firm.owner)
        pinned, pin_token = share(revision.procedure, firm.owner, is_pinned=True)
        read(pin_token)
        make_next(firm, revision.procedure, purpose="Pay everybody, and say why.")
        assert "and say why" in read(follow_token).content.decode()
        assert "This link has ended" in read(pin_token, status=404).content.decode()
        pinned.refresh_from_db()
        following.refresh_from_db()
        assert (pinned.end, following.end) == ("superseded", "")
        assert trail.entries_of_procedure(revision.procedure.code).filter(name=names.SHARE_END).count() == 1

    def test_a_pinned_link_is_dead_on_the_day_before_the_clock_closes_it(self, firm):
        revision = make_revision(firm)
        link, token = share(revision.procedure, firm.owner, is_pinned=True)
        make_next(firm, revision.procedure, effective_on=in_days(1))
        read(token)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
            read(token, status=404)
            link.refresh_from_db()
            assert link.end == ""
            publishing.publish_due()
            link.refresh_from_db()
            assert link.end == "superseded"

    def test_withdrawing_ends_every_link_at_once(self, firm):
        revision = make_revision(firm)
        tokens = [share(revision.procedure, firm.owner, is_pinned=pinned)[1] for pinned in (True, False)]
        publishing.withdraw(revision.procedure, actor=firm.owner, reason="No longer done.")
        for token in tokens:
            read(token, status=404)
        assert set(ShareLink.objects.values_list("end", flat=True)) == {"withdrawn"}

    def test_an_emergency_issue_stands_before_a_pinned_text_as_long_as_it_lasts(self, firm):
        first = make_revision(firm)
        _link, pinned = share(first.procedure, firm.owner, is_pinned=True)
        _link, following = share(first.procedure, firm.owner)
        second = make_next(firm, first.procedure, state=State.IN_REVIEW)
        emergency.issue_emergency(
            second, actor=firm.owner, content_hash=second.content_hash, reason="Now.", days=2, password=PASSWORD,
            accepts=1,
        )  # fmt: skip
        read(pinned, status=404)
        read(following)

    def test_the_last_day_counts_and_the_next_does_not(self, firm):
        _link, token = share(make_revision(firm).procedure, firm.owner, ends_on=today())
        read(token)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
            read(token, status=404)

    def test_restricting_the_readers_ends_links_that_were_made_for_everybody(self, firm):
        revision = make_revision(firm)
        link, token = share(revision.procedure, firm.author)
        Procedure.objects.update(audience="departments")
        read(token, status=404)
        link = ShareLink.objects.select_related("procedure").get(pk=link.pk)
        assert state_of(link, followed(link.procedure, today()), today()) == LinkState.RESTRICTED
        _link, token = share(link.procedure, firm.owner)
        read(token)

    def test_only_a_genuine_token_learns_that_it_has_ended(self, firm):
        link, token = share(make_revision(firm).procedure, firm.owner)
        sharing.revoke_link(link, actor=firm.owner, reason="Done.")
        ended, unknown = read(token, status=404), read("x" * 43, status=404)
        assert b"This link has ended" in ended.content
        assert b"Unknown link" in unknown.content
        assert ended.headers.keys() == unknown.headers.keys()
        assert [t.name for t in ended.templates] == [t.name for t in unknown.templates]
        assert link.recipient not in ended.content.decode()

    @pytest.mark.parametrize("token", ["short", "%00", "é" * 43, "'--", "x" * 3000])
    def test_odd_tokens_are_unknown(self, client, db, token):
        assert client.get(f"/s/{token}/").status_code == 404

    def test_a_text_that_is_not_what_was_signed_is_not_shown(self, firm):
        revision = make_revision(firm)
        _link, token = share(revision.procedure, firm.owner)
        type(revision).objects.filter(pk=revision.pk).update(content={**revision.content, "purpose": "Pay me."})
        response = read(token, status=409)
        assert b"Pay me." not in response.content


class TestTheLog:
    def test_holds_time_network_and_program_and_no_person(self, firm, client):
        link, token = share(make_revision(firm).procedure, firm.owner)
        client.get(reverse("shared", args=[token]), headers={"user-agent": FIREFOX}, REMOTE_ADDR="192.0.2.77")
        opening = link.openings.get()
        assert (opening.network, opening.program, opening.times) == ("192.0.2.0/24", "Firefox, Windows", 1)

    def test_visits_close_to_each_other_are_one_row(self, firm):
        link, token = share(make_revision(firm).procedure, firm.owner)
        for _ in range(3):
            read(token)
        assert link.openings.get().times == 3
        with time_machine.travel(timezone.now() + datetime.timedelta(hours=1)):
            read(token)
        assert link.openings.count() == 2

    def test_forgets_old_visits_and_not_that_there_was_one(self, firm, client, settings):
        settings.SHARE_LOG_DAYS = 100
        link, token = share(make_revision(firm).procedure, firm.owner, ends_on=in_days(80))
        read(token)
        with time_machine.travel(timezone.now() + datetime.timedelta(days=60)):
            read(token)
            assert sharing.forget_openings() == 0
        with time_machine.travel(timezone.now() + datetime.timedelta(days=101)):
            assert sharing.forget_openings() == 1
            assert sharing.forget_openings() == 0
            assert link.openings.count() == 1
        with time_machine.travel(timezone.now() + datetime.timedelta(days=161)):
            assert sharing.forget_openings() == 1
            client.force_login(firm.owner)
            listed = client.get(reverse("share-links", args=[link.procedure.code])).content.decode()
            log = client.get(reverse("share-link-openings", args=[link.pk])).content.decode()
        assert "Not opened yet" not in listed + log
        assert "First opened on" in listed
        assert "A visit is kept for 100 days." in log
        told = trail.entries_of_procedure(link.procedure.code).filter(name=names.SHARE_OPEN)
        assert told.count() == 1
        assert list(violations()) == []

    def test_asking_for_the_head_is_no_visit(self, firm, client):
        link, token = share(make_revision(firm).procedure, firm.owner)
        assert client.head(reverse("shared", args=[token])).status_code == 200
        assert link.openings.count() == 0

    @pytest.mark.parametrize(
        ("agent", "program"),
        [(FIREFOX, "Firefox, Windows"), ("Slackbot 1.0", ""), (HOSTILE, ""), ("Firefox/1 " + "x" * 5000, "Firefox")],
    )
    def test_programs_are_told_by_family(self, agent, program):
        assert program_of(agent) == program

    def test_the_pack_holds_links_and_openings_and_nothing_that_opens_one(self, firm):
        import json
        import zipfile

        link, token = share(make_revision(firm).procedure, firm.owner, password="correct horse")
        link.openings.create(network="192.0.2.0/24", opened_at=timezone.now(), last_at=timezone.now())
        with build_pack(link.procedure, upto=10**6).file as file, zipfile.ZipFile(file) as archive:
            text = archive.read("share-links.json").decode()
            everything = b"".join(archive.read(name) for name in archive.namelist())
        [row] = json.loads(text)
        assert (row["recipient"], row["has_password"], len(row["openings"])) == ("Auditors", True, 1)
        for secret in (token, link.token_hash, link.password):
            assert secret.encode() not in everything


class TestThePassword:
    @pytest.fixture
    def locked(self, firm):
        return share(make_revision(firm).procedure, firm.owner, password="correct horse")

    def test_nothing_is_shown_before_it(self, firm, locked, client):
        link, token = locked
        html = read(token).content.decode()
        assert "Run the monthly payroll" not in html
        assert link.procedure.code not in html
        assert client.get(reverse("shared-file", args=[token, "a"])).status_code == 404
        assert link.openings.count() == 0

    def test_it_opens_the_link_in_this_browser_until_it_changes(self, locked, client):
        _link, token = locked
        url = reverse("shared", args=[token])
        assert client.post(url, {"password": "wrong"}).status_code == 422
        response = client.post(url, {"password": "correct horse"})
        assert response.status_code == 302
        cookie = response.cookies["shared"]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (url, True, "Strict")
        assert "Run the monthly payroll" in read(token, client=client).content.decode()
        assert "Run the monthly payroll" not in read(token).content.decode()

    def test_a_wrong_one_leads_back_to_the_field_and_is_said_once(self, locked, client):
        _link, token = locked
        html = client.post(reverse("shared", args=[token]), {"password": "wrong"}).content.decode()
        assert html.count("This password is not right.") == 1
        assert re.search(r'<input type="password"[^>]* autofocus\b[^>]*aria-invalid="true"', html)

    def test_the_cookie_of_one_link_opens_no_other(self, firm, locked, client):
        _link, token = locked
        _other, other_token = share(make_revision(firm).procedure, firm.owner, password="correct horse")
        answer = client.post(reverse("shared", args=[token]), {"password": "correct horse"})
        client.cookies["shared"]["path"] = "/"
        client.cookies["shared"] = answer.cookies["shared"].value
        assert "Run the monthly payroll" not in read(other_token, client=client).content.decode()

    def test_five_that_do_not_fit_lock_it_for_a_quarter_of_an_hour(self, locked, client):
        link, token = locked
        url = reverse("shared", args=[token])
        for _ in range(sharing.MOST_TRIES):
            assert client.post(url, {"password": "wrong"}).status_code == 422
        response = client.post(url, {"password": "correct horse"})
        assert b"quarter of an hour" in response.content
        with time_machine.travel(timezone.now() + datetime.timedelta(minutes=16)):
            assert client.post(url, {"password": "correct horse"}).status_code == 302

    def test_the_form_is_guarded_and_tells_the_browser_to_name_its_origin(self, locked):
        _link, token = locked
        client = Client(enforce_csrf_checks=True)
        assert client.post(reverse("shared", args=[token]), {"password": "correct horse"}).status_code == 403
        assert read(token)["Referrer-Policy"] == "same-origin"


class TestThePages:
    def test_the_link_is_shown_once(self, firm, client):
        procedure = make_revision(firm).procedure
        client.force_login(firm.owner)
        url = reverse("share-links", args=[procedure.code])
        sent = {"recipient": HOSTILE, "shows": "follow", "ends_on": in_days(3).isoformat()}
        html = client.post(url, sent).content.decode()
        token = re.search(r'value="http://[^/"]+/s/([^/"]+)/"', html)[1]
        read(token)
        again = client.get(url).content.decode()
        assert token not in again
        assert HOSTILE not in again
        assert "Opened once" in again

    def test_an_author_reads_why_they_do_not_share_a_restricted_text(self, firm, client):
        client.force_login(firm.author)
        html = client.get(reverse("share-links", args=[restricted(firm).procedure.code])).content.decode()
        assert "only its owner or an administrator decides" in html
        assert 'name="recipient"' not in html

    def test_the_owner_of_a_restricted_text_is_told_what_sharing_means(self, firm, client):
        client.force_login(firm.owner)
        html = client.get(reverse("share-links", args=[restricted(firm).procedure.code])).content.decode()
        assert "whoever holds it reads it too" in html

    def test_revoking_asks_for_a_reason_and_a_second_one_is_told(self, firm, client):
        link, token = share(make_revision(firm).procedure, firm.author)
        client.force_login(firm.owner)
        url = reverse("share-link-revoke", args=[link.pk])
        assert client.post(url, {"reason": " "}).status_code == 422
        assert client.post(url, {"reason": "Left the firm."}).status_code == 302
        read(token, status=404)
        with pytest.raises(InvalidTransition):
            sharing.revoke_link(link, actor=firm.owner, reason="Again.")

    def test_listing_costs_the_same_for_one_link_and_for_many(self, firm, client, django_assert_max_num_queries):
        procedure = make_revision(firm).procedure
        client.force_login(firm.owner)
        url = reverse("share-links", args=[procedure.code])
        share(procedure, firm.owner)
        with django_assert_max_num_queries(30) as one:
            client.get(url)
        for _ in range(8):
            share(procedure, firm.author, is_pinned=True)
        with django_assert_max_num_queries(len(one)):
            client.get(url)


class TestPosters:
    def test_a_poster_leads_to_the_procedure_and_not_to_a_revision(self, firm, client):
        from procedures.sharing.posters import posters_of
        from sopdesk.lib.qr import qr_svg

        revision = make_revision(firm)
        [poster] = posters_of([revision])
        url = f"http://localhost:8000{reverse('procedure', args=[revision.procedure.code])}"
        assert poster.qr == qr_svg(url, label=f"QR code: opens {revision.procedure.code}")
        client.force_login(firm.staff)
        html = client.get(reverse("procedure-poster", args=[revision.procedure.code])).content.decode()
        assert str(poster.qr) in html
        assert " style=" not in html

    def test_posters_of_a_choice_are_those_that_the_library_lists_for_this_person(self, firm, client):
        make_revision(firm, title="Close the books")
        restricted(firm)
        client.force_login(firm.outsider)
        html = client.get(reverse("library-posters"), {"size": "labels"}).content.decode()
        assert html.count('class="poster"') == 1
        assert "Close the books" in html
        client.force_login(firm.staff)
        assert client.get(reverse("library-posters")).content.decode().count('class="poster"') == 2

    @pytest.mark.parametrize("size", ["a4", "a5", "labels", "a0", HOSTILE])
    def test_sizes_that_there_are_not_become_a4(self, firm, client, size):
        client.force_login(firm.staff)
        code = make_revision(firm).procedure.code
        html = client.get(reverse("procedure-poster", args=[code]), {"size": size}).content.decode()
        wanted = size if size in ("a4", "a5", "labels") else "a4"
        assert f'class="posters" data-size="{wanted}"' in html

    def test_a_sheet_of_many_costs_as_much_as_one_of_few(self, firm, client, django_assert_max_num_queries):
        client.force_login(firm.staff)
        make_revision(firm)
        with django_assert_max_num_queries(30) as few:
            client.get(reverse("library-posters"))
        for _ in range(4):
            make_revision(firm)
        with django_assert_max_num_queries(len(few)):
            client.get(reverse("library-posters"))

    def test_there_is_none_of_what_was_withdrawn(self, firm, client):
        client.force_login(firm.staff)
        code = make_revision(firm, state=State.WITHDRAWN).procedure.code
        assert client.get(reverse("procedure-poster", args=[code])).status_code == 404


class TestPageOfLinks:
    def test_a_day_that_is_past_is_said_with_the_other_errors(self, firm, client):
        revision = make_revision(firm)
        client.force_login(firm.owner)
        wanted = {"recipient": "", "shows": "follow", "ends_on": in_days(-1), "password": ""}
        response = client.post(reverse("share-links", args=[revision.procedure.code]), wanted)
        assert response.status_code == 422
        assert set(response.context["form"].errors) == {"recipient", "ends_on"}

    def test_a_link_whose_last_day_is_over_is_not_revoked(self, firm, client):
        revision = make_revision(firm)
        share(revision.procedure, firm.owner, ends_on=in_days(1))
        client.force_login(firm.owner)
        address = reverse("share-links", args=[revision.procedure.code])
        assert "Revoke…" in client.get(address).content.decode()
        ShareLink.objects.update(ends_on=in_days(-1))
        assert "Revoke…" not in client.get(address).content.decode()
