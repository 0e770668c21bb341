"""The auditor's pack: everything of one procedure, proved by `sha256sum -c`, the same for the same state."""

import io
import json
import subprocess
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from audit import names, trail
from procedures.actions import comments, steps
from procedures.models import RenditionKind, StoredFile
from procedures.pdf import storing
from procedures.states import State
from reports.packing import build_pack
from tests.factories import approve, make_draft, make_next

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 made for the test"


@pytest.fixture
def procedure(firm, monkeypatch):
    """Published with a picture and its PDF; a second revision is in review, with a comment."""
    from procedures.actions import approval

    draft = make_draft(firm, code="FIN-100")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    steps.attach_image(draft, actor=firm.author, upload=SimpleUploadedFile("red.png", picture.getvalue()))
    approval.submit(draft, actor=firm.author)
    approve(draft, by=firm.approver)
    monkeypatch.setattr(storing, "render_pdf", lambda html, **limits: PDF)
    draft.refresh_from_db()
    storing.store_pdf(draft, kind=RenditionKind.PDF)
    second = make_next(firm, draft.procedure, state=State.IN_REVIEW)
    comments.add_comment(second, actor=firm.author, body="Is <this> so?")
    return draft.procedure


def packed(procedure, upto: int) -> bytes:
    with build_pack(procedure, upto=upto).file as file:
        return file.read()


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_one_click_gives_everything_and_its_hashes_hold(client, firm, procedure, tmp_path):
    client.force_login(firm.auditor)
    response = client.post(reverse("procedure-pack", args=["FIN-100"]))
    data = response.getvalue()
    files = unpacked(data)
    first = procedure.revisions.get(number=1)
    (attachment,) = first.attachments.all()
    assert files["revision-1/pdf.pdf"] == PDF
    assert sha256(files["revision-1/content.json"]).hexdigest() == first.content_hash
    assert files[f"revision-1/files/{attachment.key}.png"].startswith(b"\x89PNG")
    assert b"# Run the monthly payroll" in files["revision-1/source.md"]
    (decision,) = json.loads(files["revision-1/rounds.json"])[0]["stages"][0]["slots"][0]["decisions"]
    assert (decision["decider_name"], decision["seal_fits"]) == ("Approver", True)
    assert json.loads(files["revision-2/comments.json"])[0]["body"] == "Is <this> so?"
    entries = [json.loads(line) for line in files["trail.jsonl"].splitlines()]
    noted = trail.entries().filter(name=names.PROCEDURE_PACK).get()
    own = trail.entries_of_procedure("FIN-100").exclude(pk=noted.pk)
    assert [row["hash"] for row in entries] == list(own.values_list("hash", flat=True))
    assert noted.data["manifest"] == sha256(files["SHA256SUMS"]).hexdigest()
    assert b"<script" not in files["index.html"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path)
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
    assert checked.returncode == 0, checked.stdout
    listed = {line.split("  ", 1)[1] for line in files["SHA256SUMS"].decode().splitlines()}
    assert listed == files.keys() - {"SHA256SUMS"}


def test_the_same_state_gives_the_same_bytes_and_a_damaged_file_is_named(firm, procedure, settings):
    upto = trail.head_of_trail().seq
    first = packed(procedure, upto)
    assert packed(procedure, upto) == first
    name = StoredFile.objects.get(content_type="application/pdf").name
    (Path(settings.MEDIA_ROOT) / name).write_bytes(b"other")
    files = unpacked(packed(procedure, upto))
    assert "revision-1/pdf.pdf" not in files
    assert b"revision-1/pdf.pdf is missing" in files["index.html"]


def test_auditors_administrators_and_the_owner_take_it_and_nobody_else(client, firm, procedure):
    statuses = {}
    for who in ("auditor", "administrator", "owner", "author", "approver", "staff", "superuser"):
        client.force_login(firm.people[who])
        statuses[who] = client.get(reverse("procedure-pack", args=["FIN-100"])).status_code
        if statuses[who] != 200:
            assert client.post(reverse("procedure-pack", args=["FIN-100"])).status_code == statuses[who]
    allowed = dict.fromkeys(("auditor", "administrator", "owner"), 200)
    assert statuses == allowed | dict.fromkeys(("author", "approver", "staff", "superuser"), 403)
    assert not trail.entries().filter(name=names.PROCEDURE_PACK).exists()


def test_the_history_offers_it_to_who_may_take_it(client, firm, procedure):
    address = reverse("procedure-pack", args=["FIN-100"])
    for who, offered in (("owner", True), ("author", False)):
        client.force_login(firm.people[who])
        assert (address in client.get(reverse("history", args=["FIN-100"])).text) is offered
