"""Export → import gives the same text: over anything that a content may hold, and over every procedure of the demo."""

import copy
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from PIL import Image

from procedures.actions import drafts, steps
from procedures.actions.importing import import_procedure
from procedures.content import revision_content
from procedures.demo.loader import load_demo
from procedures.exporting.files import Format, export
from procedures.exporting.frame import frame_of
from procedures.exporting.markdown import markdown_of
from procedures.importing import settling
from procedures.importing.document import UnreadableDocument
from procedures.importing.files import documents_in, parse_file
from procedures.importing.own import is_own, read_own
from procedures.importing.ownfiles import settled_content
from procedures.models import Revision
from procedures.states import State
from roles.models import Access, User
from tests.factories import make_draft
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
        author = User.objects.filter(access=Access.AUTHOR, department=revision.procedure.department).first()
        back = sent_and_brought_back(revision, author)
        assert {**back, **NOT_KEPT} == {**revision_content(revision), **NOT_KEPT}
        seen.add(back["language"])
    assert seen == {"en", "fr"}


NOT_KEPT = {"code": "", "number": 0, "source": None}


def sent_and_brought_back(revision: Revision, author: User) -> dict:
    """The content of the draft that the import makes of the exported file."""
    file = export(revision, Format.MARKDOWN)
    (member,) = documents_in(file.data, file.name)
    parsed = parse_file(file.data, filename=file.name, member=member)
    assert parsed.report.lossless
    assert not parsed.report.notes
    assert not parsed.report.unresolved
    draft = import_procedure(
        parsed,
        actor=author,
        department=revision.procedure.department,
        owner=author,
        filename=file.name,
        source_hash="0" * 64,
        code=f"{revision.procedure.code}-BACK{revision.number}",
        kind=revision.procedure.kind,
    )
    return revision_content(Revision.objects.select_related("procedure", "category").get(pk=draft.pk))


@pytest.mark.parametrize("ending", ["PNG", "JPEG"])
def test_pictures_come_back_byte_for_byte(firm, ending):
    draft = make_draft(firm, purpose="x")
    picture = io.BytesIO()
    Image.effect_noise((64, 64), 80).convert("RGB").save(picture, ending)
    upload = SimpleUploadedFile("noise.img", picture.getvalue())
    attachment = steps.attach_image(draft, actor=firm.author, upload=upload)
    drafts.save_draft(
        Revision.objects.get(pk=draft.pk), actor=firm.author, version=draft.version,
        fields={"purpose": f"![Noise](media:{attachment.key})"},
    )  # fmt: skip
    draft = Revision.objects.select_related("procedure__department").get(pk=draft.pk)
    back = sent_and_brought_back(draft, firm.author)
    assert back["attachments"] == revision_content(draft)["attachments"]
    assert back["purpose"] == draft.purpose


def test_a_file_gives_nobody_a_picture_that_it_does_not_bring(firm):
    """The front matter names the SHA-256 of pictures; without their bytes that is worth nothing."""
    draft = make_draft(firm)
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    steps.attach_image(draft, actor=firm.author, upload=SimpleUploadedFile("red.png", picture.getvalue()))
    text = markdown_of(frame_of(Revision.objects.get(pk=draft.pk)))
    parsed = parse_file(text.encode(), filename="x.md")
    assert [note.what for note in parsed.report.unresolved] == ["red.png"]
    new = import_procedure(
        parsed, actor=firm.author, department=firm.finance, owner=firm.owner, filename="x.md", source_hash="0" * 64,
        code="FIN-900",
    )  # fmt: skip
    assert not new.attachments.exists()


def test_what_was_settled_in_the_preview_counts_and_the_other_steps_keep_all_they_had(firm):
    draft = make_draft(firm)
    first, second, third = draft.steps.order_by("position")
    steps.save_step(
        third, actor=firm.author, version=third.version, fields={"hold": True, "evidence": "photo", "due_after": 3}
    )
    parsed = parse_file(markdown_of(frame_of(Revision.objects.get(pk=draft.pk))).encode(), filename="x.md")
    state = settling.state_of(parsed)
    settling.merge(state, 1)
    content = settled_content(settling.parsed_from(state, parsed.report))
    assert [step["title"] for step in content["steps"]] == [first.title, third.title]
    assert second.title in content["steps"][0]["body"]
    kept = content["steps"][1]
    assert (kept["uid"], kept["hold"], kept["evidence"], kept["number"]) == (str(third.uid), True, "photo", 2)


class TestEditedByHand:
    """Somebody has written in the file before it comes back."""

    def text(self, firm) -> str:
        return markdown_of(frame_of(make_draft(firm)))

    def test_a_new_fact_and_a_new_step(self, firm):
        text = self.text(firm).replace("- **Role:** Payroll clerk", "- **Role:** Payroll clerk\n- **Minutes:** 7", 1)
        second = text.index("<!-- sop:step action", text.index("<!-- sop:step action") + 1)
        own = read_own(f"{text[:second]}<!-- sop:step action -->\n### 2. New one\n\n{text[second:]}")
        assert own.notes == []
        assert [step["minutes"] for step in own.content["steps"]] == [7, None, None, None]
        assert own.content["steps"][1]["title"] == "New one"

    def test_what_is_not_understood_is_kept_and_named(self, firm):
        text = self.text(firm).replace("- **Role:** Payroll clerk", "- **Role:** Payroll clerk\n- **Mood:** good", 1)
        text += "\n## Added below\n\nBy hand.\n"
        own = read_own(text)
        assert "**Mood:** good" in own.content["steps"][0]["body"]
        assert "By hand." in own.content["background"]
        assert len(own.notes) == 2

    def test_a_newer_format_is_refused(self, firm):
        with pytest.raises(UnreadableDocument, match="newer version"):
            read_own(self.text(firm).replace("sopdesk: '2'", "sopdesk: '3'"))

    @pytest.mark.parametrize("damage", ["code: [", "a: &x [1]\nb: *x"])
    def test_damaged_front_matter_is_refused(self, firm, damage):
        with pytest.raises(UnreadableDocument):
            read_own(self.text(firm).replace("code:", f"{damage}\ncode:", 1))

    def test_a_step_copied_by_hand_gets_a_uid_of_its_own(self, firm):
        text = self.text(firm)
        start = text.index("<!-- sop:step action")
        end = text.index("<!-- sop:step action", start + 1)
        own = read_own(text[:end] + text[start:end] + text[end:])
        uids = [step["uid"] for step in own.content["steps"]]
        assert len(uids) == len(set(uids)) == 4
