"""The reader page: what it shows to whom, what it warns of, what it costs, and its files."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from procedures.actions import drafts, steps
from procedures.models import Audience, Rendition, Revision
from procedures.pdf import RenderingFailed
from procedures.states import State
from roles.models import Holding, Theme, User
from tests.factories import approve, make_draft, make_next, make_revision
from tests.procedures.pdf.test_renderer import PIXEL

pytestmark = pytest.mark.django_db

QUERIES = 5


@pytest.fixture
def visit(client):
    """Ask for a page as somebody; the status is checked, the answer returned."""

    def get(user, name, *args, status=200, **headers):
        client.force_login(user)
        response = client.get(reverse(name, args=args), headers=headers)
        assert response.status_code == status, (user, name, args)
        return response

    return get


def banner_of(response) -> str:
    """The words of the banner, empty without one. Never more than one."""
    found = re.findall(r'<section class="banner".*?</section>', response.content.decode(), re.S)
    assert len(found) <= 1
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


class TestReaderPage:
    def test_shows_the_revision_in_force(self, firm, visit):
        first = make_revision(firm)
        make_next(firm, first.procedure, purpose="Pay everybody, and say why.")
        response = visit(firm.staff, "procedure", first.procedure.code)
        assert b"Pay everybody, and say why." in response.content
        assert banner_of(response) == ""

    def test_a_due_revision_counts_before_the_clock_has_caught_up(self, firm, visit):
        revision = make_revision(firm, state=State.APPROVED)
        visit(firm.staff, "procedure", revision.procedure.code, status=404)
        Revision.objects.filter(pk=revision.pk).update(effective_on=timezone.localdate())
        response = visit(firm.staff, "procedure", revision.procedure.code)
        assert b'data-state="published"' in response.content

    def test_names_owner_dates_and_who_approved(self, firm, visit):
        revision = make_revision(firm)
        html = visit(firm.staff, "procedure", revision.procedure.code).content.decode()
        decision = revision.rounds.get().decisions.get()
        signed_at = timezone.localtime(decision.decided_at).isoformat(" ", "seconds").replace("+", " +")
        for words in ("Owner", "in 12 months", decision.decider_name, decision.capacity, "Approved"):
            assert words.replace("'", "&#x27;") in html
        day, time = signed_at.split(" ", 1)  # the exact form, that a line breaks in only one place
        assert f'<span class="nowrap">{day}</span> <span class="nowrap">{time}</span>' in html

    def test_tells_the_script_which_roles_are_mine(self, firm, visit):
        revision = make_revision(firm)
        response = visit(firm.staff, "procedure", revision.procedure.code)
        assert f'data-my-roles="{firm.clerk_role.pk}"'.encode() in response.content
        assert b'data-my-roles=""' in visit(firm.owner, "procedure", revision.procedure.code).content

    def test_the_text_is_marked_with_its_language(self, firm, visit):
        revision = make_revision(firm, language="fr")
        response = visit(firm.staff, "procedure", revision.procedure.code)
        assert b'<article class="card document" lang="fr"' in response.content
        assert b'<html lang="en"' in response.content

    def test_hostile_text_stays_text(self, firm, visit):
        hostile = '"><script>alert(1)</script>'
        revision = make_revision(firm, title=hostile, purpose=hostile, tags=[hostile], step_titles=[hostile])
        response = visit(firm.staff, "procedure", revision.procedure.code)
        assert b"<script>alert" not in response.content
        assert b"&lt;script&gt;alert(1)" in response.content

    def test_only_asking_is_possible(self, firm, client):
        revision = make_revision(firm)
        client.force_login(firm.staff)
        assert client.post(reverse("procedure", args=[revision.procedure.code])).status_code == 405


class TestWhoSeesWhat:
    PAGES = ("procedure", "procedure-pdf", "history")
    NUMBERED = ("revision", "revision-pdf")

    @pytest.mark.parametrize("audience", [Audience.DEPARTMENTS, Audience.ROLES])
    def test_who_is_not_in_the_audience_finds_nothing_at_any_address(self, firm, visit, audience):
        readers = {"audience_departments": [firm.finance], "audience_roles": [firm.clerk_role]}
        revision = make_revision(firm, audience=audience, **readers)
        code = revision.procedure.code
        for name in self.PAGES:
            visit(firm.outsider, name, code, status=404)
        for name in self.NUMBERED:
            visit(firm.outsider, name, code, 1, status=404)
        visit(firm.staff, "procedure", code)

    @pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED])
    def test_what_is_on_its_way_is_for_those_who_look_after_it(self, firm, visit, state):
        revision = make_revision(firm, state=state)
        code = revision.procedure.code
        for user in (firm.staff, firm.outsider):
            for name in self.PAGES:
                visit(user, name, code, status=404)
            for name in self.NUMBERED:
                visit(user, name, code, 1, status=404)
        for user in (firm.author, firm.owner, firm.auditor, firm.administrator):
            visit(user, "revision", code, 1)

    def test_the_approver_reads_what_is_in_review(self, firm, visit):
        revision = make_revision(firm, state=State.IN_REVIEW)
        html = visit(firm.approver, "revision", revision.procedure.code, 1).content.decode()
        review = reverse("review", args=[revision.rounds.get().pk])
        assert f'<a class="button primary" href="{review}"' in html
        assert reverse("history", args=[revision.procedure.code]) not in html  # nothing of it was released

    def test_strangers_are_asked_to_sign_in(self, firm, client):
        revision = make_revision(firm)
        for name in self.PAGES:
            response = client.get(reverse(name, args=[revision.procedure.code]))
            assert (response.status_code, response.url[:16]) == (302, "/accounts/login/")

    def test_there_is_nothing_at_a_code_that_was_never_given(self, firm, visit):
        for name in self.PAGES:
            visit(firm.administrator, name, "FIN-999", status=404)


class TestBanner:
    def test_withdrawn_comes_first_and_says_why(self, firm, visit):
        revision = make_revision(firm, state=State.WITHDRAWN)
        Revision.objects.filter(pk=revision.pk).update(next_review_on=datetime.date(2020, 1, 1))
        words = banner_of(visit(firm.staff, "procedure", revision.procedure.code))
        assert words.startswith("Withdrawn.")
        assert "No longer done." in words

    def test_obsolete_leads_to_the_current_one(self, firm, visit):
        revision = make_revision(firm, state=State.SUPERSEDED)
        response = visit(firm.staff, "revision", revision.procedure.code, 1)
        assert banner_of(response).startswith("Obsolete. Do not work by this text. Revision 2 has taken its place.")
        assert f'href="/procedures/{revision.procedure.code}/"'.encode() in response.content

    def test_what_is_replaced_by_date_is_obsolete_before_the_clock_has_caught_up(self, firm, visit):
        first = make_revision(firm)
        tomorrow = timezone.localdate() + datetime.timedelta(days=1)
        following = make_next(firm, first.procedure, state=State.IN_REVIEW, effective_on=tomorrow)
        approve(following, by=firm.approver)
        assert banner_of(visit(firm.staff, "revision", first.procedure.code, 1)) == ""
        Revision.objects.filter(pk=following.pk).update(effective_on=timezone.localdate())
        assert banner_of(visit(firm.staff, "revision", first.procedure.code, 1)).startswith("Obsolete.")

    def test_an_overdue_review_is_told_before_a_newer_revision(self, firm, visit):
        revision = make_revision(firm)
        make_next(firm, revision.procedure, state=State.DRAFT)
        Revision.objects.filter(pk=revision.pk).update(next_review_on=datetime.date(2020, 1, 1))
        assert "review of this text is overdue" in banner_of(visit(firm.author, "procedure", revision.procedure.code))

    @pytest.mark.parametrize(
        ("state", "words"),
        [(State.DRAFT, "Revision 2 is being written."), (State.IN_REVIEW, "Revision 2 is in review.")],
    )
    def test_a_newer_revision_is_told_to_those_who_may_see_it(self, firm, visit, state, words):
        revision = make_revision(firm)
        make_next(firm, revision.procedure, state=state)
        assert banner_of(visit(firm.author, "procedure", revision.procedure.code)).startswith(words)
        assert banner_of(visit(firm.staff, "procedure", revision.procedure.code)) == ""

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (State.DRAFT, "Draft."),
            (State.IN_REVIEW, "In review."),
            (State.APPROVED, "Approved. In force from"),
            (State.DISCARDED, "Discarded."),
        ],
    )
    def test_what_nobody_follows_says_so(self, firm, visit, state, words):
        revision = make_revision(firm, state=state)
        assert banner_of(visit(firm.author, "revision", revision.procedure.code, 1)).startswith(words)


class TestActs:
    def test_authors_begin_a_new_revision_or_go_on_with_the_draft(self, firm, visit):
        revision = make_revision(firm)
        code = revision.procedure.code
        assert reverse("draft-start", args=[code]).encode() in visit(firm.author, "procedure", code).content
        make_next(firm, revision.procedure, state=State.DRAFT)
        content = visit(firm.author, "procedure", code).content
        assert reverse("draft-start", args=[code]).encode() not in content
        assert f'href="{reverse("draft", args=[code])}"'.encode() in content

    def test_an_invited_author_of_another_department_may_too(self, firm, visit):
        revision = make_revision(firm)
        start = reverse("draft-start", args=[revision.procedure.code]).encode()
        assert start not in visit(firm.coauthor, "procedure", revision.procedure.code).content
        drafts.change_procedure(
            revision.procedure, actor=firm.owner, fields={}, coauthors=[firm.coauthor], reason="She helps."
        )
        assert start in visit(firm.coauthor, "procedure", revision.procedure.code).content

    @pytest.mark.parametrize("name", ["staff", "approver", "auditor", "outsider"])
    def test_readers_are_offered_no_act(self, firm, visit, name):
        revision = make_revision(firm)
        html = visit(firm.people[name], "procedure", revision.procedure.code).content.decode()
        assert "draft/start" not in html
        assert "withdraw" not in html

    @pytest.mark.parametrize("name", ["owner", "administrator"])
    def test_owner_and_administrator_may_withdraw(self, firm, visit, name):
        revision = make_revision(firm)
        response = visit(firm.people[name], "procedure", revision.procedure.code)
        assert reverse("withdraw", args=[revision.procedure.code]).encode() in response.content

    def test_who_may_not_decide_is_told_why(self, firm, visit):
        revision = make_revision(firm, state=State.IN_REVIEW)
        revision.contributors.add(firm.approver)
        html = visit(firm.approver, "revision", revision.procedure.code, 1).content.decode()
        assert "You wrote this revision; someone else must approve it." in html


class TestCost:
    @pytest.mark.parametrize("name", ["staff", "author", "coauthor", "approver", "owner", "auditor", "administrator"])
    def test_a_reader_page_takes_five_queries_whoever_reads(self, firm, client, django_assert_num_queries, name):
        procedure = make_revision(firm, step_titles=[f"Do thing {number}" for number in range(30)]).procedure
        make_next(firm, procedure, state=State.DRAFT)
        client.force_login(firm.people[name])
        with django_assert_num_queries(QUERIES):
            client.get(procedure.get_absolute_url())

    @pytest.mark.parametrize("audience", [Audience.DEPARTMENTS, Audience.ROLES])
    def test_naming_the_audience_takes_no_more(self, firm, client, django_assert_num_queries, audience):
        readers = {"audience_departments": [firm.finance], "audience_roles": [firm.clerk_role]}
        address = make_revision(firm, audience=audience, **readers).procedure.get_absolute_url()
        client.force_login(firm.author)
        with django_assert_num_queries(QUERIES):
            response = client.get(address)
        named = firm.finance if audience == Audience.DEPARTMENTS else firm.clerk_role
        assert f"<dt>Who reads it</dt><dd>{named}</dd>" in response.content.decode()

    def test_an_unchanged_page_is_not_sent_again(self, firm, visit, django_assert_num_queries):
        code = make_revision(firm).procedure.code
        visit(firm.staff, "procedure", code)  # gives the browser its CSRF cookie
        etag = visit(firm.staff, "procedure", code)["ETag"]
        response = visit(firm.staff, "procedure", code, status=304, if_none_match=etag)
        assert response.content == b""
        assert response["ETag"] == etag
        assert "private" in response["Cache-Control"]

    @pytest.mark.parametrize(
        "change",
        [
            lambda firm, revision: make_next(firm, revision.procedure),
            lambda firm, revision: User.objects.filter(pk=firm.staff.pk).update(theme=Theme.DARK),
            lambda firm, revision: User.objects.filter(pk=firm.staff.pk).update(language="fr"),
            lambda firm, revision: User.objects.filter(pk=firm.owner.pk).update(full_name="New name"),
            lambda firm, revision: Holding.objects.filter(user=firm.staff).delete(),
            lambda firm, revision: Revision.objects.filter(pk=revision.pk).update(
                next_review_on=datetime.date(2020, 1, 1)
            ),
        ],
        ids=["next revision", "theme", "language", "name of the owner", "role", "review overdue"],
    )
    def test_whatever_the_page_shows_changes_its_tag(self, firm, visit, change):
        revision = make_revision(firm)
        code = revision.procedure.code
        visit(firm.staff, "procedure", code)
        etag = visit(firm.staff, "procedure", code)["ETag"]
        change(firm, revision)
        assert (
            visit(type(firm.staff).objects.get(pk=firm.staff.pk), "procedure", code, if_none_match=etag)["ETag"] != etag
        )

    def test_one_persons_page_is_never_anothers(self, firm, visit):
        code = make_revision(firm).procedure.code
        etag = visit(firm.staff, "procedure", code)["ETag"]
        visit(firm.owner, "procedure", code, if_none_match=etag)

    def test_a_draft_is_always_made_anew(self, firm, visit):
        revision = make_draft(firm)
        assert not visit(firm.author, "revision", revision.procedure.code, 1).has_header("ETag")


class TestPdf:
    def test_two_downloads_are_the_same_bytes_and_the_second_costs_no_rendering(self, firm, visit, monkeypatch):
        revision = make_revision(firm)
        code = revision.procedure.code
        first = visit(firm.staff, "procedure-pdf", code)
        assert first["Content-Type"] == "application/pdf"
        assert first["Content-Disposition"] == f'inline; filename="{code}-r1.pdf"'
        assert first["X-Content-Type-Options"] == "nosniff"
        monkeypatch.setattr("procedures.pdf.storing.render_pdf", lambda *args, **kwargs: pytest.fail("made again"))
        assert visit(firm.staff, "procedure-pdf", code).content == first.content
        assert visit(firm.staff, "revision-pdf", code, 1).content == first.content

    def test_its_tag_is_the_hash_of_the_file(self, firm, visit):
        code = make_revision(firm).procedure.code
        etag = visit(firm.staff, "procedure-pdf", code)["ETag"]
        assert etag == f'"{Rendition.objects.get().file.sha256}"'
        assert visit(firm.staff, "procedure-pdf", code, status=304, if_none_match=etag).content == b""

    def test_an_old_revision_comes_with_the_obsolete_mark(self, firm, visit):
        revision = make_revision(firm, state=State.SUPERSEDED)
        code = revision.procedure.code
        visit(firm.staff, "revision-pdf", code, 1)
        visit(firm.staff, "procedure-pdf", code)
        kinds = set(Rendition.objects.values_list("revision__number", "kind"))
        assert kinds == {(1, "pdf_obsolete"), (2, "pdf")}

    def test_a_withdrawn_procedure_too(self, firm, visit):
        revision = make_revision(firm, state=State.WITHDRAWN)
        visit(firm.staff, "procedure-pdf", revision.procedure.code)
        assert Rendition.objects.get().kind == "pdf_obsolete"

    @pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW, State.APPROVED, State.DISCARDED])
    def test_what_was_not_released_has_none(self, firm, visit, state):
        revision = make_revision(firm, state=state)
        visit(firm.author, "revision-pdf", revision.procedure.code, 1, status=404)

    def test_when_it_cannot_be_made_in_time_the_reader_is_asked_to_wait(self, firm, visit, monkeypatch):
        def fail(*args, **kwargs):
            raise RenderingFailed("it took longer than 20 s")

        monkeypatch.setattr("procedures.pdf.storing.render_pdf", fail)
        response = visit(firm.staff, "procedure-pdf", make_revision(firm).procedure.code, status=503)
        assert response["Retry-After"] == "30"
        assert b"The PDF is not ready yet" in response.content


class TestPictures:
    @pytest.fixture
    def picture(self, firm):
        revision = make_draft(firm, audience=Audience.DEPARTMENTS, audience_departments=[firm.finance])
        upload = SimpleUploadedFile("lock.png", PIXEL, "image/png")
        return steps.attach_image(revision, actor=firm.author, upload=upload)

    def address(self, picture):
        return ("attachment", picture.revision.procedure.code, picture.revision.number, picture.key)

    def test_is_shown_but_can_do_nothing(self, firm, visit, picture):
        response = visit(firm.author, *self.address(picture))
        assert response["Content-Type"] == "image/png"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"].startswith("inline; filename=")
        assert "immutable" in response["Cache-Control"] and "private" in response["Cache-Control"]
        visit(firm.author, *self.address(picture), status=304, if_none_match=response["ETag"])

    def test_follows_the_audience_of_its_revision(self, firm, visit, picture):
        visit(firm.outsider, *self.address(picture), status=404)
        visit(firm.staff, *self.address(picture), status=404)  # still a draft
        visit(firm.auditor, *self.address(picture))

    def test_there_is_none_under_another_key(self, firm, visit, picture):
        name, code, number, _key = self.address(picture)
        visit(firm.author, name, code, number, "another", status=404)
