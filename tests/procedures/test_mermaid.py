"""Diagrams that authors write: drawn on the server, harmless whatever stands in them, and never in anybody's way."""

import re
import subprocess

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions import approval, drafts
from procedures.content import revision_content
from procedures.mermaid import diagram_sources, draw_missing, drawing
from procedures.mermaid.drawing import FORBIDDEN, TOO_LONG, TOO_MUCH, Drawing, draw, is_suspicious, tamed, title_of
from procedures.mermaid.sources import key_of
from procedures.models import Diagram, RenditionKind
from procedures.pdf import store_pdf
from sopdesk.lib.childprocess import NoAnswer
from sopdesk.lib.files import read_stored
from tests.factories import make_draft, make_revision

SOURCE = "flowchart TD\n  accTitle: Who pays whom\n  A[Début] -->|Oui| B[開始]"


def fenced(source: str) -> str:
    return f"Look:\n\n```mermaid\n{source}\n```\n\nThat was it."


# Drawing -----------------------------------------------------------------------------------------------------


def test_a_diagram_becomes_a_picture_with_its_own_size():
    svg = draw(SOURCE).svg
    assert svg.startswith("<svg")
    root = svg[: svg.index(">")]
    assert re.search(r'\swidth="[\d.]+" height="[\d.]+"', root) and "style=" not in root
    assert "Début" in svg and "開始" in svg


@pytest.mark.parametrize(
    "source",
    [
        "sequenceDiagram\n  A->>B: Hello",
        "stateDiagram-v2\n  [*] --> Open\n  Open --> [*]",
        "gantt\n  title Plan\n  section A\n  First :a1, 2026-01-01, 3d",
        'pie\n  title Costs\n  "A" : 3\n  "B" : 5',
        "erDiagram\n  A ||--o{ B : has",
        "classDiagram\n  class A",
        "mindmap\n  root\n    leaf",
    ],
)
def test_all_kinds_of_diagrams_are_drawn(source):
    assert draw(source).svg.startswith("<svg")


def test_a_mistake_is_told_in_the_words_of_the_engine():
    assert draw("flowchart TD\n A --> --> B[").error.startswith("Diagram parse error")
    assert draw("not a diagram").error


def test_too_long_a_source_is_not_even_tried(monkeypatch):
    monkeypatch.setattr(drawing, "_child", None)
    assert draw("flowchart TD\n" + "A --> B\n" * 5_000) == Drawing(error=TOO_LONG)


def test_a_diagram_that_would_not_end_is_ended_and_the_next_one_drawn(monkeypatch):
    monkeypatch.setattr(drawing, "SECONDS", 1)
    edges = "\n".join(f"N{a} --> N{(a * 7 + b) % 150}" for a in range(150) for b in range(5))
    assert draw(f"flowchart TD\n{edges}").error
    monkeypatch.undo()
    assert draw(SOURCE).svg


def test_configuration_of_the_author_is_dropped_and_the_title_stays():
    source = (
        "---\ntitle: Who \"pays\"\nconfig:\n  themeCSS: '* {background: url(http://evil.test/)}'\n---\n"
        "%%{init: {'securityLevel': 'loose',\n 'themeCSS': 'x'}}%%\nflowchart TD\n A --> B"
    )
    used = tamed(source)
    assert "evil" not in used and "loose" not in used and "themeCSS" not in used
    assert used.count("%%{init") == 1
    assert 'title: "Who \\"pays' in used
    assert draw(source).svg


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (SOURCE, "Who pays whom"),
        ("---\ntitle: 'The plan'\n---\nflowchart TD\n A", "The plan"),
        ('pie title Costs\n "A" : 1', ""),
        ("gantt\n  title Plan of 2026\n", "Plan of 2026"),
        ("flowchart TD\n A --> B", ""),
    ],
)
def test_its_title_is_the_alternative_text(source, title):
    assert title_of(source) == title


HOSTILE = [
    'flowchart TD\n A["<script>alert(1)</script><img src=x onerror=alert(1)>"] --> B',
    'flowchart TD\n A --> B\n click A "javascript:alert(1)"\n click B call alert()',
    "flowchart TD\n A --> B\n style A fill:url(http://evil.test/x)",
    'flowchart TD\n A@{ img: "http://evil.test/x.png", label: "x" } --> B',
    'flowchart TD\n A@{ img: "file:///etc/passwd", label: "x" } --> B',
    "flowchart TD\n A --> B\n classDef x fill:#fff,background:url(//evil.test)\n class A x",
    'flowchart TD\n A["</text></svg><script>alert(1)</script>"]',
    '%%{init: {"themeCSS": "</style><script>alert(1)</script>"}}%%\nflowchart TD\n A',
    "flowchart TD\n A[\"<foreignObject><iframe src='//evil.test'></iframe></foreignObject>\"]",
    "sequenceDiagram\n A->>B: <svg onload=alert(1)>",
]


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_diagrams_are_refused_or_harmless(source):
    found = draw(source)
    assert found.svg or found.error
    assert not found.svg or not is_suspicious(found.svg)
    assert not re.search(r"<script|<foreignObject|<\w+[^>]*\son\w+=|javascript:|file:", found.svg, re.IGNORECASE)
    assert "evil.test" not in re.sub(r"<text.*?</text>|<title.*?</title>", "", found.svg, flags=re.DOTALL)


@pytest.mark.parametrize(
    "part",
    [
        "<script>alert(1)</script>",
        "<g onload='alert(1)'/>",
        "<foreignObject><b/></foreignObject>",
        "<image href='http://evil.test/x'/>",
        "<use href='//evil.test/x#y'/>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<style>@import 'x';</style>",
        "<rect fill='url(http://evil.test/x)'/>",
        "<style>rect { fill: url( 'data:x') }</style>",
        "<animate attributeName='x'/>",
        "<unclosed>",
    ],
)
def test_what_comes_out_is_not_trusted(part):
    assert is_suspicious(f'<svg xmlns="http://www.w3.org/2000/svg">{part}</svg>')


@pytest.mark.parametrize("head", ["<!DOCTYPE svg [<!ENTITY a 'b'>]>", "<?xml-stylesheet href='x'?>"])
def test_nothing_may_stand_before_the_picture(head):
    assert is_suspicious(f'{head}<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert is_suspicious(f'<svg xmlns="http://www.w3.org/2000/svg">{head}</svg>')


def test_a_suspicious_picture_is_not_kept(monkeypatch):
    class Evil:
        def ask(self, job, *, seconds):
            return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

    monkeypatch.setattr(drawing, "_child", Evil())
    assert draw(SOURCE) == Drawing(error=FORBIDDEN)


# On pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def writer(firm) -> Client:
    client = Client()
    client.force_login(firm.author)
    return client


@pytest.mark.django_db
def test_the_preview_shows_picture_and_source(writer, firm):
    draft = make_draft(firm, background=fenced(SOURCE))
    page = writer.get(reverse("draft-preview", args=[draft.procedure.code])).content.decode()
    address = reverse("diagram", args=[draft.procedure.code, 1, key_of(SOURCE)])
    assert f'<img src="{address}" alt="Who pays whom">' in page
    assert "A[Début] --&gt;|Oui| B[開始]" in page
    assert Diagram.objects.get().svg
    answer = writer.get(address)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert writer.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.django_db
def test_a_mistake_is_told_beside_the_block_and_breaks_nothing(writer, firm):
    draft = make_draft(firm, background=fenced("flowchart TD\n A --> --> ["))
    page = writer.get(reverse("draft-preview", args=[draft.procedure.code])).content.decode()
    assert "This diagram is not drawn, because it contains a mistake: Diagram parse error" in page
    assert "A --&gt; --&gt; [" in page and "<img" not in page[page.index('id="background"') :]
    assert "That was it." in page


@pytest.mark.django_db
def test_only_the_diagrams_of_a_text_are_served_from_its_address(writer, firm):
    draft = make_draft(firm, background=fenced(SOURCE))
    other = make_draft(firm, background=fenced("flowchart TD\n Secret"))
    draw_missing(diagram_sources(revision_content(other)))
    wrong = reverse("diagram", args=[draft.procedure.code, 1, key_of("flowchart TD\n Secret")])
    assert writer.get(wrong).status_code == 404


@pytest.mark.django_db
def test_a_diagram_is_drawn_once(writer, firm, monkeypatch):
    draft = make_draft(firm, background=fenced(SOURCE))
    address = reverse("draft-preview", args=[draft.procedure.code])
    writer.get(address)
    monkeypatch.setattr(drawing, "_child", None)
    assert "Who pays whom" in writer.get(address).content.decode()


@pytest.mark.django_db
def test_when_it_cannot_be_drawn_just_now_the_page_stands_and_the_picture_comes_later(writer, firm, monkeypatch):
    class Busy:
        def ask(self, job, *, seconds):
            raise NoAnswer("busy")

    draft = make_draft(firm, background=fenced(SOURCE))
    address = reverse("diagram", args=[draft.procedure.code, 1, key_of(SOURCE)])
    monkeypatch.setattr(drawing, "_child", Busy())
    page = writer.get(reverse("draft-preview", args=[draft.procedure.code])).content.decode()
    assert address in page and not Diagram.objects.exists()
    monkeypatch.undo()
    assert writer.get(address).status_code == 200


@pytest.mark.django_db
def test_submitting_from_the_page_draws_before_and_freezes_the_address(writer, firm):
    draft = make_draft(firm, background=fenced(SOURCE))
    code = draft.procedure.code
    sent = {"change_summary": "New.", "significance": "major", "version": draft.version, "effective_on": ""}
    assert writer.post(reverse("submit", args=[code]), sent).status_code == 302
    draft.refresh_from_db()
    assert reverse("diagram", args=[code, 1, key_of(SOURCE)]) in draft.rendered
    assert Diagram.objects.filter(sha256=key_of(SOURCE)).exclude(svg="").exists()


@pytest.mark.django_db
def test_submitting_itself_never_draws(firm, monkeypatch):
    monkeypatch.setattr(drawing, "_child", None)
    draft = make_draft(firm, background=fenced(SOURCE))
    approval.submit(draft, actor=firm.author)
    draft.refresh_from_db()
    assert key_of(SOURCE) in draft.rendered


@pytest.mark.django_db
def test_a_text_without_diagrams_pays_nothing(writer, firm):
    draft = make_draft(firm)
    with CaptureQueriesContext(connection) as queries:
        writer.get(reverse("draft-preview", args=[draft.procedure.code]))
    assert not [query for query in queries.captured_queries if "procedures_diagram" in query["sql"]]


@pytest.mark.django_db
def test_after_twenty_diagrams_the_rest_stays_source(firm):
    blocks = "\n\n".join(fenced(f"flowchart TD\n A{number}") for number in range(22))
    draft = make_draft(firm, background=blocks)
    assert len(diagram_sources(revision_content(draft))) == 20


@pytest.mark.django_db
def test_the_pdf_holds_the_diagram(firm, tmp_path):
    revision = make_revision(firm, background=fenced("flowchart TD\n  A[Onlyhere] --> B"), step_titles=["A", "B"])
    rendition = store_pdf(revision, kind=RenditionKind.PDF)
    data = read_stored(rendition.file.name)
    text = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    assert text.count("Onlyhere") == 1, "in the picture, and its source not beside it"


@pytest.mark.django_db
def test_an_outsider_gets_none_of_it(firm):
    draft = make_draft(firm, background=fenced(SOURCE))
    client = Client()
    client.force_login(firm.outsider)
    assert client.get(reverse("diagram", args=[draft.procedure.code, 1, key_of(SOURCE)])).status_code == 404


@pytest.mark.django_db
def test_a_changed_source_is_another_diagram(writer, firm):
    draft = make_draft(firm, background=fenced(SOURCE))
    preview = reverse("draft-preview", args=[draft.procedure.code])
    writer.get(preview)
    drafts.save_draft(
        draft, actor=firm.author, version=draft.version, fields={"background": fenced(SOURCE + "\n B --> C")}
    )
    writer.get(preview)
    assert Diagram.objects.count() == 2


def test_too_large_a_diagram_is_too_much():
    names = "\n".join(f"N{number} --> N{number + 1}" for number in range(1_300))
    assert draw(f"flowchart TD\n{names}").error in (TOO_MUCH, TOO_LONG)
