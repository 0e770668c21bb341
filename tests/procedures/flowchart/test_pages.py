"""Where the flowchart is seen: reader page, preview, file, PDF; who may, and what it costs."""

import re
import subprocess

import pytest
from django.test import Client
from django.urls import reverse

from procedures.actions import drafts, steps
from procedures.models import RenditionKind, Revision
from procedures.pdf import build_html, render_pdf
from procedures.states import State
from tests.factories import first_step, make_draft, make_revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(firm) -> Client:
    client = Client()
    client.force_login(firm.staff)
    return client


@pytest.fixture
def writer(firm) -> Client:
    client = Client()
    client.force_login(firm.author)
    return client


def test_the_reader_page_shows_the_chart_after_the_steps_and_links_to_it(reader, firm):
    revision = make_revision(firm)
    page = reader.get(revision.get_absolute_url()).content.decode()
    assert page.index('id="step-3"') < page.index('<section id="flowchart">')
    drawing = re.search(r'<use href="#(flow-[\w-]+-drawing)"/>', page)[1]
    assert page.count(f'id="{drawing}"') == 1
    assert 'href="#flowchart"' in page
    assert reverse("revision-flowchart", args=[revision.procedure.code, 1]) in page
    assert "go to step 2" in page, "the same flow as text"


def test_the_chart_is_part_of_what_was_frozen(firm):
    revision = make_revision(firm, state=State.IN_REVIEW)
    assert '<section id="flowchart">' in revision.rendered


def test_a_text_that_was_frozen_before_there_were_charts_is_drawn_when_shown(reader, firm):
    revision = make_revision(firm)
    Revision.objects.filter(pk=revision.pk).update(rendered="<p>Old</p>", sanitiser_version=0)
    page = reader.get(revision.get_absolute_url()).content.decode()
    assert '<section id="flowchart">' in page and "<p>Old</p>" not in page


def test_two_steps_make_no_chart(reader, firm):
    revision = make_revision(firm, step_titles=["Look", "Act"])
    assert "flowchart" not in re.sub(r"<link[^>]*>", "", reader.get(revision.get_absolute_url()).content.decode())
    assert reader.get(reverse("revision-flowchart", args=[revision.procedure.code, 1])).status_code == 404


def test_the_preview_follows_the_draft(writer, firm):
    draft = make_draft(firm)
    address = reverse("draft-preview", args=[draft.procedure.code])
    assert "decision" not in writer.get(address).content.decode()
    step = first_step(draft)
    steps.save_step(
        step, actor=firm.author, version=step.version,
        fields={"kind": "decision", "branches": [{"label": "Perhaps", "target": "end"}]},
    )  # fmt: skip
    page = writer.get(address).content.decode()
    assert "node decision" in page and ">Perhaps</text>" in page


def test_the_file_is_an_svg_that_may_do_nothing(reader, firm):
    revision = make_revision(firm)
    for name, arguments in (("procedure-flowchart", []), ("revision-flowchart", [1])):
        answer = reader.get(reverse(name, args=[revision.procedure.code, *arguments]))
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "sandbox" in answer["Content-Security-Policy"]
        assert f'href="{revision.get_absolute_url()}#step-1"' in answer.content.decode()
        assert f"{revision.procedure.code}-r1-flowchart.svg" in answer["Content-Disposition"]


def test_who_has_the_file_already_is_told_so_until_it_changes(reader, writer, firm):
    published = make_revision(firm)
    draft = make_draft(firm)
    for client, revision in ((reader, published), (writer, draft)):
        address = reverse("revision-flowchart", args=[revision.procedure.code, 1])
        etag = client.get(address)["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    drafts.save_draft(draft, actor=firm.author, version=draft.version, fields={"title": "Other"})
    step = first_step(draft)
    steps.save_step(step, actor=firm.author, version=step.version, fields={"title": "Another first step"})
    assert writer.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_the_reader_page_asks_no_more_than_before(reader, firm, django_assert_max_num_queries):
    revision = make_revision(firm)
    reader.get(revision.get_absolute_url())
    with django_assert_max_num_queries(6):  # two of them are session and user
        reader.get(revision.get_absolute_url())


def test_the_pdf_holds_the_words_of_the_chart(firm):
    revision = make_revision(firm, step_titles=["Lock sheets", "Check report", "Release payment"])
    html = build_html(revision, kind=RenditionKind.PDF)
    chart = html.index('<section class="chart" id="flowchart">')
    assert html.rindex('id="step-3"') < chart
    data = render_pdf(
        f"<html lang='en'><head><title>Chart</title></head><body>{html[chart : html.index('</section>', chart)]}"
    )
    text = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    assert {"Flowchart", "Payroll", "clerk", "Start", "Lock", "sheets", "Release", "payment", "End"} <= set(
        text.split()
    )
