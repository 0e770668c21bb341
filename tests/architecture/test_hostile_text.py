"""The corpus of hostile strings in every text field × every page: nothing of it becomes markup that acts.

Every answer is parsed as a browser would (HTML5), and judged by what stands in the tree.
"""

import datetime
import io
import json
import os
import re
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from notifications.models import Notification
from procedures.actions import approval, drafts
from procedures.actions.templates import save_as_template
from procedures.exporting.files import Format, export
from procedures.models import (
    Category,
    Comment,
    GlossaryTerm,
    InventoryTask,
    Revision,
    RoundOutcome,
    SearchRecord,
    StandardPart,
    Step,
    Synonym,
    SynonymGroup,
)
from procedures.pdf import build_html
from procedures.queries import open_round
from procedures.states import State
from roles.models import Department, Role, User
from tests.factories import PASSWORD, make_draft, make_next, make_revision

pytestmark = pytest.mark.django_db

CORPUS = Path(os.environ.get("SOPDESK_CORPUS", Path(__file__).resolve().parents[3] / "shared" / "corpus"))
PAYLOADS = CORPUS / "xss" / "payloads.json"

FORBIDDEN = {
    "iframe",
    "object",
    "embed",
    "applet",
    "base",
    "frame",
    "frameset",
    "math",
    "foreignobject",
    "audio",
    "video",
}
ACTIVE_ATTRIBUTES = ("src", "href", "action", "formaction", "data", "xlink:href", "srcdoc", "poster", "background")


def test_the_judge_finds_what_acts():
    for html in (
        "<p><svg><a xlink:href='javascript:x'>a</a></svg>", "<img src=x onerror=x>", "<script>1</script>", "<style>",
        "<a href=' java\nscript:x'>", "<svg><foreignObject></svg>", "<math></math>",
        "<form action='https://example.org'>", "<img src='//example.org'>", "<p style='x'>", "<iframe>",
        "<template><b onclick=x></template>",
    ):  # fmt: skip
        assert problems(html), html
    assert problems('<p><a href="/a">a</a><img src="/b" alt=""><script src="/static/c.js"></script>') == []


@pytest.fixture(scope="module")
def payloads() -> list[str]:
    if not PAYLOADS.exists():
        pytest.skip(f"no corpus of hostile strings at {PAYLOADS}")
    found = json.loads(PAYLOADS.read_text(encoding="utf-8"))
    rows = found if isinstance(found, list) else [row for rows in found.values() for row in rows]
    texts = [row if isinstance(row, str) else row.get("payload", row.get("input", "")) for row in rows]
    return sorted({text.replace("\x00", "") for text in texts if text.strip()})


@pytest.fixture(scope="module")
def every_fifth(payloads) -> list[str]:
    """For pages whose texts all go the same way, by the template's own escaping or the renderer: those are tried with
    every string elsewhere, and neighbours in the sorted list differ little."""
    return payloads[::5]


def problems(html: str) -> list[str]:
    """What in this page would act: scripts that are not ours, handlers, dangerous addresses, styles."""
    found = []
    # What stands in a template is a tree of its own until a script takes it out; it is judged like the rest.
    html = re.sub(r"(?i)(</?)template\b", r"\1section", html)
    for element in LexborHTMLParser(html).root.traverse(include_text=False):
        tag = element.tag.lower()
        attributes = element.attributes
        if tag in FORBIDDEN:
            found.append(f"<{tag}>")
        if tag == "script" and not (attributes.get("src") or "").startswith("/static/"):
            found.append(f"script: {attributes.get('src')} {element.text()!r}")
        if tag == "style":
            found.append("<style>")
        for name, value in attributes.items():
            name = name.lower()
            address = "".join((value or "").split()).lower()
            if name.startswith("on") or name == "style":
                found.append(f"{tag} {name}={value!r}")
            if name in ACTIVE_ATTRIBUTES and address.startswith(("javascript:", "vbscript:", "data:text", "//")):
                found.append(f"{tag} {name}={value!r}")
            if tag == "img" and name == "src" and not address.startswith(("/", "data:image/")):
                found.append(f"{tag} {name}={value!r}")
            if tag == "form" and name == "action" and not address.startswith(("/", "?")) and address:
                found.append(f"{tag} {name}={value!r}")
    return found


def assert_harmless(client: Client, path: str, *, data: dict | None = None) -> None:
    response = client.post(path, data) if data is not None else client.get(path)
    assert response.status_code in (200, 409, 422), f"{path}: {response.status_code}"
    assert problems(response.content.decode()) == [], path


def batches(rows: list[str], size: int) -> list[list[str]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def acceptable(texts: list[str]) -> list[str]:
    """Those that the markup limits let through; what they refuse never reaches a page."""
    from sopdesk.lib.markup import MarkupTooComplex, check_markup

    kept = []
    for text in texts:
        try:
            check_markup(text)
        except MarkupTooComplex:
            continue
        kept.append(text)
    return kept


def client_for(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_in_every_field_of_a_step_on_every_page_that_shows_it(firm, payloads):
    author, approver = client_for(firm.author), client_for(firm.approver)
    shown = 0
    for texts in batches(acceptable(payloads), 90):
        revision = make_draft(firm, step_titles=[texts[0][:200]])
        Step.objects.bulk_create(
            Step(
                revision=revision, position=position, kind="decision" if position % 2 else "checklist",
                title=text[:200], section=text[:200], body=text, expected=text, warning=text,
                branches=[{"label": text, "target": "end"}] * 2, items=[text[:300]], tool=text[:120],
                record=text[:160], evidence="file", evidence_name=text[:200],
            )
            for position, text in enumerate(texts, start=2)
        )  # fmt: skip
        Comment.objects.bulk_create(Comment(revision=revision, author=firm.author, body=text) for text in texts)
        shown += len(texts)
        code = revision.procedure.code
        assert_harmless(author, f"/procedures/{code}/draft/")
        assert_harmless(author, f"/procedures/{code}/draft/preview/")
        assert_harmless(author, f"/procedures/{code}/draft/?step={revision.steps.last().uid}")
        approval.submit(revision, actor=firm.author)
        round = open_round(revision)
        assert_harmless(approver, round.get_absolute_url())
        approval.approve_revision(round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD)
        assert_harmless(approver, f"/procedures/{code}/")
        body = pdf_body(Revision.objects.get(pk=revision.pk))
        assert problems(body) == ["<base>"], "the one of the template, under which links in the PDF lead to us"
    assert shown > 900


def pdf_body(revision: Revision) -> str:
    """The document that becomes a PDF, without our own style sheet."""
    html = build_html(revision, kind="pdf")
    while "<style" in html:
        start, end = html.index("<style"), html.index("</style>") + len("</style>")
        html = html[:start] + html[end:]
    return html


def test_in_every_text_of_a_revision(firm, every_fifth):
    author, staff = client_for(firm.author), client_for(firm.staff)
    long_fields = ("purpose", "scope", "outcome", "prerequisites", "definitions", "background", "references")
    for texts in batches(acceptable(every_fifth), 40):
        text = "\n\n".join(texts)
        if not acceptable([text]):
            text = texts[0]
        short = [row.replace("\n", " ")[:100] or "x" for row in texts]
        revision = make_draft(firm, title=short[0], **dict.fromkeys(long_fields, text))
        drafts.save_draft(
            revision,
            actor=firm.author,
            version=revision.version,
            fields={
                "tags": short, "contact": short[1 % len(short)], "trigger": short[2 % len(short)],
                "change_summary": text,
            },
            tools=[{"name": row, "note": row} for row in short],
            records=[{"name": row, "place": row, "kept": row[:80]} for row in short],
            benchmarks=[{"name": row, "unit": row[:30], "target": 1, "direction": "at_most"} for row in short],
        )  # fmt: skip
        code = revision.procedure.code
        assert_harmless(author, f"/procedures/{code}/draft/")
        assert_harmless(author, f"/procedures/{code}/draft/submit/")
        approval.submit(revision, actor=firm.author)
        round = open_round(revision)
        approval.approve_revision(round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD)
        assert_harmless(staff, f"/procedures/{code}/")
        assert_harmless(staff, f"/procedures/{code}/history/")
        assert_harmless(staff, "/library/")


def test_in_titles_names_reasons_and_comments(firm, every_fifth):
    """Short texts that stand on lists: changed in place, twenty rows at a time."""
    revisions = [make_revision(firm) for _turn in range(18)]
    pending = make_revision(firm, state=State.IN_REVIEW)
    back = make_next(firm, revisions[0].procedure, state=State.IN_REVIEW)
    round = open_round(back)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason="x")
    author, approver, administrator = (
        client_for(person) for person in (firm.author, firm.approver, firm.administrator)
    )
    code = revisions[0].procedure.code
    for turn, texts in enumerate(batches(every_fifth, 20)):
        short = [text[:80] for text in texts]
        for revision, text in zip([*revisions, pending, back], texts, strict=False):
            Revision.objects.filter(pk=revision.pk).update(title=text[:200], change_summary=text, ended_reason=text)
        User.objects.filter(pk=firm.owner.pk).update(full_name=short[0])
        User.objects.filter(pk=firm.author.pk).update(full_name=short[-1])
        Department.objects.filter(pk=firm.finance.pk).update(name=short[1 % len(short)])
        Role.objects.filter(pk=firm.clerk_role.pk).update(name=short[2 % len(short)], description=texts[0])
        Category.objects.filter(pk=firm.category.pk).update(name=short[3 % len(short)])
        back.rounds.update(closed_reason=texts[0], route_name=short[0])
        pending.rounds.update(route_name=short[0])
        for decision in [*back.rounds.get().decisions.all()]:
            type(decision).objects.filter(pk=decision.pk).update(
                comment=texts[0], decider_name=short[0], capacity=short[0]
            )
        Notification.objects.update(title=texts[0][:254], context={"actor": texts[-1], "number": 1, "reason": texts[0]})
        assert_harmless(author, "/")
        assert_harmless(author, "/notices/")
        assert_harmless(author, f"/procedures/{code}/draft/")
        assert_harmless(author, f"/procedures/{code}/history/")
        assert_harmless(author, f"/procedures/{code}/settings/")
        assert_harmless(author, back.rounds.get(outcome=RoundOutcome.RETURNED).get_absolute_url())
        assert_harmless(approver, "/reviews/")
        assert_harmless(approver, open_round(pending).get_absolute_url())
        assert_harmless(administrator, ("/people/", "/roles/", "/departments/")[turn % 3])
        assert_harmless(author, "/library/?q=payroll")


def test_in_every_text_of_the_inventory(firm, every_fifth):
    author, administrator = client_for(firm.author), client_for(firm.administrator)
    kept = make_revision(firm)
    for number, texts in enumerate(batches(every_fifth, 45)):
        tasks = [
            InventoryTask(
                department=firm.finance, title=f"{number} {text}"[:200], description=text, pain_points=text,
                search_words=text[:300], not_needed_reason=text[:300] if place % 3 == 0 else "",
                procedure=kept.procedure if place % 3 == 1 else None, owner_role=firm.clerk_role,
            )
            for place, text in enumerate(texts)
        ]  # fmt: skip
        InventoryTask.objects.all().delete()
        InventoryTask.objects.bulk_create(tasks)
        Role.objects.filter(pk=firm.clerk_role.pk).update(name=texts[0][:80])
        Department.objects.filter(pk=firm.finance.pk).update(name=texts[-1][:80])
        Revision.objects.filter(pk=kept.pk).update(title=texts[0][:200])
        first = InventoryTask.objects.order_by("pk").first()
        assert_harmless(author, "/inventory/?order=title")
        if number % 4:
            continue
        assert_harmless(author, f"/inventory/{first.pk}/")
        assert_harmless(author, f"/inventory/{first.pk + 1}/")
        assert_harmless(administrator, f"/inventory/{first.pk + 2}/delete/")
        rows = json.dumps([[1, "Task", texts[0][:50]], *([place, text, text] for place, text in enumerate(texts, 2))])
        answer = author.post("/inventory/import/", {"filename": texts[0][:200] or "x", "rows": rows})
        assert problems(answer.content.decode()) == []
        assert_harmless(author, "/inventory/new/?" + urlencode({"words": texts[-1]}))


def test_in_what_is_searched_for_and_in_synonyms(firm, every_fifth):
    administrator = client_for(firm.administrator)
    group = SynonymGroup.objects.create(language="en")
    for texts in batches(every_fifth, 50):
        SearchRecord.objects.all().delete()
        SearchRecord.objects.bulk_create(
            SearchRecord(
                person=firm.staff, typed=text[:300], form=f"{number} {text}"[:300], language="en", results=number % 2,
                complete=0, outcome="shown", searched_at=timezone.now() - datetime.timedelta(hours=1),
            )
            for number, text in enumerate(texts)
        )  # fmt: skip
        group.synonyms.all().delete()
        Synonym.objects.bulk_create(
            Synonym(group=group, language="en", phrase=text[:80], key=f"key{number}")
            for number, text in enumerate(texts)
        )
        assert_harmless(administrator, "/search/report/")
        assert_harmless(administrator, "/search/synonyms/?" + urlencode({"q": "key1"}))
        assert_harmless(administrator, f"/search/synonyms/{group.pk}/")
        assert_harmless(administrator, "/search/synonyms/new/?" + urlencode({"phrase": texts[0]}))


def test_in_the_glossary_and_in_advice_that_quotes_it(firm, every_fifth):
    author, administrator = client_for(firm.author), client_for(firm.administrator)
    revision = make_draft(firm)
    for texts in batches(every_fifth, 50):
        GlossaryTerm.objects.all().delete()
        GlossaryTerm.objects.bulk_create(
            GlossaryTerm(term=f"{number} {text}"[:60], meaning=text[:300]) for number, text in enumerate(texts)
        )
        purpose = "\n\n".join(f"This {text} is written by the clerk, etc." for text in texts)
        Revision.objects.filter(pk=revision.pk).update(purpose=purpose)
        assert_harmless(administrator, "/glossary/")
        assert_harmless(administrator, f"/glossary/{GlossaryTerm.objects.first().pk}/")
        answer = author.get(f"/procedures/{revision.procedure.code}/draft/").content.decode()
        assert answer.count("<mark>") > len(texts) / 2
        assert problems(answer) == []


def test_in_the_address_and_in_rejected_forms(firm, payloads):
    author = client_for(firm.author)
    for text in payloads[::12]:
        response = author.get("/library/", {"q": text, "department": text, "role": text, "page": text})
        assert response.status_code == 200
        assert problems(response.content.decode()) == []
        answer = author.post("/procedures/new/", {"title": text * 3, "code": text})
        assert answer.status_code == 422
        assert problems(answer.content.decode()) == []


def test_in_the_parts_of_a_standard(firm, every_fifth):
    """In names, notes, rows and rules that do not work, in the editor, in the document and on the pages of parts."""
    author, staff = client_for(firm.author), client_for(firm.staff)
    for turn, texts in enumerate(batches(acceptable(every_fifth), 190)):
        draft = make_draft(firm, code=f"FIN-S{turn:02d}", kind="standard", purpose=texts[0])
        code = draft.procedure.code
        rows = list(enumerate(dict.fromkeys(" ".join(text.split()) for text in texts)))
        naming = [{"type": "fixed", "label": text[:60], "detail": f"x{number}"} for number, text in rows[::7]]
        parts = [
            ("naming", {"key": "names", "parts": naming, "examples": []}),
            ("codes", {"key": "codes", "codes": [
                {"code": f"{number}{text}"[:40], "name": text[:160], "note": text[:500]} for number, text in rows
            ]}),
            ("form", {"key": "form", "fields": [
                {"name": f"{number}{text}"[:120], "format": "list", "required": True, "values": f"{text},x"[:300],
                 "note": text[:300]} for number, text in rows[1::12]
            ]}),
            ("storage", {"key": "rules", "rules": [
                {**dict.fromkeys(("what", "where", "how_often", "kept", "tested"), text[:300]),
                 "who": {"id": 1, "name": text}} for _number, text in rows[2::12] if text
            ]}),
        ]  # fmt: skip
        for position, (kind, data) in enumerate(parts, start=1):
            StandardPart.objects.create(
                revision=draft, position=position, kind=kind, name=texts[-1][:120], note=texts[turn], data=data
            )
        assert_harmless(author, f"/procedures/{code}/draft/parts/")
        for key in ("names", "codes", "form", "rules"):
            assert_harmless(author, f"/procedures/{code}/draft/parts/{key}/")
        approval.submit(draft, actor=firm.author)
        round = open_round(draft)
        approval.approve_revision(round, actor=firm.approver, content_hash=round.content_hash, password=PASSWORD)
        assert_harmless(staff, f"/procedures/{code}/")
        assert_harmless(staff, "/standards/")
        assert_harmless(staff, f"/procedures/{code}/card/")
        for key in ("names", "codes", "form", "rules", "form/blank"):
            assert_harmless(staff, f"/standards/{code}/{key}/")
        for text in texts[::30]:
            response = staff.get(f"/standards/{code}/names/", {"name": text})
            assert problems(response.content.decode()) == []
        body = pdf_body(Revision.objects.get(pk=draft.pk))
        assert problems(body) == ["<base>"]
    broken = [("naming", {"parts": [{"type": "date", "detail": text} for text in every_fifth[:20]]})]
    broken += [("codes", {"codes": [{"code": "1", "name": "x", "status": "deprecated", "since": every_fifth[0]}]})]
    StandardPart.objects.bulk_create(
        StandardPart(revision=make_draft(firm, kind="standard"), position=1, kind=kind, name="x", data=data)
        for kind, data in broken
    )
    for part in StandardPart.objects.order_by("-pk")[:2]:
        assert_harmless(author, f"/procedures/{part.revision.procedure.code}/draft/parts/x/")
        assert_harmless(author, f"/procedures/{part.revision.procedure.code}/draft/preview/")


def test_in_links_that_lead_nowhere(firm, payloads):
    author = client_for(firm.author)
    words = [text.replace("\n", " ")[:100] for text in payloads[::4]]
    links = "\n\n".join(f"[[FIN-S99|{text}]] [[FIN-S99#{text}]]" for text in words if not set("[]|") & set(text))
    revision = make_draft(firm, purpose=acceptable([links, links[:9_000]])[0])
    code = revision.procedure.code
    assert_harmless(author, f"/procedures/{code}/draft/submit/")
    assert_harmless(author, f"/procedures/{code}/draft/preview/")


def test_in_templates_and_exported_files(firm, every_fifth):
    """Names and texts of templates on the page where procedures begin; a web page and a Word file made of any text."""
    administrator, author = client_for(firm.administrator), client_for(firm.author)
    for number, texts in enumerate(batches(acceptable(every_fifth), 250)):
        revision = make_draft(firm, title=texts[0][:150] or "x")
        Step.objects.bulk_create(
            Step(revision=revision, position=position, title=text[:200], body=text, warning=text, tool=text[:120])
            for position, text in enumerate(texts, start=10)
        )
        revision = Revision.objects.select_related("procedure__department", "procedure__owner").get(pk=revision.pk)
        template = save_as_template(
            revision, actor=firm.administrator, name=f"{number} {texts[1][:100]}", description=texts[2][:300]
        )
        assert_harmless(administrator, "/templates/")
        assert_harmless(administrator, f"/templates/{template.pk}/")
        assert_harmless(author, "/procedures/new/")
        assert_harmless(author, f"/procedures/new/?template={template.pk}")
        page = export(revision, Format.HTML).data.decode()
        start, end = page.index("<style"), page.index("</style>") + len("</style>")
        assert problems(page[:start] + page[end:]) == []
        with zipfile.ZipFile(io.BytesIO(export(revision, Format.WORD).data)) as package:
            assert b"w:instrText" not in package.read("word/document.xml")
            assert b"w:fldSimple" not in package.read("word/document.xml")
