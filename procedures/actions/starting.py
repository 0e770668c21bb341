"""Beginning a procedure with more than a blank page: a template, another procedure, a task, a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.actions import drafts, steps
from procedures.actions.inventory import link_task
from procedures.content import revision_content
from procedures.inventory.permissions import get_task_to_start_from
from procedures.models import (
    Attachment,
    InventoryTask,
    Letter,
    Procedure,
    ProcedureTemplate,
    Revision,
    StandardPart,
    StoredFile,
)
from procedures.permissions import can_view, revisions_visible_to
from procedures.phrases import labels_language
from roles.models import Role, User
from sopdesk.lib.errors import Missing
from sopdesk.lib.punctuation import labelled

TEXTS = (
    "purpose", "scope", "outcome", "trigger", "frequency", "prerequisites", "definitions", "background", "references",
    "contact", "review_interval_months", "tags",
)  # fmt: skip
OF_ONE_REVISION = ("change_summary", "significance")
"""What is said about one revision only, and so not copied to another procedure."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The text that a procedure begins with; None is a blank page.

    said: where it comes from, for the trail ("template Simple", "FIN-003 r2").
    pictures: key in `media:<key>` → the stored file.
    is_same_text: it is the same text come back (a file of ours), so steps keep their uids and the summary of changes
        stays; a copy gets new ones.
    """

    said: str = ""
    content: dict | None = None
    pictures: Mapping[str, StoredFile] = field(default_factory=dict)
    is_same_text: bool = False


BLANK = Beginning()


def beginning_of_template(template: ProcedureTemplate) -> Beginning:
    """Begin with a template."""
    hashes = {row["sha256"]: row["key"] for row in template.content["attachments"]}
    files = StoredFile.objects.filter(sha256__in=hashes)
    return Beginning(
        said=f"template {template.name}",
        content=template.content,
        pictures={hashes[file.sha256]: file for file in files},
    )


def beginning_of_copy(source: Revision, *, actor: User) -> Beginning:
    """Begin with the text of `source`. Raises Missing when `actor` may not read it."""
    if not can_view(actor, source):
        raise Missing()
    pictures = {row.key: row.file for row in source.attachments.select_related("file")}
    return Beginning(said=str(source), content=revision_content(source), pictures=pictures)


@transaction.atomic
def start_procedure(
    *, actor: User, beginning: Beginning = BLANK, task: InventoryTask | None = None, **facts: Any
) -> Revision:
    """Start a procedure with a draft that holds the text of `beginning`; `facts` are those of `create_procedure`.

    With `task`, what the inventory knows is filled in where the text says nothing, and the task is linked to the
    procedure. Raises what `create_procedure` and `fill_draft` raise, InvalidTransition when somebody else has begun
    with the task meanwhile, and Missing when they have removed it.
    """
    if task is not None:
        InventoryTask.objects.select_for_update(no_key=True).filter(pk=task.pk).first()
        task = get_task_to_start_from(actor, task.pk)
    draft = drafts.create_procedure(actor=actor, **facts)
    if beginning.content is not None:
        fill_draft(draft, beginning, actor=actor)
        trail.record(
            names.REVISION_FILL,
            actor=actor,
            subject=draft,
            procedure_code=draft.procedure.code,
            data={"from": beginning.said, "steps": len(beginning.content["steps"])},
        )
    if task is not None:
        draft = _with_task(Revision.objects.get(pk=draft.pk), task, actor=actor)
    return Revision.objects.select_related("procedure").get(pk=draft.pk)


def _with_task(draft: Revision, task: InventoryTask, *, actor: User) -> Revision:
    """Fill in what the inventory knows of `task`, and say there that it is being written."""
    fields: dict[str, object] = {"frequency": task.frequency}
    if task.description and not draft.purpose:
        fields["purpose"] = task.description
    elif task.description:
        fields["background"] = _below(draft.background, task.description)
    if task.pain_points:
        with translation.override(labels_language({"language": draft.language})):
            heading = _("What goes wrong today")
        pain = f"## {heading}\n\n{task.pain_points}"
        fields["background"] = _below(str(fields.get("background", draft.background)), pain)
    letters = set(draft.responsibilities.filter(step=None).values_list("role_id", "letter"))
    if task.owner_role_id:
        letters.add((task.owner_role_id, Letter.RESPONSIBLE))
    draft = drafts.save_draft(
        draft, actor=actor, version=draft.version, fields=fields, responsibilities=sorted(letters)
    )
    link_task(task, actor=actor, procedure=draft.procedure)
    return draft


def _below(text: str, more: str) -> str:
    return f"{text.rstrip()}\n\n{more}" if text.strip() else more


# Writing a content into a draft ------------------------------------------------------------------------------


@transaction.atomic
def fill_draft(draft: Revision, beginning: Beginning, *, actor: User) -> list[str]:
    """Write the text of `beginning` into a draft that is still empty: details, parts, pictures, steps.

    Title, language and category stay as they are. Returns a sentence for everything that could not be taken over as
    it was: a role or a procedure that is not known here stands in the text instead. Raises Refused for text that does
    not fit, and what `lock_draft` raises.
    """
    content = beginning.content
    if content is None:
        return []
    known = _Known.of(content, actor)
    with translation.override(labels_language(content)):
        rows = [_step(step, known) for step in content["steps"]]
    letters = [known.letters(step["responsibilities"]) for step in content["steps"]]
    if not beginning.is_same_text:
        rows = _with_new_uids(rows)
    fields = {name: content[name] for name in TEXTS}
    if beginning.is_same_text:
        fields |= {name: content[name] for name in OF_ONE_REVISION}
    draft = drafts.save_draft(
        draft,
        actor=actor,
        version=draft.version,
        fields=fields,
        tools=[dict(row) for row in content["tools"]],
        records=[dict(row) for row in content["records"]],
        benchmarks=[{**row, "target": _decimal(row["target"])} for row in content["benchmarks"]],
        responsibilities=known.letters(content["responsibilities"], one_accountable=True),
    )
    _add_parts(draft, content["parts"])
    Attachment.objects.bulk_create(
        Attachment(revision=draft, file=beginning.pictures[row["key"]], key=row["key"], title=row["title"][:160])
        for row in content["attachments"]
        if row["key"] in beginning.pictures
    )
    added = steps.add_steps(draft, actor=actor, rows=rows)
    for step, given in zip(added, letters, strict=True):
        drafts.replace_responsibilities(draft, step, given, actor=actor)
    known.notes += [
        _("The picture “%(name)s” is not part of the file.") % {"name": row["title"] or row["key"]}
        for row in content["attachments"]
        if row["key"] not in beginning.pictures
    ]
    return known.notes


@dataclass(slots=True)
class _Known:
    """What of the names in a content exists here: roles by id or name, procedures that the person may see by code."""

    by_id: dict[int, Role]
    by_name: dict[str, Role]
    procedures: dict[str, Procedure]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, content: dict, actor: User) -> "_Known":
        roles = list(Role.objects.all())
        codes = {step["subprocedure"] for step in content["steps"] if step["subprocedure"]}
        visible = revisions_visible_to(actor).filter(procedure__code__in=codes)
        return cls(
            by_id={role.pk: role for role in roles},
            by_name={role.name.casefold(): role for role in roles if role.is_active},
            procedures={row.code: row for row in Procedure.objects.filter(pk__in=visible.values("procedure_id"))},
        )

    def role(self, named: dict) -> Role | None:
        return self.by_id.get(named["id"]) or self.by_name.get(named["name"].casefold())

    def letters(self, rows: Iterable[dict], *, one_accountable: bool = False) -> list[tuple[int, str]]:
        """The letters of roles that are known; of several accountable for the whole, the first."""
        given: list[tuple[int, str]] = []
        for row in rows:
            role = self.role(row["role"])
            if role is None:
                self.notes.append(
                    _("The role “%(role)s” is not known here; its letter %(letter)s is left out.")
                    % {"role": row["role"]["name"], "letter": row["letter"]}
                )
            elif (role.pk, row["letter"]) not in given:
                given.append((role.pk, row["letter"]))
        accountable = [pair for pair in given if pair[1] == Letter.ACCOUNTABLE]
        return [pair for pair in given if not one_accountable or pair not in accountable[1:]]


def _step(step: dict, known: _Known) -> dict[str, Any]:
    """The fields of a step. What has no row here stands in its text. Call it inside the document's language."""
    body = step["body"]
    role = known.role(step["role"]) if step["role"] else None
    if step["role"] and role is None:
        body = _below(body, labelled(_("Role"), step["role"]["name"]))
        known.notes.append(
            _("The role “%(role)s” is not known here; it stands in the text.") % {"role": step["role"]["name"]}
        )
    called = known.procedures.get(step["subprocedure"])
    kind = step["kind"]
    if step["subprocedure"] and (called is None or kind != "subprocedure"):
        body = _below(body, f"[[{step['subprocedure']}]]")
        known.notes.append(
            _("%(code)s is no procedure that you can see; its code stands in the text.")
            % {"code": step["subprocedure"]}
        )
        called = None
    due = step["due"]
    return {
        "uid": UUID(step["uid"]),
        "kind": kind,
        "role": role,
        "body": body,
        "subprocedure": called,
        "due_after": due["after"] if due else None,
        **({"due_unit": due["unit"]} if due else {}),
        **{
            name: step[name]
            for name in (
                "section", "title", "expected", "warning", "minutes", "branches", "items", "hold", "tool", "record",
                "evidence", "evidence_name",
            )
        },
    }  # fmt: skip


def _with_new_uids(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same steps as others: new uids, and branches that lead to them."""
    new = {str(row["uid"]): uuid4() for row in rows}
    return [
        {
            **row,
            "uid": new[str(row["uid"])],
            "branches": [
                {**branch, "target": str(new.get(branch["target"], branch["target"]))} for branch in row["branches"]
            ],
        }
        for row in rows
    ]


def _add_parts(draft: Revision, parts: list[dict]) -> None:
    columns = ("kind", "name", "note", "data")
    rows = [
        StandardPart(revision=draft, position=position, **{name: part[name] for name in columns})
        for position, part in enumerate(parts, start=1)
    ]
    for row in rows:
        drafts.clean(row, ("kind", "name", "note"))
    StandardPart.objects.bulk_create(rows)


def _decimal(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        return Decimal(0)
