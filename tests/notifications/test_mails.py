"""Every kind of mail, in every language, whatever people typed."""

import email
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.test import Client
from django.utils import translation

from notifications import delivery, outbox
from notifications.models import Notification
from roles.models import User
from tests.notifications.conftest import CONTEXT

Tell = Callable[..., Notification]
LANGUAGES = [code for code, _name in settings.LANGUAGES]
ABOUT_PEOPLE = {
    "person-added", "signing-locked", "verification-failed", "absence-set", "deputy-named", "deputy-ended",
    "manual-ready", "manual-failed",
}  # fmt: skip
"""Kinds that tell of no procedure."""
NAMELESS = {
    "reading-changed",
    "revision-published", "watched-published", "watched-emergency-ended", "verification-failed", "manual-ready",
    "manual-failed", "remark-solved", "remark-closed",
}  # fmt: skip
"""Kinds that do not say who did it."""


def sent(notice: Notification) -> EmailMessage:
    """The mail as it goes over the wire, read back."""
    message = email.message_from_bytes(delivery.build_mail(notice).message().as_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    return message


def parts(notice: Notification) -> tuple[str, str]:
    message = sent(notice)
    return message.get_body(["plain"]).get_content(), message.get_body(["html"]).get_content()


@pytest.mark.parametrize("kind", outbox.KINDS)
@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html"])
def test_every_kind_has_every_part(kind: str, part: str) -> None:
    assert get_template(f"emails/{kind}-{part}").template.source.strip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", outbox.KINDS)
def test_every_kind_reads_in_the_language_of_its_recipient(reader: User, tell: Tell, kind: str, language: str) -> None:
    reader.language = language
    reader.save(update_fields=["language"])
    plain, html = parts(tell(reader, kind=kind))
    assert f'<html lang="{language}">' in html
    for text in (plain, html):
        assert "Payroll clerk" in text
        assert "Finance manager" in text or kind in NAMELESS
        assert settings.BASE_URL in text
        assert "{{" not in text
        assert "{%" not in text
    if kind not in ABOUT_PEOPLE:
        assert f"{settings.BASE_URL}/procedures/FIN-014/" in plain
        assert f'href="{settings.BASE_URL}/procedures/FIN-014/"' in html
        assert "FIN-014 Run the monthly payroll" in plain
        assert "FIN-014 Run the monthly payroll" in sent(tell(reader, kind=kind))["Subject"]


def test_language_of_the_one_who_acts_does_not_matter(reader: User, tell: Tell) -> None:
    notice = tell(reader)
    with translation.override("fr"):
        assert '<html lang="en">' in parts(notice)[1]


@pytest.mark.parametrize("kind", [kind for kind in outbox.KINDS if kind not in ABOUT_PEOPLE])
def test_what_was_said_is_quoted(reader: User, tell: Tell, kind: str) -> None:
    summary, body = "change_summary", "body"
    quoted = {
        "revision-submitted": summary,
        "review-invited": summary,
        "comment-added": body,
        **dict.fromkeys(("remark-added", "remark-answered", "remark-solved", "remark-closed"), body),
        "link-shared": "receiver",
    }
    said = CONTEXT[quoted.get(kind, "reason")]
    plain, html = parts(tell(reader, kind=kind))
    assert said in plain
    assert said in html


def test_nothing_said_leaves_no_empty_quote(reader: User, tell: Tell) -> None:
    plain, html = parts(tell(reader, kind="revision-returned", reason=""))
    assert "Reason" not in plain
    assert "<blockquote" not in html


@pytest.mark.parametrize("kind", outbox.KINDS)
def test_hostile_words_come_out_harmless(reader: User, tell: Tell, kind: str) -> None:
    evil = "<script>alert(1)</script>\r\nBcc: everybody@firm.test\u2028\"'&"
    hostile = {name: evil for name, value in CONTEXT.items() if isinstance(value, str)}
    reader.full_name = "<b>Mallory</b>\r\nX-Evil: 1"
    reader.save(update_fields=["full_name"])
    notice = tell(reader, kind=kind, title=evil, **hostile)
    message = sent(notice)
    assert len(message.get_all("Subject")) == 1
    assert len(message["Subject"].splitlines()) == 1
    assert "&lt;" not in message["Subject"]
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["To"] == "reader@firm.test"
    html = message.get_body(["html"]).get_content()
    assert "<script" not in html
    assert "<b>Mallory" not in html
    if kind != "person-added":
        assert "&lt;script&gt;" in html
    assert "&lt;" not in message.get_body(["plain"]).get_content()


def test_long_title_keeps_the_subject_short(reader: User, tell: Tell) -> None:
    assert len(sent(tell(reader, procedure_title="x" * 400))["Subject"]) <= 200


def test_mail_asks_for_no_answer_by_machine(reader: User, tell: Tell) -> None:
    assert sent(tell(reader))["Auto-Submitted"] == "auto-generated"


# The invitation ----------------------------------------------------------------------------------------------


@pytest.fixture
def invited(db: None) -> User:
    return User.objects.create_user("invited@firm.test", full_name="New hire")


def link_in(plain: str) -> str:
    return re.search(rf"{re.escape(settings.BASE_URL)}(/accounts/password/reset/key/\S+)", plain)[1]


def open_link(client: Client, link: str) -> tuple[str, str]:
    """Follow an invitation; the address of the form and what it says."""
    response = client.get(link, follow=True)
    return (response.redirect_chain[-1][0] if response.redirect_chain else link), response.text


def test_invited_person_chooses_a_password_and_signs_in(client: Client, invited: User, tell: Tell) -> None:
    plain, html = parts(tell(invited, kind="person-added"))
    assert "/accounts/password/reset/key/" in html
    address, _html = open_link(client, link_in(plain))
    chosen = "a-password-of-my-own"
    client.post(address, {"password1": chosen, "password2": chosen})
    response = client.post("/accounts/login/", {"login": invited.email, "password": chosen})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(invited.pk)


def test_invitation_works_once(client: Client, invited: User, tell: Tell) -> None:
    link = link_in(parts(tell(invited, kind="person-added"))[0])
    address, _html = open_link(client, link)
    client.post(address, {"password1": "a-password-of-my-own", "password2": "a-password-of-my-own"})
    assert "This link no longer works" in open_link(Client(), link)[1]


def test_invitation_expires(client: Client, invited: User, tell: Tell, settings: object) -> None:
    link = link_in(parts(tell(invited, kind="person-added"))[0])
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link no longer works" in open_link(client, link)[1]


def test_invitation_ends_with_a_new_address(client: Client, invited: User, tell: Tell) -> None:
    link = link_in(parts(tell(invited, kind="person-added"))[0])
    User.objects.filter(pk=invited.pk).update(email="moved@firm.test")
    assert "This link no longer works" in open_link(client, link)[1]


def test_invitation_names_the_days_that_it_works(invited: User, tell: Tell, settings: object) -> None:
    settings.PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
    assert "for 3 days" in parts(tell(invited, kind="person-added"))[0]
