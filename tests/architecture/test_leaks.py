"""No byte of a text that somebody may not see reaches them, at whatever address, in whatever form.

Every text of hidden procedures carries a marker. Two people who may see none of them ask every address of sopdesk, with
everything that exists put into it, and search for the markers themselves; nor does a notice reach them.
"""

import io
import itertools
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from notifications.models import Notification
from procedures.actions import approval, comments, drafts, inventory, publishing, steps
from procedures.models import Attachment, Category, Procedure, Revision, Step
from procedures.queries import open_round
from procedures.states import State
from roles.models import Access, User
from runs.actions import remarks
from tests.factories import Firm, approve, first_step, make_draft, make_firm, make_next, make_revision, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("leaks")]

MARKER = re.compile(rb"zqx\d+x", re.IGNORECASE)
MAX_COMBINATIONS = 80
HIDDEN = ("FIN-100", "FIN-200", "FIN-300", "FIN-400", "FIN-500", "FIN-600")
_marks = itertools.count(1)


@dataclass
class Hidden:
    """A firm with something to hide, and two people of another department: a reader and an author."""

    firm: Firm
    people: dict[str, User]
    marks: int
    """How many cells of the database carry a marker."""


def mark(text: str = "") -> str:
    return f"{text} zqx{next(_marks)}x".strip()


def fields() -> dict:
    """A marker in every text of a revision."""
    texts = ("purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references")
    return {**{name: mark(name) for name in (*texts, "contact")}, "tags": [mark("tag")]}


def hide(firm: Firm, code: str, *, state: str, category: Category, **more) -> Revision:
    """A procedure for Finance only, full of markers, in `state`."""
    draft = make_draft(
        firm, code=code, title=mark("Title"), step_titles=[mark("Step"), mark("Step")], category=category,
        audience="departments", audience_departments=[firm.finance], **fields(), **more,
    )  # fmt: skip
    step = first_step(draft)
    step = steps.save_step(
        step, actor=firm.author, version=step.version,
        fields={
            "body": mark("Body"), "expected": mark("Expected"), "warning": mark("Warning"), "items": [mark("Item")],
        },
    )  # fmt: skip
    draft = Revision.objects.get(pk=draft.pk)
    comments.add_comment(draft, actor=firm.author, body=mark("Comment"))
    if state == State.DRAFT:
        return draft
    approval.submit(draft, actor=firm.author)
    if state != State.IN_REVIEW:
        approve(draft, by=firm.approver)
    if state == State.WITHDRAWN:
        publishing.withdraw(Procedure.objects.get(pk=draft.procedure_id), actor=firm.owner, reason=mark("Reason"))
    return Revision.objects.get(pk=draft.pk)


@pytest.fixture(scope="module")
def hidden(module_database) -> Hidden:
    firm = make_firm()
    category = Category.objects.create(name=mark("Category"))
    make_revision(firm, code="OPS-900", title="Seen by all", category=firm.category)
    published = hide(firm, "FIN-100", state=State.PUBLISHED, category=category)
    for step in (first_step(published).uid, None):
        said = remarks.add_remark(published, actor=firm.staff, kind="wrong", text=mark("Suggestion"), step=step)
    remarks.answer_remark(said, actor=firm.owner, version=1, answer="declined", text=mark("Answer"))
    second = make_next(firm, published.procedure, state=State.DRAFT, change_summary=mark("Changed"))
    drafts.save_draft(second, actor=firm.author, version=second.version, fields={"title": mark("Next title")})
    hide(firm, "FIN-200", state=State.IN_REVIEW, category=category)
    hide(firm, "FIN-300", state=State.DRAFT, category=category)
    hide(firm, "FIN-400", state=State.WITHDRAWN, category=category)
    returned = hide(firm, "FIN-500", state=State.IN_REVIEW, category=category)
    round = open_round(returned)
    approval.return_revision(round, actor=firm.approver, content_hash=round.content_hash, reason=mark("Reason"))
    old = hide(firm, "FIN-600", state=State.PUBLISHED, category=category)
    make_next(firm, old.procedure, state=State.PUBLISHED, title=mark("Second title"), change_summary=mark("Changed"))
    task = inventory.add_task(actor=firm.author, department=firm.finance, title="Close the books")
    inventory.link_task(task, actor=firm.author, procedure=published.procedure)
    people = {
        "reader": firm.outsider,
        "author": make_user("other-author", department=firm.operations, access=Access.AUTHOR),
    }
    return Hidden(firm, people, sum(1 for _cell in marked_cells()))


def marked_cells() -> Iterator[tuple[str, str]]:
    """Table and column of every marked cell, history and index aside."""
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, models.Field)]
        if model._meta.app_label not in ("procedures", "runs", "training", "notifications", "audit", "reports"):
            continue
        if model.__name__.startswith(("Historical", "Search")):
            continue
        for row in model._default_manager.values_list(*names):
            for name, value in zip(names, row, strict=True):
                if MARKER.search(str(value).encode()):
                    yield model.__name__, name


def patterns(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        elif pattern.name and not pattern.name.startswith(("account_", "mfa_", "socialaccount_", "openid")):
            yield pattern


def values_for(name: str, converter: object) -> list:
    """What to put into a part of an address: everything of that kind that exists."""
    kind = type(converter).__name__
    if name == "code":
        return list(HIDDEN)
    if kind == "UUIDConverter":
        return list(Step.objects.order_by("pk").values_list("uid", flat=True)[:6])
    if kind == "IntConverter":
        return [1, 2, 3, 4, 5, 6, 7, 8] if name in ("pk", "guest") else [1, 2]
    if kind == "SheetConverter":
        return ["csv", "xlsx"]
    if name == "token":
        return tokens()
    return [*Attachment.objects.values_list("key", flat=True)[:3], "x"]


def tokens() -> list[str]:
    """What is unguessable, and yet may get into wrong hands: it shows whether a copy is current, and no text."""
    return [
        str(token)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name in ("token", "status_token") and not model.__name__.startswith("Historical")
        for token in model._default_manager.exclude(**{field.name: None}).values_list(field.name, flat=True)[:10]
    ]


def addresses() -> Iterator[str]:
    for pattern in patterns():
        converters = pattern.pattern.converters
        offered = [values_for(name, converter) for name, converter in converters.items()]
        for values in itertools.islice(itertools.product(*offered), MAX_COMBINATIONS):
            yield reverse(str(pattern.name), kwargs=dict(zip(converters, values, strict=True)))


def questions() -> Iterator[str]:
    """Searches for what is hidden, wherever one can search."""
    for words in (
        "zqx",
        "zqx1x",
        "zqx2x step",
        '"zqx3x"',
        "zqy1",
        "title",
        "FIN-100",
        "fin-2",
        "tag",
        "body",
        "category",
    ):
        for page in ("/library/", "/library/suggest/", "/library/export/"):
            yield f"{page}?q={words}"
    category = Category.objects.get(name__startswith="Category")
    for query in (
        f"category={category.pk}",
        "department=FIN",
        "status=draft&q=zqx",
        "mine=1",
        "page=2",
        "kind=standard",
    ):
        yield f"/library/?{query}"


def bytes_of(response) -> bytes:
    """Everything that an answer says: its headers, its body, and what is packed into that."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body += b"".join(archive.read(name) for name in archive.namelist())
    return body + str(response.headers).encode()


def test_the_markers_are_where_texts_are(hidden):
    found = {f"{table}.{column}" for table, column in marked_cells()}
    assert {
        "Revision.title", "Revision.purpose", "Revision.content", "Revision.rendered", "Step.title", "Step.body",
        "Comment.body", "Category.name", "Remark.text", "Remark.answer_text", "Remark.step_title", "Decision.comment",
    } - found == set()  # fmt: skip
    assert hidden.marks > 100


@pytest.mark.parametrize("who", ["reader", "author"])
def test_no_answer_has_a_marker(hidden, who, capsys):
    client = Client()
    client.force_login(hidden.people[who])
    asked = 0
    leaks = {}
    for address in [*addresses(), *questions()]:
        answers = [client.get(address)]
        if answers[0].status_code == 200:
            answers.append(client.get(address, headers={"HX-Request": "true"}))
        asked += len(answers)
        typed = unquote(address.partition("?q=")[2]).encode()  # what somebody typed is said back to them
        told = {text for answer in answers for text in MARKER.findall(bytes_of(answer)) if text not in typed}
        if told:
            leaks[address] = told
    with capsys.disabled():
        sys.stdout.write(f"\nleak test, {who}: {hidden.marks} marked texts, {asked} answers, {len(leaks)} leaks\n")
    assert leaks == {}


def test_somebody_who_may_see_them_gets_markers(hidden):
    """So that the test above would notice."""
    client = Client()
    client.force_login(hidden.firm.staff)
    assert MARKER.search(bytes_of(client.get("/procedures/FIN-100/")))
    assert MARKER.search(bytes_of(client.get("/library/?q=zqx")))
    assert MARKER.search(bytes_of(client.get("/library/suggest/?q=title")))


def test_no_notice_and_so_no_mail_goes_to_them(hidden):
    """Every mail is a notice first."""
    assert Notification.objects.exists()
    assert not Notification.objects.filter(recipient__in=hidden.people.values()).exists()
