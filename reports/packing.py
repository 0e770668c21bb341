"""The auditor's pack: the whole file of a procedure as a ZIP that needs nothing else to be read and checked.

The same state makes the same bytes: names, order and times in the archive are fixed, and the trail is cut off at a
number. `sha256sum -c SHA256SUMS` proves the files, `content.json` has the hash that was signed, byte for byte.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import IO, Any

from django.db import connection, models
from django.template.loader import render_to_string
from django.utils.translation import get_language

from audit import checkpoints, trail
from procedures.content import read_content
from procedures.deviations.permissions import with_parents
from procedures.exporting.frame import frame_of
from procedures.exporting.markdown import files_of, markdown_of
from procedures.models import Comment, Decision, Deviation, Procedure, Revision, Round, ShareLink
from procedures.signatures import is_valid, is_valid_deviation
from reports.exporting import json_lines
from runs.models import Remark
from sopdesk.lib.canonical import canonical_json
from sopdesk.lib.files import StoredFileDamaged, read_stored
from sopdesk.lib.sheets import write_csv
from sopdesk.lib.snapshot import snapshot
from training.exporting import facts_of as facts_of_acknowledgement
from training.exporting import table_of
from training.queries import acknowledgements_of

MANIFEST = "SHA256SUMS"
WRITTEN_ON = (2000, 1, 1, 0, 0, 0)
IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Pack:
    """The ZIP, from its beginning; `upto` is the last entry of the trail that it may hold."""

    file: IO[bytes]
    upto: int
    manifest_sha256: str


@dataclass(slots=True)
class _Writer:
    """Puts files into the archive and keeps their hashes."""

    archive: zipfile.ZipFile
    sums: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, data: bytes) -> str:
        self.sums[path] = sha256(data).hexdigest()
        self.archive.writestr(zipfile.ZipInfo(path, WRITTEN_ON), data, zipfile.ZIP_DEFLATED)
        return path

    def add_pieces(self, path: str, pieces: Iterator[bytes]) -> str:
        """A file that need not fit into memory."""
        digest, info = sha256(), zipfile.ZipInfo(path, WRITTEN_ON)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self.archive.open(info, "w", force_zip64=True) as target:
            for piece in pieces:
                digest.update(piece)
                target.write(piece)
        self.sums[path] = digest.hexdigest()
        return path

    def manifest(self) -> bytes:
        return "".join(f"{digest}  {path}\n" for path, digest in sorted(self.sums.items())).encode()


def build_pack(procedure: Procedure, *, upto: int) -> Pack:
    """The pack of `procedure`, with its trail up to entry `upto`, in a temporary file. Nothing is written elsewhere."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (the caller sends it and closes it)
    try:
        with zipfile.ZipFile(file, "w") as archive, snapshot(connection):
            manifest = _write_all(_Writer(archive), procedure, upto)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Pack(file, upto, sha256(manifest).hexdigest())


def _write_all(writer: _Writer, procedure: Procedure, upto: int) -> bytes:
    """Every file, the manifest last; returns the manifest."""
    rows = [_add_revision(writer, revision) for revision in _revisions(procedure)]
    writer.add("procedure.json", _json(_facts(procedure)))
    writer.add("share-links.json", _json(_share_links(procedure)))
    writer.add_pieces("trail.jsonl", json_lines(_entries(procedure, upto)))
    confirmed = list(acknowledgements_of(procedure).filter(trail_seq__lte=upto).order_by("trail_seq"))
    writer.add("acknowledgements.csv", write_csv(table_of(confirmed)))
    writer.add("acknowledgements.json", _json([facts_of_acknowledgement(row) for row in confirmed]))
    suggested = Remark.objects.filter(procedure=procedure).select_related("author", "answered_by").order_by("pk")
    writer.add("suggestions.json", _json([_facts(row) for row in suggested]))
    lines = checkpoints.lines_up_to(upto, count=1)
    if lines:
        writer.add("checkpoint.jsonl", "".join(f"{line.as_text()}\n" for line in lines).encode())
    context = {
        "procedure": procedure, "rows": rows, "upto": upto, "has_checkpoint": bool(lines), "confirmed": len(confirmed),
        "suggestions": len(suggested),
        "language": get_language(), "entries": _entries(procedure, upto),
    }  # fmt: skip
    writer.add("index.html", render_to_string("exports/pack.html", context).encode())
    manifest = writer.manifest()
    writer.archive.writestr(zipfile.ZipInfo(MANIFEST, WRITTEN_ON), manifest, zipfile.ZIP_DEFLATED)
    return manifest


def _share_links(procedure: Procedure) -> list[dict[str, Any]]:
    """Who could read it without an account, and who did; without anything that would open a link or its password."""
    links = ShareLink.objects.filter(procedure=procedure).select_related("made_by", "ended_by").order_by("pk")
    return [
        _facts(link, without=("token_hash", "password", "tries"))
        | {"has_password": bool(link.password), "openings": [_facts(row) for row in link.openings.order_by("pk")]}
        for link in links
    ]


def _revisions(procedure: Procedure) -> Iterator[Revision]:
    """One at a time, since each holds its whole text."""
    revisions = procedure.revisions.order_by("number").select_related("procedure__department", "procedure__owner")
    for pk in revisions.values_list("pk", flat=True):
        yield revisions.select_related("category", "source__procedure").get(pk=pk)


def _entries(procedure: Procedure, upto: int) -> Iterator[trail.Entry]:
    return trail.entries_of_procedure(procedure.code).filter(seq__lte=upto).iterator(chunk_size=trail.AT_ONCE)


# A revision --------------------------------------------------------------------------------------------------


def _add_revision(writer: _Writer, revision: Revision) -> dict[str, Any]:
    """Everything of `revision` under its folder; returns what the index says about it."""
    folder = f"revision-{revision.number}"
    content = revision.content if revision.content is not None else read_content(revision)
    writer.add(f"{folder}/content.json", canonical_json(content))
    writer.add(f"{folder}/revision.json", _json(_facts(revision, without=("content", "rendered", "source_notes"))))
    writer.add(f"{folder}/source.md", markdown_of(frame_of(revision)).encode("utf-8", "replace"))
    if revision.rendered:
        writer.add(f"{folder}/page.html", revision.rendered.encode())
    rounds = [_round(round) for round in revision.rounds.order_by("number")]
    writer.add(f"{folder}/rounds.json", _json(rounds))
    rows = with_parents(Deviation.objects.filter(revision=revision)).order_by("pk")
    deviations = [_facts(row) | {"seal_fits": is_valid_deviation(row)} for row in rows]
    if deviations:
        writer.add(f"{folder}/deviations.json", _json(deviations))
    comments = Comment.objects.filter(revision=revision).select_related("author", "resolved_by").order_by("pk")
    writer.add(f"{folder}/comments.json", _json([_facts(comment) for comment in comments]))
    missing = [*_add_pdfs(writer, revision, folder), *_add_attachments(writer, revision, folder)]
    decisions = Decision.objects.filter(round__revision=revision).select_related("round").order_by("decided_at", "pk")
    return {
        "revision": revision,
        "folder": folder,
        "files": [path for path in writer.sums if path.startswith(f"{folder}/")],
        "missing": missing,
        "decisions": [(decision, is_valid(decision)) for decision in decisions],
        "comments": len(comments),
        "deviations": [(row, is_valid_deviation(row)) for row in rows],
    }


def _add_pdfs(writer: _Writer, revision: Revision, folder: str) -> Iterator[str]:
    """The PDFs as they are stored; yields the names of those that are damaged. None is made here."""
    for rendition in revision.renditions.select_related("file").order_by("kind"):
        path = f"{folder}/{rendition.kind.replace('_', '-')}.pdf"
        try:
            writer.add(path, read_stored(rendition.file.name))
        except StoredFileDamaged:
            yield path


def _add_attachments(writer: _Writer, revision: Revision, folder: str) -> Iterator[str]:
    paths = files_of(read_content(revision))
    for row in revision.attachments.select_related("file").order_by("key"):
        path = f"{folder}/{paths[row.key]}"
        try:
            writer.add(path, read_stored(row.file.name))
        except StoredFileDamaged:
            yield path


def _round(round: Round) -> dict[str, Any]:
    """A round with its stages, slots and decisions, each decision with whether its seal fits."""
    stages = []
    for stage in round.stages.order_by("position"):
        slots = []
        for slot in stage.slots.select_related("role", "person").order_by("position"):
            decisions = slot.decisions.select_related("decider", "on_behalf_of", "round").order_by("decided_at", "pk")
            facts = [_facts(decision) | {"seal_fits": is_valid(decision)} for decision in decisions]
            slots.append(_facts(slot) | {"filled_by": str(slot), "decisions": facts})
        stages.append(_facts(stage) | {"slots": slots})
    return _facts(round) | {"stages": stages}


# Values ------------------------------------------------------------------------------------------------------


def _facts(row: models.Model, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns of `row`; for a person also the name, since numbers say little outside of the database."""
    facts: dict[str, Any] = {}
    for column in row._meta.concrete_fields:
        if column.name in without:
            continue
        facts[column.attname] = column.value_to_string(row) if _needs_text(column) else getattr(row, column.attname)
        if column.related_model is not None and column.related_model._meta.label == "roles.User":
            person = getattr(row, column.name)
            facts[f"{column.name}_name"] = person.full_name if person else ""
    return facts


def _needs_text(column: models.Field) -> bool:
    return isinstance(column, models.DateField | models.UUIDField | models.DecimalField)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
