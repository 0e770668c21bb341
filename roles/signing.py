"""Proving, at the moment of signing, that it is oneself: password, code from the app, the statement accepted before.

Whatever is signed asks `prove_identity` first, outside of its transaction (passwords are slow to check by design), and
spends the `Proof` inside of it. Tries that fail are counted in the database, so that all processes agree.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from roles.errors import CannotSign, StatementNotAccepted, WrongCode, WrongPassword
from roles.models import Access, SigningGuard, StatementAcceptance, User
from roles.statements import TEXTS, Statement, current_statement, statement_of
from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.errors import Conflict

MOST_TRIES = 5
WINDOW = datetime.timedelta(minutes=15)
LOCK = datetime.timedelta(minutes=15)

METHOD_PASSWORD = "password"  # noqa: S105  (how it was signed, not a secret)  # nosec B105
METHOD_PASSWORD_AND_CODE = "password+totp"  # noqa: S105  # nosec B105


@dataclass(frozen=True, slots=True)
class Proof:
    """That `person_id` has just proved who they are. `statement` is the version that they sign under."""

    person_id: int
    method: str
    statement: int

    @property
    def has_second_factor(self) -> bool:
        return self.method == METHOD_PASSWORD_AND_CODE


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one person needs for a signature now, for the page that asks for it.

    `statement` is what they must accept first, None when they have. `why_not` says in one sentence why they cannot
    sign at all; `way` is then the address where they can change that, if there is one.
    """

    statement: Statement | None
    needs_code: bool
    why_not: str = ""
    way: str = ""


def requirements_for(person: User, *, needs_second_factor: bool = False, is_tried: bool = False) -> Requirements:
    """What `person` needs to sign; 3 queries at most. When it is tried, whether signing is locked is not asked here:
    `_claim_try` asks under the lock."""
    statement = current_statement(person.language)
    accepted = StatementAcceptance.objects.filter(person=person, version=statement.version).exists()
    why_not, way = _why_not(person, needs_second_factor=needs_second_factor, is_tried=is_tried)
    return Requirements(None if accepted else statement, needs_second_factor, why_not, way)


def _why_not(person: User, *, needs_second_factor: bool, is_tried: bool) -> tuple[str, str]:
    guard = None if is_tried else SigningGuard.objects.filter(person=person).first()
    if guard and guard.locked_until and guard.locked_until > timezone.now():
        return _locked_sentence(guard.locked_until), ""
    if not person.has_usable_password() or not person.password_is_own:
        return (
            _("Your password was set by somebody else. Choose your own before you sign."),
            reverse("account_change_password"),
        )
    if needs_second_factor and not has_code_app(person):
        return (
            _("This signature asks for a code from an app as well. Set up your app first."),
            reverse("mfa_activate_totp"),
        )
    return "", ""


def has_code_app(person: User) -> bool:
    """Whether `person` has an app that makes codes. Recovery codes are for logging in and do not sign."""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def people_without_code_app(people: Iterable[User]) -> list[User]:
    """Those of `people` who could not sign where a second factor is asked for, in their order; one query."""
    people = list(people)
    have = set(
        Authenticator.objects.filter(user__in=people, type=Authenticator.Type.TOTP).values_list("user", flat=True)
    )
    return [person for person in people if person.pk not in have]


# Proving -----------------------------------------------------------------------------------------------------


def prove_identity(
    person: User, *, password: str, code: str = "", needs_second_factor: bool = False, accepts: int = 0
) -> Proof:
    """Check that whoever acts as `person` is them. Call it before the transaction that signs, and `spend` in it.

    `accepts` is the version of the statement whose box was ticked, 0 for none; it is noted with the proof, also when
    what was to be signed has moved on meanwhile.
    Raises CannotSign (locked after `MOST_TRIES` failures, a password that somebody else has set, no app where a code
    is asked for), StatementNotAccepted, WrongPassword, WrongCode. The last two are counted and on the trail.
    """
    person = User.objects.get(pk=person.pk)  # as it is now, not as it was when the request began
    needs = requirements_for(person, needs_second_factor=needs_second_factor, is_tried=True)
    if needs.why_not:
        raise CannotSign(needs.why_not, target=needs.way)
    if needs.statement is not None and accepts != needs.statement.version:
        raise StatementNotAccepted(_("Accept the statement before you sign."))
    _claim_try(person)
    if not (password and person.check_password(password)):
        _count_failure(person, what="password")
        raise WrongPassword(_("This password is not right. Nothing was signed."))
    if needs_second_factor and not _code_fits(person, code):
        _count_failure(person, what="code")
        raise WrongCode(_("This code is not right, or was used before. Wait for the next one. Nothing was signed."))
    _forget_tries(person)
    if needs.statement is not None:
        accept_statement(actor=person, version=accepts)
    method = METHOD_PASSWORD_AND_CODE if needs_second_factor else METHOD_PASSWORD
    return Proof(person.pk, method, max(TEXTS))


def spend(proof: Proof, *, person: User) -> None:
    """Sign with `proof`, in the transaction of what is signed. Raises CannotSign for the proof of somebody else."""
    if proof.person_id != person.pk:
        raise CannotSign(_("Only the person who proved who they are can sign."))


@transaction.atomic
def accept_statement(*, actor: User, version: int) -> StatementAcceptance:
    """Note that `actor` accepted `version` of the e-signature statement in their language; once, whoever comes second.

    Raises Conflict when it is not the current version any more.
    """
    statement = current_statement(actor.language)
    if version != statement.version:
        raise Conflict(_("The statement has a newer version. Read it before you sign."))
    acceptance, is_new = StatementAcceptance.objects.get_or_create(
        person=actor,
        version=version,
        defaults={
            "language": statement.language,
            "text_hash": statement.text_hash,
            "accepted_at": timezone.now(),
        },
    )
    if is_new:
        data = {"version": version, "language": statement.language, "text_hash": statement.text_hash}
        trail.record(names.STATEMENT_ACCEPT, actor=actor, subject=actor, data=data)
    return acceptance


def statements_accepted() -> set[tuple[int, int]]:
    """Person and version of every acceptance whose words are those of its version."""
    return {
        (row.person_id, row.version)
        for row in StatementAcceptance.objects.iterator(chunk_size=500)
        if (statement := statement_of(row.version, row.language)) and statement.text_hash == row.text_hash
    }


# Tries that fail ---------------------------------------------------------------------------------------------


@transaction.atomic
def _claim_try(person: User) -> None:
    """Count this try before it is known how it ends, so that many at once are no more guesses than one by one.

    Raises CannotSign when signing is locked, or when as many tries as are allowed have not ended yet.
    """
    guard, now = _lock_guard(person), timezone.now()
    if guard.locked_until and guard.locked_until > now:
        raise CannotSign(_locked_sentence(guard.locked_until))
    recent = [moment for moment in guard.tries if moment > (now - WINDOW).timestamp()]
    if len(recent) >= MOST_TRIES:
        raise CannotSign(_("Too many tries at the same time. Wait a few minutes, then sign again."))
    guard.tries = [*recent, now.timestamp()]
    guard.save(update_fields=["tries"])


@transaction.atomic
def _count_failure(person: User, *, what: str) -> None:
    """Note the failure on the trail; with the last one allowed, lock signing and tell the person and administrators."""
    guard, now = _lock_guard(person), timezone.now()
    trail.record(names.SIGNATURE_FAIL, actor=person, subject=person, data={"what": what})
    if len(guard.tries) < MOST_TRIES:
        return
    guard.tries, guard.locked_until = [], now + LOCK
    guard.save(update_fields=["tries", "locked_until"])
    data = {"tries": MOST_TRIES, "until": guard.locked_until.isoformat()}
    entry = trail.record(names.SIGNATURE_LOCK, actor=None, subject=person, data=data)
    administrators = User.objects.filter(access=Access.ADMINISTRATOR, is_active=True).exclude(pk=person.pk)
    _tell_locked(person, [person], url=reverse("settings"), event_seq=entry.seq)
    _tell_locked(person, administrators, url=reverse("person", args=[person.pk]), event_seq=entry.seq)


def _tell_locked(person: User, recipients: Iterable[User], *, url: str, event_seq: int) -> None:
    for recipient in recipients:
        with translation.override(recipient.language):
            title = _("Signing is locked for %(name)s") % {"name": person}
        context = {"actor": str(person), "is_own": recipient == person, "minutes": int(LOCK.total_seconds() // 60)}
        outbox.notify(
            "signing-locked", recipients=[recipient], event_seq=event_seq, title=title, url=url, context=context
        )


def _forget_tries(person: User) -> None:
    """Begin to count anew after a proof. Raises CannotSign when another try has locked signing meanwhile."""
    guards, now = SigningGuard.objects.filter(person=person), timezone.now()
    if not guards.exclude(locked_until__gt=now).update(tries=[], locked_until=None):
        raise CannotSign(_locked_sentence(guards.get().locked_until or now))


@transaction.atomic
def _code_fits(person: User, code: str) -> bool:
    """Whether `code` is one that the person's app shows now and that has not signed yet, in whatever process."""
    guard = _lock_guard(person)
    digits = "".join(code.split())
    used = sha256_hex(f"{person.pk}:{digits}".encode())
    app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if app is None or not digits or guard.used_code == used or not app.wrap().validate_code(digits):
        return False
    guard.used_code = used
    guard.save(update_fields=["used_code"])
    return True


def _lock_guard(person: User) -> SigningGuard:
    return SigningGuard.objects.select_for_update(no_key=True).get_or_create(person=person)[0]


def _locked_sentence(until: datetime.datetime) -> str:
    time = formats.time_format(timezone.localtime(until), "TIME_FORMAT")
    return _("Signing is locked for you until %(time)s, after %(count)d tries that failed.") % {
        "time": time,
        "count": MOST_TRIES,
    }
