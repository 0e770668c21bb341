"""Export → import gives the same text: over anything that a content may hold, and over every procedure of the demo."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings

from procedures.actions import drafts
from procedures.actions.starting import Beginning, fill_draft, kept_pictures
from procedures.content import revision_content
from procedures.demo.loader import load_demo
from procedures.exporting.frame import frame_of
from procedures.exporting.markdown import markdown_of
from procedures.importing.own import is_own, read_own
from procedures.models import Revision
from procedures.states import State
from roles.models import Access, User
from sopdesk.lib.files import read_stored
from tests.procedures.exporting.contents import contents, make_frame


def comparable(content: dict) -> dict:
    """What the file promises to keep: everything but the ids of roles, which another installation does not know."""
    content = copy.deepcopy(content)
    for step in content["steps"]:
        if step["role"]:
            step["role"] = {"name": step["role"]["name"]}
        step["responsibilities"] = [nameless(row) for row in step["responsibilities"]]
    content["responsibilities"] = [nameless(row) for row in content["responsibilities"]]
    content["attachments"] = [
        {name: row[name] for name in ("key", "sha256", "title", "content_type")} for row in content["attachments"]
    ]
    return content


def nameless(row: dict) -> dict:
    return {"role": {"name": row["role"]["name"]}, "letter": row["letter"]}


@given(contents())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_content_comes_back_equal(content):
    text = markdown_of(make_frame(content))
    assert is_own(text)
    back = read_own(text)
    assert back.notes == []
    assert comparable(back.content) == comparable(content)


@pytest.fixture
def demo(db, settings):
    settings.DEMO_PASSWORD = "demo-sopdesk"
    load_demo()


def test_every_procedure_of_the_demo_comes_back_as_a_draft_with_the_same_text(demo):
    """Not kept: code and number (codes are never given twice), and the revision that a variant follows."""
    seen = set()
    for revision in Revision.objects.exclude(state=State.DISCARDED).select_related("procedure__department"):
        frame = frame_of(revision)
        own = read_own(markdown_of(frame))
        assert own.notes == []
        author = User.objects.filter(access=Access.AUTHOR, department=revision.procedure.department).first()
        files = {row.key: read_stored(row.file.name) for row in revision.attachments.select_related("file")}
        content, pictures, refused = kept_pictures(own.content, files)
        draft = drafts.create_procedure(
            actor=author,
            code=f"{revision.procedure.code}-BACK{revision.number}",
            kind=content["kind"],
            department=revision.procedure.department,
            owner=author,
            title=content["title"],
            language=content["language"],
            category=revision.category,
        )
        beginning = Beginning(said="file", content=content, pictures=pictures, is_same_text=True)
        assert fill_draft(draft, beginning, actor=author) == refused == []
        back = revision_content(Revision.objects.select_related("procedure", "category").get(pk=draft.pk))
        not_kept = {"code": "", "number": 0, "source": None}
        assert {**back, **not_kept} == {**frame.content, **not_kept}
        seen.add(content["language"])
    assert seen == {"en", "fr"}
