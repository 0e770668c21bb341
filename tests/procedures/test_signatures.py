"""Signatures: who proves what, what is sealed, what happens to tries that fail, and to what was tampered with."""

import datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.core.management import get_commands
from django.urls import reverse

from audit import names
from audit.trail import entries_for
from notifications.models import Notification
from procedures.actions import approval, drafts, steps
from procedures.invariants import violations
from procedures.models import Decision, Revision, SlotKind
from procedures.preflight import preflight
from procedures.queries import open_round
from procedures.signatures import is_valid, seal_of, signatures_of
from procedures.states import State
from roles import signing, statements
from roles.errors import CannotSign, StatementNotAccepted, WrongCode, WrongPassword
from roles.models import SigningGuard, StatementAcceptance, User
from sopdesk.lib.errors import InvalidTransition, NotPermitted
from tests.factories import PASSWORD, approve, make_draft, make_next, make_revision, make_route, make_user

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _no_cache():
    cache.clear()


@pytest.fixture
def in_review(firm):
    return make_revision(firm, state=State.IN_REVIEW)


@pytest.fixture
def strict(firm):
    """A round whose stage asks for a code as well."""
    route = make_route([(SlotKind.HEAD, None)], risk="high")
    route.stages.update(needs_second_factor=True)
    return make_revision(firm, state=State.IN_REVIEW, risk="high")


def codes() -> list[str]:
    """The codes that the app shows a moment ago, now and in a moment, as far as they are taken."""
    return [format_hotp_value(hotp_value(SECRET, counter)) for counter in yield_hotp_counters_from_time()]


def sign(revision: Revision, person: User, **proof) -> Decision:
    round = open_round(revision)
    given = {"password": PASSWORD} | proof
    return approval.approve_revision(round, actor=person, content_hash=round.content_hash, **given)


def fail(revision: Revision, person: User, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongPassword):
            sign(revision, person, password="a guess")


class TestSeal:
    GIVEN = {
        "round_id": 7, "slot_id": 8, "decider_id": 9, "decider_name": "Élodie Martin", "capacity": "Head of Finance",
        "on_behalf_of_id": 11, "verdict": "approve", "meaning": "approved", "comment": "Fine.",
        "decided_at": datetime.datetime(2026, 8, 24, 13, 2, 10, tzinfo=datetime.UTC), "method": "password",
        "content_hash": "ab" * 32,
    }  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "seal"),
        [
            ({"seal_format": 1}, "afdeb363e68bca670a252ce7b60460761500d32c2b172d1c74f34ee05a8ac8b5"),
            (
                {"seal_format": 2, "statement_version": 1},
                "94877b69138bfc4cfaa162971a7c39e332dec000db56ad2907a4f05f33c84ff2",
            ),
        ],
    )
    def test_golden_vectors(self, fields, seal):
        assert seal_of(Decision(**self.GIVEN, **fields)) == seal

    @pytest.mark.parametrize(
        "change",
        [
            {"round_id": 70}, {"slot_id": 80}, {"decider_id": 90}, {"decider_name": "Mallory"}, {"capacity": "Owner"},
            {"on_behalf_of_id": None}, {"verdict": "return"}, {"meaning": "reviewed"}, {"comment": "Fine!"},
            {"decided_at": datetime.datetime(2026, 8, 24, 13, 2, 11, tzinfo=datetime.UTC)}, {"method": "session"},
            {"content_hash": "ac" * 32}, {"statement_version": 2}, {"seal_format": 1},
        ],
        ids=lambda change: next(iter(change)),
    )  # fmt: skip
    def test_covers_every_word_of_a_signature(self, change):
        given = self.GIVEN | {"seal_format": 2, "statement_version": 1}
        assert seal_of(Decision(**given)) != seal_of(Decision(**(given | change)))

    def test_a_seal_of_the_first_format_still_verifies(self, firm):
        revision = make_revision(firm)
        decision = Decision.objects.get()
        decision.seal_format, decision.statement_version = 1, 0
        decision.seal = seal_of(decision)
        decision.save(update_fields=["seal_format", "statement_version", "seal"])
        assert is_valid(decision)
        assert signatures_of(revision)[0].is_valid

    def test_keeps_what_was_true_when_it_was_given(self, firm, in_review):
        decision = sign(in_review, firm.approver)
        User.objects.filter(pk=firm.approver.pk).update(full_name="Married Name")
        shown = signatures_of(Revision.objects.get(pk=in_review.pk))[0]
        assert (shown.name, shown.capacity, shown.how) == ("Approver", "Head of Finance", "with password")
        assert (decision.statement_version, decision.method) == (max(statements.TEXTS), "password")


class TestStatement:
    @pytest.fixture
    def newcomer(self, firm, in_review):
        newcomer = make_user("newcomer", department=firm.finance, signs=False)
        newcomer.password_is_own = True
        newcomer.save(update_fields=["password_is_own"])
        firm.finance.head = newcomer
        firm.finance.save(update_fields=["head"])
        return newcomer

    def test_nobody_signs_before_accepting_it(self, in_review, newcomer):
        with pytest.raises(StatementNotAccepted):
            sign(in_review, newcomer)
        assert not Decision.objects.exists()

    def test_accepted_with_the_first_signature_and_noted_once(self, firm, in_review, newcomer):
        sign(in_review, newcomer, accepts=1)
        acceptance = StatementAcceptance.objects.get(person=newcomer)
        assert acceptance.text_hash == statements.current_statement("en").text_hash
        assert [entry.name for entry in entries_for(newcomer)] == [names.STATEMENT_ACCEPT]
        sign(make_next(firm, in_review.procedure, state=State.IN_REVIEW), newcomer)
        assert entries_for(newcomer).count() == 1
        assert list(violations()) == []

    def test_nothing_is_accepted_with_a_signature_that_is_refused(self, in_review, newcomer):
        with pytest.raises(WrongPassword):
            sign(in_review, newcomer, accepts=1, password="a guess")
        assert not StatementAcceptance.objects.filter(person=newcomer).exists()

    def test_a_new_version_is_asked_for_again(self, firm, in_review, monkeypatch):
        monkeypatch.setitem(statements.TEXTS, 2, {"en": "Other words."})
        with pytest.raises(StatementNotAccepted):
            sign(in_review, firm.approver)
        with pytest.raises(StatementNotAccepted):
            sign(in_review, firm.approver, accepts=1)
        assert sign(in_review, firm.approver, accepts=2).statement_version == 2

    def test_changed_words_are_found(self, firm):
        make_revision(firm)
        StatementAcceptance.objects.filter(person=firm.approver).update(text_hash="0" * 64)
        assert [line for line in violations() if "under a statement that is not accepted" in line]


class TestProof:
    def test_a_session_alone_signs_nothing(self, firm, in_review, client):
        client.force_login(firm.approver)
        round = open_round(in_review)
        response = client.post(reverse("review-approve", args=[round.pk]), {"content_hash": round.content_hash})
        assert response.status_code == 403
        assert not Decision.objects.exists()

    def test_a_stage_that_asks_for_no_signature_takes_none(self, firm, client):
        make_route([(SlotKind.HEAD, None)], risk="low").stages.update(needs_signature=False)
        round = open_round(make_revision(firm, state=State.IN_REVIEW, risk="low"))
        client.force_login(firm.approver)
        assert 'name="password"' not in client.get(round.get_absolute_url()).content.decode()
        client.post(reverse("review-approve", args=[round.pk]), {"content_hash": round.content_hash})
        assert signatures_of(round.revision)[0].how == "without password"

    def test_the_password_of_somebody_else_signs_nothing(self, firm, in_review):
        firm.owner.set_password("quite-another-secret")
        firm.owner.save(update_fields=["password"])
        with pytest.raises(WrongPassword):
            sign(in_review, firm.approver, password="quite-another-secret")
        assert [entry.name for entry in entries_for(firm.approver)] == [names.SIGNATURE_FAIL]
        assert not Decision.objects.exists()

    def test_a_proof_serves_only_the_person_who_gave_it(self, firm):
        proof = signing.prove_identity(firm.approver, password=PASSWORD)
        with pytest.raises(CannotSign):
            signing.spend(proof, person=firm.owner)

    def test_a_password_set_by_somebody_else_signs_nothing_until_it_is_changed(self, firm, in_review, client):
        firm.approver.set_password(PASSWORD)  # as `manage.py changepassword` does
        firm.approver.save(update_fields=["password", "password_is_own"])
        client.force_login(firm.approver)
        page = client.get(open_round(in_review).get_absolute_url()).content.decode()
        assert "Choose your own before you sign" in page
        assert 'id="sign-dialog"' not in page
        with pytest.raises(CannotSign, match="set by somebody else"):
            sign(in_review, firm.approver)
        new = {"oldpassword": PASSWORD, "password1": "my-very-own-secret", "password2": "my-very-own-secret"}
        client.post(reverse("account_change_password"), new)
        assert sign(in_review, firm.approver, password="my-very-own-secret").method == "password"

    def test_who_was_invited_signs_nothing_before_choosing_a_password(self, firm, in_review):
        firm.approver.set_unusable_password()
        firm.approver.save(update_fields=["password"])
        with pytest.raises(CannotSign):
            sign(in_review, firm.approver)

    def test_a_better_hash_of_the_same_password_takes_nothing_away(self, firm, in_review):
        firm.approver.set_password(PASSWORD)
        firm.approver.save(update_fields=["password"])  # what Django does at log-in when the hasher has changed
        assert sign(in_review, firm.approver)


class TestSuperuser:
    """The superuser obeys, in action, page and command: own work, somebody else's signature, published text."""

    @pytest.fixture(params=["author", "superuser", "owner"])
    def superuser(self, request, firm):
        User.objects.filter(pk=firm.people[request.param].pk).update(is_superuser=True, is_active=True)
        return User.objects.get(pk=firm.people[request.param].pk)

    def test_signs_neither_own_work_nor_for_others(self, in_review, superuser, client):
        with pytest.raises(NotPermitted):
            approve(in_review, by=superuser)
        client.force_login(superuser)
        round = open_round(in_review)
        sent = {"content_hash": round.content_hash, "password": PASSWORD}
        assert client.post(reverse("review-approve", args=[round.pk]), sent).status_code in (403, 404)
        assert not Decision.objects.exists()

    def test_changes_no_published_text(self, firm, superuser, client):
        revision = make_revision(firm)
        step = revision.steps.first()
        with pytest.raises((NotPermitted, InvalidTransition)):
            drafts.save_draft(revision, actor=superuser, version=revision.version, fields={"purpose": "Pay twice."})
        with pytest.raises((NotPermitted, InvalidTransition)):
            steps.save_step(step, actor=superuser, version=step.version, fields={"title": "Pay twice"})
        client.force_login(superuser)
        page = reverse("step", args=[revision.procedure.code, step.uid])
        assert client.post(page, {"title": "Pay twice"}).status_code in (403, 404, 409)
        revision.refresh_from_db()
        assert revision.purpose == "Pay everybody the right amount on time."

    def test_has_no_admin_and_no_command_that_decides(self, client, superuser):
        client.force_login(superuser)
        assert client.get("/admin/").status_code == 404
        assert not {name for name in get_commands() if any(word in name for word in ("approve", "sign", "decide"))}


class TestSecondFactor:
    @pytest.fixture
    def app(self, firm):
        return TOTP.activate(firm.approver, SECRET)

    def test_password_and_code_sign(self, firm, strict, app):
        decision = sign(strict, firm.approver, code=codes()[0])
        assert decision.method == "password+totp"
        assert signatures_of(Revision.objects.get(pk=strict.pk))[0].how == "with password and code from an app"

    @pytest.mark.parametrize("code", ["", "000000x"])
    def test_the_password_alone_does_not(self, firm, strict, app, code):
        with pytest.raises(WrongCode):
            sign(strict, firm.approver, code=code)
        assert not Decision.objects.exists()

    def test_a_code_signs_once_whatever_the_cache_remembers(self, firm, strict, app):
        code = codes()[0]
        signing.prove_identity(firm.approver, password=PASSWORD, code=code, needs_second_factor=True)
        cache.clear()
        with pytest.raises(WrongCode):
            sign(strict, firm.approver, code=code)

    def test_recovery_codes_do_not_sign(self, firm, strict, app):
        Authenticator.objects.create(
            user=firm.approver, type=Authenticator.Type.RECOVERY_CODES, data={"migrated_codes": ["12345678"]}
        )
        with pytest.raises(WrongCode):
            sign(strict, firm.approver, code="12345678")

    def test_who_has_no_app_is_led_to_it_instead_of_the_dialog(self, firm, strict, client):
        client.force_login(firm.approver)
        page = client.get(open_round(strict).get_absolute_url()).content.decode()
        assert reverse("mfa_activate_totp") in page
        assert 'id="sign-dialog"' not in page
        with pytest.raises(CannotSign, match="Set up your app"):
            sign(strict, firm.approver, code="123456")

    def test_the_author_is_warned_before_submitting(self, firm, strict):
        draft = make_draft(firm, risk="high")
        warning = "Stage “Stage 1”: Approver must set up an app for codes before they can sign."
        assert warning in preflight(draft).warnings
        TOTP.activate(firm.approver, SECRET)
        assert warning not in preflight(draft).warnings


class TestLock:
    def test_five_failures_lock_signing_and_are_told_once(self, firm, in_review):
        fail(in_review, firm.approver, 5)
        with pytest.raises(CannotSign, match="locked for you"):
            sign(in_review, firm.approver)
        seen = [entry.name for entry in entries_for(firm.approver)]
        assert seen == [names.SIGNATURE_FAIL] * 5 + [names.SIGNATURE_LOCK]
        told = Notification.objects.filter(kind="signing-locked")
        assert {notice.recipient for notice in told} == {firm.approver, firm.administrator}
        assert not Decision.objects.exists()

    def test_it_opens_by_itself(self, firm, in_review):
        fail(in_review, firm.approver, 5)
        guard = SigningGuard.objects.get(person=firm.approver)
        assert guard.locked_until - in_review.submitted_at < datetime.timedelta(minutes=20)
        SigningGuard.objects.update(locked_until=guard.locked_until - signing.LOCK)
        assert sign(in_review, firm.approver)

    def test_failures_of_a_while_ago_do_not_count(self, firm, in_review):
        fail(in_review, firm.approver, 4)
        guard = SigningGuard.objects.get(person=firm.approver)
        guard.tries = [moment - signing.WINDOW.total_seconds() for moment in guard.tries]
        guard.save(update_fields=["tries"])
        fail(in_review, firm.approver, 1)
        assert sign(in_review, firm.approver)

    def test_a_signature_begins_the_count_anew(self, firm, in_review):
        fail(in_review, firm.approver, 4)
        sign(in_review, firm.approver)
        fail(make_next(firm, in_review.procedure, state=State.IN_REVIEW), firm.approver, 4)
        assert SigningGuard.objects.get(person=firm.approver).locked_until is None

    def test_tries_that_have_not_ended_count_too(self, firm, in_review):
        for _ in range(5):
            signing._claim_try(firm.approver)
        with pytest.raises(CannotSign, match="at the same time"):
            sign(in_review, firm.approver)

    def test_the_page_says_that_it_is_locked(self, firm, in_review, client):
        client.force_login(firm.approver)
        round = open_round(in_review)
        sent = {"content_hash": round.content_hash, "password": "a guess"}
        answers = [client.post(reverse("review-approve", args=[round.pk]), sent) for _ in range(6)]
        assert {answer.status_code for answer in answers} == {403}
        assert "Signing is locked for you until" in answers[-1].content.decode()


class TestTampering:
    @pytest.fixture(params=["name", "moved", "text"])
    def tampered(self, request, firm):
        revision = make_revision(firm)
        if request.param == "name":
            Decision.objects.update(decider_name="Mallory")
        elif request.param == "moved":
            other = make_revision(firm, title="Another")
            theirs = other.rounds.get()
            Decision.objects.filter(round=theirs).delete()
            Decision.objects.update(round=theirs, slot=theirs.stages.get().slots.get())
            return other
        else:
            content = revision.content | {"purpose": "Pay twice."}
            Revision.objects.filter(pk=revision.pk).update(content=content)
        return revision

    def test_it_shows_as_invalid_and_is_not_printed(self, firm, client, tampered):
        client.force_login(firm.staff)
        code = tampered.procedure.code
        assert "Signature invalid. Do not work by this text." in client.get(f"/procedures/{code}/").content.decode()
        response = client.get(reverse("procedure-pdf", args=[code]))
        assert response.status_code == 409
        assert "is not what was signed" in response.content.decode()
        assert [line for line in violations() if "INVALID" in line or "is not what its hash says" in line]

    def test_the_history_shows_it_too(self, firm, client):
        revision = make_revision(firm)
        client.force_login(firm.staff)
        address = reverse("history", args=[revision.procedure.code])
        assert "INVALID" not in client.get(address).content.decode()
        Decision.objects.update(capacity="Owner")
        assert "INVALID" in client.get(address).content.decode()
