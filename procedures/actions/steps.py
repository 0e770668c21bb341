"""Writing the steps of a draft: add, save, move, remove, bring back; pictures."""

from collections.abc import Collection, Mapping
from typing import BinaryIO
from uuid import UUID

from django.core.validators import ProhibitNullCharactersValidator
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from procedures.actions.drafts import check_version, clean, conflict_over, lock_draft, replace_responsibilities
from procedures.keeping import keep_file
from procedures.models import Attachment, Responsibility, Revision, Step, StepKind
from procedures.models.step import END
from roles.models import User
from sopdesk.lib.errors import Missing, Refused
from sopdesk.lib.history import written_by
from sopdesk.lib.images import read_image

STEP_FIELDS = (
    "kind", "section", "title", "body", "expected", "warning", "role", "minutes", "branches", "items", "subprocedure",
    "hold", "due_after", "due_unit", "tool", "record", "evidence", "evidence_name", "source_hash",
)  # fmt: skip
MAX_STEPS = 500
MAX_BRANCHES = 6
MAX_ITEMS = 50
MAX_ITEM_LENGTH = 300
KEY_LENGTH = 16
WITH_STEP = "removed with its step"
"""Marks in the history the letters that come back when their step does."""


@transaction.atomic
def add_step(
    revision: Revision, *, actor: User, after: Step | None = None, fields: Mapping[str, object] | None = None
) -> Step:
    """Add a step behind `after`, or at the end.

    Raises Refused beyond 500 steps, Missing when `after` was removed, and what `lock_draft` raises.
    """
    draft = lock_draft(revision, actor=actor)
    last = draft.steps.aggregate(last=Max("position"))["last"] or 0
    if last >= MAX_STEPS:
        raise Refused(_("A procedure has at most %(count)d steps. Split it in two.") % {"count": MAX_STEPS})
    position = last + 1
    if after is not None:
        position = _get(draft, after.uid).position + 1
        draft.steps.filter(position__gte=position).update(position=F("position") + 1)
    step = Step(revision=draft, position=position, **(fields or {}))
    _clean_step(step, fields or {})
    written_by(step, actor).save()
    _touch(draft, actor)
    return step


@transaction.atomic
def save_step(
    step: Step,
    *,
    actor: User,
    version: int,
    fields: Mapping[str, object],
    responsibilities: list[tuple[int, str]] | None = None,
) -> Step:
    """Save one step: any of STEP_FIELDS, and its RACI letters besides the doer (None leaves them alone).

    Two people who save different steps never meet. Raises EditConflict when somebody saved this step in between,
    Missing when it was removed, Refused for text that does not fit, and what `lock_draft` raises.
    """
    draft = lock_draft(step.revision, actor=actor)
    stored = _get(draft, step.uid)
    check_version(stored, version, fields)
    changed = [name for name, value in fields.items() if getattr(stored, name) != value]
    for name in changed:
        setattr(stored, name, fields[name])
    _clean_step(stored, changed)
    letters_changed = replace_responsibilities(draft, stored, responsibilities, actor=actor)
    if not changed and not letters_changed:
        return stored
    if stored.version != version and letters_changed:
        raise conflict_over(stored, fields)  # rolls back the letters of somebody else that were just replaced
    stored.version += 1
    written_by(stored, actor).save(update_fields=[*changed, "version"])
    _touch(draft, actor)
    return stored


@transaction.atomic
def move_step(step: Step, *, actor: User, position: int) -> Step:
    """Put a step at `position` (1 is the first; values beyond the ends mean the ends). Raises Missing and what
    `lock_draft` raises."""
    draft = lock_draft(step.revision, actor=actor)
    moved = _get(draft, step.uid)
    last = draft.steps.aggregate(last=Max("position"))["last"]
    target = min(max(position, 1), last)
    if target == moved.position:
        return moved
    if target < moved.position:
        between = draft.steps.filter(position__gte=target, position__lt=moved.position)
        between.update(position=F("position") + 1)
    else:
        between = draft.steps.filter(position__gt=moved.position, position__lte=target)
        between.update(position=F("position") - 1)
    moved.position = target
    written_by(moved, actor).save(update_fields=["position"])
    _touch(draft, actor)
    return moved


@transaction.atomic
def remove_step(step: Step, *, actor: User) -> None:
    """Take a step out; `restore_step` brings it back. Raises Missing and what `lock_draft` raises."""
    draft = lock_draft(step.revision, actor=actor)
    removed = _get(draft, step.uid)
    position = removed.position
    for row in removed.responsibilities.all():
        written_by(row, actor, reason=WITH_STEP).delete()
    written_by(removed, actor).delete()
    draft.steps.filter(position__gt=position).update(position=F("position") - 1)
    _touch(draft, actor)


@transaction.atomic
def restore_step(revision: Revision, *, actor: User, uid: UUID) -> Step:
    """Bring back the step that was removed last under `uid`, at its old place, with its letters.

    Restoring a step that is there returns it as it is. Raises Missing when no such step was removed.
    """
    draft = lock_draft(revision, actor=actor)
    present = draft.steps.filter(uid=uid).first()
    if present is not None:
        return present
    gone = Step.history.filter(revision_id=draft.pk, uid=uid, history_type="-").first()
    if gone is None:
        raise Missing(_("This step cannot be brought back."))
    last = draft.steps.aggregate(last=Max("position"))["last"] or 0
    position = min(gone.position, last + 1)
    draft.steps.filter(position__gte=position).update(position=F("position") + 1)
    columns = [Step._meta.get_field(name).attname for name in STEP_FIELDS]
    fields = {column: getattr(gone, column) for column in columns}
    step = Step(revision=draft, uid=uid, position=position, version=gone.version + 1, **fields)
    written_by(step, actor).save()
    letters = Responsibility.history.filter(step_id=gone.id, history_change_reason=WITH_STEP)
    replace_responsibilities(draft, step, list(letters.values_list("role_id", "letter")), actor=actor)
    _touch(draft, actor)
    return step


def attach_image(revision: Revision, *, actor: User, upload: BinaryIO, title: str = "") -> Attachment:
    """Keep a picture for use in the draft's text as `media:<key>`; the same picture twice is one attachment.

    Raises `sopdesk.lib.images.BadImage` and what `lock_draft` raises.
    """
    with transaction.atomic():
        lock_draft(revision, actor=actor)  # before anything is kept for somebody who may not write
    image = read_image(upload)
    stored = keep_file(image.data, content_type=image.content_type, width=image.width, height=image.height)
    with transaction.atomic():
        draft = lock_draft(revision, actor=actor)
        attachment, _created = Attachment.objects.get_or_create(
            revision=draft,
            key=stored.sha256[:KEY_LENGTH],
            defaults={"file": stored, "title": (title or getattr(upload, "name", "") or stored.sha256[:12])[:160]},
        )
        _touch(draft, actor)
    return attachment


def _get(draft: Revision, uid: UUID) -> Step:
    step = draft.steps.select_related("role").filter(uid=uid).first()
    if step is None:
        raise Missing(_("This step was removed."), target=draft.procedure.get_absolute_url())
    step.revision = draft
    return step


def _touch(draft: Revision, actor: User) -> None:
    Revision.objects.filter(pk=draft.pk).update(saved_at=timezone.now())
    draft.contributors.add(actor)


def _clean_step(step: Step, changed: Collection[str]) -> None:
    clean(step, changed)
    if "items" in changed:
        _clean_items(step.items)
    if step.subprocedure_id and step.kind != StepKind.SUBPROCEDURE:
        raise Refused(_("Only a step of the kind “Another procedure” names one."))
    if "branches" in changed:
        _clean_branches(step)


def _clean_items(items: list) -> None:
    if len(items) > MAX_ITEMS:
        raise Refused(_("A checklist has at most %(count)d items.") % {"count": MAX_ITEMS})
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise Refused(_("An item of a checklist says what is ticked."))
        if len(item) > MAX_ITEM_LENGTH:
            raise Refused(_("An item of a checklist has at most %(count)d characters.") % {"count": MAX_ITEM_LENGTH})
        ProhibitNullCharactersValidator()(item)


def _clean_branches(step: Step) -> None:
    if len(step.branches) > MAX_BRANCHES:
        raise Refused(_("A decision has at most %(count)d branches.") % {"count": MAX_BRANCHES})
    for branch in step.branches:
        if set(branch) != {"label", "target"} or not all(isinstance(value, str) for value in branch.values()):
            raise Refused(_("A branch has a label and leads to a step or to the end."))
        if branch["target"] not in ("", END) and not _is_uid(branch["target"]):
            raise Refused(_("A branch leads to a step or to the end."))


def _is_uid(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
