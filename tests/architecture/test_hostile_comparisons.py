"""The corpus of hostile strings in two texts that are compared, in comments on them and in what earlier rounds said."""

import copy

import pytest

from procedures.actions import comments
from procedures.models import Comment, Revision
from procedures.queries import open_round
from procedures.states import State
from tests.architecture.test_hostile_text import (  # noqa: F401  fixtures
    assert_harmless,
    batches,
    client_for,
    every_fifth,
    payloads,
)
from tests.factories import make_next, make_revision
from tests.procedures.contents import make_content, make_step

pytestmark = pytest.mark.django_db

STEP_TEXTS = ("title", "body", "expected", "warning", "section", "tool", "record", "evidence_name")
DETAILS = ("title", "purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "contact")


def hostile_content(code: str, number: int, texts: list[str]) -> dict:
    """A content that says one of `texts` in every step and field, names of roles, files and parts included."""
    role = {"id": 1, "name": texts[0]}
    steps = [
        make_step(place, **dict.fromkeys(STEP_TEXTS, text), role=role) for place, text in enumerate(texts, start=1)
    ]
    steps[0]["responsibilities"] = [{"role": role, "letter": "R"}]
    steps[0]["items"] = texts[:3]
    return make_content(
        *steps,
        code=code,
        number=number,
        **dict.fromkeys(DETAILS, texts[1]),
        tags=texts[:2],
        category=texts[2],
        tools=[{"name": texts[0], "note": texts[1]}],
        responsibilities=[{"role": {"id": number, "name": texts[3]}, "letter": "A"}],
        parts=[{"kind": "form", "name": texts[4], "note": texts[5], "data": {"fields": [{"name": texts[6]}]}}],
        attachments=[{"key": f"a{number}", "sha256": "0" * 64, "title": texts[7], "content_type": "image/png"}],
    )


def test_in_texts_that_are_compared(firm, every_fifth):  # noqa: F811
    published = make_revision(firm, code="FIN-014")
    pending = make_next(firm, published.procedure, state=State.IN_REVIEW)
    round, approver = open_round(pending), client_for(firm.approver)
    comments.add_comment(pending, actor=firm.author, body="x", step_uid=pending.steps.first().uid)
    comments.add_comment(pending, actor=firm.author, body="x")
    for number, texts in enumerate(batches(every_fifth, 150)):
        if len(texts) < 8:
            continue
        old = hostile_content("FIN-014", 1, texts)
        new = hostile_content("FIN-014", 2, texts[::-1])
        new["steps"].append(copy.deepcopy({**new["steps"][0], "uid": "00000000-0000-4000-8000-999999999999"}))
        Revision.objects.filter(pk=published.pk).update(content=old)
        Revision.objects.filter(pk=pending.pk).update(content=new, change_summary=texts[0], title=texts[1][:200])
        Comment.objects.update(body=texts[2])
        view = ("inline", "side")[number % 2]
        assert_harmless(approver, f"{round.get_absolute_url()}?view={view}&base={texts[0][:40].encode().hex()}")
        assert_harmless(client_for(firm.author), f"/procedures/FIN-014/compare/1/2/?view={view}")
