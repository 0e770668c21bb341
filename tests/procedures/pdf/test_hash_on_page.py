"""The SHA-256 of the stored PDF stands in the menu of downloads of the page that leads to it."""

import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions import emergency
from procedures.keeping import keep_file
from procedures.models import Rendition, RenditionKind
from procedures.states import State
from tests.factories import PASSWORD, make_next, make_revision

pytestmark = pytest.mark.django_db

WORDS = "SHA-256 of the PDF"


def stored(revision, kind: RenditionKind) -> str:
    """A stand-in for the PDF of `revision`; its hash."""
    file = keep_file(f"{revision} {kind}".encode(), content_type="application/pdf")
    Rendition.objects.create(revision=revision, kind=kind, file=file)
    return file.sha256


@pytest.fixture
def read(client, firm):
    client.force_login(firm.staff)

    def get(address, **headers):
        response = client.get(address, headers=headers)
        return response.content.decode() if response.status_code == 200 else response.status_code

    return get


def test_it_is_the_hash_of_the_bytes_that_are_downloaded(firm, client, read):
    revision = make_revision(firm)
    address = revision.procedure.get_absolute_url()
    assert WORDS not in read(address)
    shown = stored(revision, RenditionKind.PDF)
    assert f"<code>{shown}</code>" in read(address)
    pdf = client.get(reverse("procedure-pdf", args=[revision.procedure.code]))
    assert hashlib.sha256(pdf.content).hexdigest() == shown


def test_a_page_that_is_kept_by_the_browser_is_stale_once_the_pdf_is_stored(firm, client, read):
    revision = make_revision(firm)
    address = revision.procedure.get_absolute_url()
    read(address)
    tag = client.get(address)["ETag"]
    assert read(address, if_none_match=tag) == 304
    shown = stored(revision, RenditionKind.PDF)
    assert shown in read(address, if_none_match=tag)


def test_it_costs_no_further_query(firm, client, read):
    revision = make_revision(firm)
    address = revision.procedure.get_absolute_url()
    read(address)
    counts = []
    for kind in (None, RenditionKind.PDF, RenditionKind.PDF_OBSOLETE):
        if kind:
            stored(revision, kind)
        with CaptureQueriesContext(connection) as queries:
            read(address)
        counts.append(len(queries))
    assert counts == [4, 4, 4]


def test_each_page_shows_the_hash_of_its_own_pdf(firm, read):
    first = make_revision(firm)
    hashes = {kind: stored(first, kind) for kind in (RenditionKind.PDF, RenditionKind.PDF_OBSOLETE)}
    second = make_next(firm, first.procedure, state=State.IN_REVIEW)
    emergency.issue_emergency(
        second, actor=firm.owner, content_hash=second.content_hash, reason="Now.", days=2, password=PASSWORD, accepts=1,
    )  # fmt: skip
    urgent = stored(second, RenditionKind.PDF_EMERGENCY)
    old, current = read(reverse("revision", args=[first.procedure.code, 1])), read(first.procedure.get_absolute_url())
    assert hashes[RenditionKind.PDF_OBSOLETE] in old
    assert hashes[RenditionKind.PDF] not in old
    assert urgent in current
