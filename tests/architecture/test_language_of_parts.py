"""Walks the pages of somebody who reads English where the firm writes French: what is quoted of its texts says so.

WCAG 3.1.2: a screen reader speaks each occurrence of a text in the language of the element that it stands in.
"""

import copy

import pytest
from lxml import etree, html

from notifications.delivery import build_mail
from notifications.models import Notification
from tests.architecture.route_table import ROWS, WHO
from tests.architecture.site import Site, client_of, make_addresses
from tests.factories import Firm, make_firm

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("language-of-parts")]

WRITTEN = (
    "Run the monthly payroll",
    "Pay everybody the right amount on time",
    "Lock the time sheets",
    "Check the difference report",
    "The limit goes down to 3 %",
)
"""What the firm's texts are made of: titles, purpose, titles of steps, what changes."""
UNKNOWN = ""
"""What the trail holds is marked as being in a language that nobody knows."""
OF_A_PERSON = {"home", "reviews", "notices"}
"""Pages that show everybody something else."""
FILES = {"pdf", "docx", "markdown", "html", "pack", "csv", "export"}
"""Addresses of files, which are no pages of ours."""
HELP = "As people would look for it"
"""An example that the title of the firm's procedures is taken from."""
SPOKEN_TEXTS = etree.XPath("//body//text()[not(ancestor::script or ancestor::template)]")
"""The title of a window stands outside: it has no parts that could be marked."""


@pytest.fixture(scope="module")
def site(module_database) -> Site:
    firm = make_firm(language="fr")
    return Site(firm, make_addresses(firm))


@pytest.fixture
def firm(site, db) -> Firm:
    return copy.deepcopy(site.firm)


def unmarked_in(page: str) -> list[str]:
    """What stands in `page` of the firm's texts, in an element that is not marked as French."""
    found = []
    for text in SPOKEN_TEXTS(html.document_fromstring(page)):
        if any(words in text for words in WRITTEN) and HELP not in text:
            element = text.getparent() if text.is_text else text.getparent().getparent()
            language = next(iter(element.xpath("ancestor-or-self::*[@lang][1]/@lang")), "none")
            if language not in ("fr", UNKNOWN):
                found.append(f"<{element.tag} lang={language}> {' '.join(text.split())[:80]}")
    return found


def test_the_check_itself_finds_what_is_not_marked():
    title = WRITTEN[0]
    assert unmarked_in(f"<html lang=en><h3 lang=fr>{title}</h3><p lang=fr>x</p></html>") == []
    page = f"<html lang=en><body><div lang=fr><p lang=en>{title}</p> {title}</div> {title}</body></html>"
    assert sorted(unmarked_in(page)) == [
        f"<body lang=en> {title}", f"<p lang=en> {title}"
    ]  # fmt: skip


def test_texts_are_marked_with_their_language_on_every_page(site, firm):
    found: dict[str, list[str]] = {}
    for who in ("author", "approver", "administrator", "staff"):
        client = client_of(firm, who)
        for row in (row for row, answers in ROWS.items() if answers[WHO.index(who)] == 200):
            if row in found and row not in OF_A_PERSON or FILES & set(row.split(":")[0].split("-")):
                continue
            response = client.get(site.addresses[row])
            if response["Content-Type"].startswith("text/html"):
                found[row] = found.get(row, []) + unmarked_in(response.content.decode())
    assert {row: texts for row, texts in found.items() if texts} == {}
    assert {"home", "library", "history", "change-set", "reviews", "master-list", "manual", "shared"} <= found.keys()


def test_texts_are_marked_with_their_language_in_every_mail(site, firm):
    notices = {notice.kind: notice for notice in Notification.objects.order_by("pk")}
    assert len(notices) > 5
    for notice in notices.values():
        mail = build_mail(notice)
        assert unmarked_in(mail.alternatives[0][0]) == [], notice.kind
        assert "lang=" not in mail.body
