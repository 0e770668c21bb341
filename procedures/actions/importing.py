"""Making a draft out of a document that somebody brought along."""

import re
from collections.abc import Iterable, Mapping
from typing import cast

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from audit import names, trail
from procedures.actions import drafts, steps
from procedures.actions.starting import Beginning, fill_draft
from procedures.importing.document import ParsedProcedure, ParsedStep
from procedures.importing.ownfiles import settled_content
from procedures.keeping import keep_file
from procedures.models import Attachment, Category, Procedure, Record, Revision, Step, StoredFile, Tool
from procedures.queries import next_code
from roles.models import Department, Role, User
from roles.queries import active_roles
from sopdesk.lib.punctuation import labelled

CODE = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
BULLET = re.compile(r"[-*+] +(?=\S)")
TITLE_LENGTH = 200
SECTION_LENGTH = 200
TEXT_FIELDS = ("purpose", "scope", "prerequisites", "definitions", "references")


@transaction.atomic
def import_procedure(
    parsed: ParsedProcedure,
    *,
    actor: User,
    department: Department,
    owner: User,
    filename: str,
    source_hash: str,
    code: str = "",
    title: str = "",
    kind: str = "procedure",
    category: Category | None = None,
    stored: Mapping[str, StoredFile] | None = None,
) -> Revision:
    """Create a procedure with a draft that holds everything that was recognised; nothing at all when a part is refused.

    `code` and `title` default to what the document says; a code that does not fit or is taken gives way to the next
    free one of the department. `stored` holds pictures that were kept before, by key. What has no field of its own
    stands under "Background", so that nothing is lost.
    Raises NotPermitted and Refused like `create_procedure`, with the step that was refused named in the message.
    """
    roles = {role.name.casefold(): role for role in active_roles()}
    revision = drafts.create_procedure(
        actor=actor,
        code=code or free_code(parsed.code, department),
        kind=kind,
        department=department,
        owner=owner,
        title=(title or parsed.title)[:TITLE_LENGTH],
        language=parsed.language[:5],
        category=category,
    )
    if parsed.own is not None:
        _fill_with_own(revision, parsed, actor=actor, filename=filename, stored=stored or {}, category=category)
        return _recorded(revision, parsed, actor=actor, filename=filename, source_hash=source_hash)
    with override(parsed.language):
        fields, tools, records = _details(parsed)
    revision = drafts.save_draft(
        revision,
        actor=actor,
        version=revision.version,
        fields=fields,
        tools=tools,
        records=records,
        responsibilities=[(role.pk, "R") for role in _known(roles, (name for name, _duty in parsed.roles))],
    )
    _keep_pictures(revision, parsed, stored or {})
    for step in parsed.steps:
        steps.add_step(revision, actor=actor, fields=_step_fields(step, roles))
    return _recorded(revision, parsed, actor=actor, filename=filename, source_hash=source_hash)


def _recorded(revision: Revision, parsed: ParsedProcedure, *, actor: User, filename: str, source_hash: str) -> Revision:
    trail.record(
        names.REVISION_IMPORT,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={
            "file": filename,
            "sha256": source_hash,
            "steps": len(parsed.steps),
            "dropped": len(parsed.report.dropped),
            "unresolved": len(parsed.report.unresolved),
        },
    )
    return revision


def _fill_with_own(
    draft: Revision,
    parsed: ParsedProcedure,
    *,
    actor: User,
    filename: str,
    stored: Mapping[str, StoredFile],
    category: Category | None,
) -> None:
    """Write the content of a file that sopdesk wrote, with what its uploader has changed in the preview."""
    content = settled_content(parsed)
    pictures = dict(stored)
    for key, image in parsed.pictures.items():
        pictures[key] = stored_before(parsed, key) or keep_file(
            image.data, content_type=image.content_type, width=image.width, height=image.height
        )
    beginning = Beginning(said=filename, content=content, pictures=pictures, is_same_text=True)
    notes = fill_draft(draft, beginning, actor=actor)
    found = category or Category.objects.filter(name=content["category"]).first()
    draft = Revision.objects.get(pk=draft.pk)
    fields: dict[str, object] = {"category": found}
    if notes:
        with override(parsed.language):
            fields["background"] = "\n\n".join(
                part for part in (draft.background, _listing(_("In the imported file"), notes)) if part
            )
    drafts.save_draft(draft, actor=actor, version=draft.version, fields=fields)


def stored_before(parsed: ParsedProcedure, key: str) -> StoredFile | None:
    """The file that sopdesk has kept already under the very bytes that came along: it needs no new encoding."""
    rows = parsed.own["attachments"] if parsed.own else []
    hashes = [row["sha256"] for row in rows if row["key"] == key and row["is_brought"]]
    return StoredFile.objects.filter(sha256__in=hashes).first()


def _keep_pictures(revision: Revision, parsed: ParsedProcedure, stored: Mapping[str, StoredFile]) -> None:
    """Attach the pictures under the keys that the texts name; those in `stored` were kept before."""
    files = dict(stored)
    for key, image in parsed.pictures.items():
        files[key] = keep_file(image.data, content_type=image.content_type, width=image.width, height=image.height)
    for key, file in files.items():
        title = parsed.picture_names.get(key, "") or key
        Attachment.objects.get_or_create(revision=revision, key=key, defaults={"file": file, "title": title[:160]})


def free_code(wanted: str, department: Department) -> str:
    """`wanted` if it is a code that nobody has, else the next one of the department."""
    wanted = wanted.strip().upper()
    fits = CODE.fullmatch(wanted) and len(wanted) <= _longest(Procedure, "code")
    if fits and not Procedure.objects.filter(code=wanted).exists():
        return wanted
    return next_code(department)


def _longest(model: type[models.Model], name: str) -> int:
    """How many characters the field `name` takes."""
    return cast(models.CharField, model._meta.get_field(name)).max_length or 0


def _details(parsed: ParsedProcedure) -> tuple[dict[str, object], list[dict], list[dict]]:
    fields: dict[str, object] = {name: getattr(parsed, name) for name in TEXT_FIELDS if getattr(parsed, name)}
    if not parsed.purpose:
        fields["purpose"] = parsed.summary
    rest = [parsed.background]
    if parsed.purpose and parsed.summary and parsed.summary not in parsed.purpose:
        rest.insert(0, parsed.summary)
    tools = _rows(parsed.tools, longest=_longest(Tool, "name"))
    records = _rows(parsed.records, longest=_longest(Record, "name"))
    if tools is None:
        rest.append(_section(parsed, "tools", _("Tools"), parsed.tools))
    if records is None:
        rest.append(_section(parsed, "records", _("Records"), parsed.records))
    rest.append(_listing(_("Roles"), (labelled(f"**{name}**", duty) if duty else name for name, duty in parsed.roles)))
    rest.append(_listing(_("Earlier versions"), (", ".join(filter(None, row.values())) for row in parsed.history)))
    facts = {**parsed.metadata, **parsed.other_metadata}
    rest.append(_listing(_("In the imported file"), (labelled(name, value) for name, value in facts.items())))
    fields["background"] = "\n\n".join(part for part in rest if part)
    return fields, tools or [], records or []


def _section(parsed: ParsedProcedure, field: str, heading: str, text: str) -> str:
    return f"## {parsed.found_under.get(field, heading)}\n\n{text}"


def _listing(heading: str, lines: Iterable[str]) -> str:
    rows = [" ".join(line.split()) for line in lines]
    return "\n".join([f"## {heading}", "", *(f"- {row}" for row in rows)]) if rows else ""


def _rows(markdown: str, *, longest: int) -> list[dict] | None:
    """The items of a plain list, one row each; None when the text is more than that."""
    lines = [line for line in markdown.splitlines() if line.strip()]
    items = [BULLET.sub("", line, count=1).strip() for line in lines]
    if any(not BULLET.match(line) for line in lines) or any(len(item) > longest for item in items):
        return None
    return [{"name": item} for item in items]


def _known(roles: dict[str, Role], wanted: Iterable[str]) -> list[Role]:
    found = {roles[name.casefold()] for name in wanted if name.casefold() in roles}
    return sorted(found, key=lambda role: role.name)


def _step_fields(step: ParsedStep, roles: dict[str, Role]) -> dict[str, object]:
    role = roles.get(step.role.casefold()) if step.role else None
    body = step.body
    if step.role and role is None:
        body = f"{body}\n\n{labelled(_('Role'), step.role)}".strip()
    return {
        "title": step.title[:TITLE_LENGTH],
        "section": step.section[:SECTION_LENGTH],
        "body": body,
        "expected": step.expected,
        "warning": step.warning,
        "role": role,
        "minutes": step.minutes,
        "tool": step.tool[: _longest(Step, "tool")],
        "record": step.record[: _longest(Step, "record")],
    }
