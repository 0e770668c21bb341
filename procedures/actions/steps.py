"""Writing the steps of a draft: add, save, move, remove, bring back; pictures."""

from collections.abc import Collection, Mapping, Sequence
from typing import BinaryIO, cast
from uuid import UUID

from django.core.validators import ProhibitNullCharactersValidator
from django.db import models, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from procedures.actions.drafts import clean, lock_draft, replace_responsibilities, settle
from procedures.keeping import keep_file
from procedures.merging import LETTERS
from procedures.models import Attachment, Procedure, Revision, Step, StepKind
from procedures.models.step import END
from procedures.step_versions import WITH_STEP, get_version
from procedures.subprocedures import way_back
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


@transaction.atomic
def add_step(
    revision: Revision,
    *,
    actor: User,
    after: Step | None = None,
    before: Step | None = None,
    fields: Mapping[str, object] | None = None,
) -> Step:
    """Add a step behind `after`, in front of `before`, or at the end.

    Raises Refused beyond 500 steps, Missing when `after` or `before` was removed, and what `lock_draft` raises.
    """
    draft = lock_draft(revision, actor=actor)
    position = _make_room(draft, 1, after=after, before=before)
    step = _new_step(draft, position, fields or {}, actor=actor)
    _touch(draft, actor)
    return step


@transaction.atomic
def add_steps(
    revision: Revision,
    *,
    actor: User,
    rows: Sequence[Mapping[str, object]],
    after: Step | None = None,
    instead_of: Step | None = None,
) -> list[Step]:
    """Add one step per row of fields behind `after`, or at the end: all of them or none. `instead_of` is a step that
    gives way to them while nothing stands in it.

    Raises Refused beyond 500 steps and for text that does not fit, Missing when `after` was removed, and what
    `lock_draft` raises.
    """
    draft = lock_draft(revision, actor=actor)
    position = _make_room(draft, len(rows), after=after)
    added = [_new_step(draft, number, fields, actor=actor) for number, fields in enumerate(rows, start=position)]
    if instead_of is not None and (stored := _get(draft, instead_of.uid)).is_blank:
        _take_out(draft, stored, actor=actor)
    if added:
        _touch(draft, actor)
    return added


@transaction.atomic
def duplicate_step(step: Step, *, actor: User) -> Step:
    """Add a copy of a step behind it, with its letters. Raises Missing, Refused and what `lock_draft` raises."""
    draft = lock_draft(step.revision, actor=actor)
    original = _get(draft, step.uid)
    position = _make_room(draft, 1, after=original)
    fields = {name: getattr(original, name) for name in STEP_FIELDS if name != "source_hash"}
    copy = _new_step(draft, position, fields, actor=actor)
    letters = list(original.responsibilities.values_list("role_id", "letter"))
    replace_responsibilities(draft, copy, letters, actor=actor)
    _touch(draft, actor)
    return copy


@transaction.atomic
def save_step(
    step: Step,
    *,
    actor: User,
    version: int,
    fields: Mapping[str, object],
    responsibilities: list[tuple[int, str]] | None = None,
    base: Mapping[str, str] | None = None,
) -> Step:
    """Save one step: any of STEP_FIELDS, and its RACI letters besides the doer (None leaves them alone).

    Two people who save different steps never meet. `base` holds the digests of the values that the sender saw under
    `version` (`procedures.merging`): what somebody else saved in between stays where the sender did not touch it.
    Raises EditConflict where both changed the same field, Missing when the step was removed, Refused for text that
    does not fit, and what `lock_draft` raises.
    """
    draft = lock_draft(step.revision, actor=actor)
    stored = _get(draft, step.uid)
    offered = {**fields, **({} if responsibilities is None else {LETTERS: responsibilities})}
    taken = settle(stored, version, offered=offered, base=base).taken
    if not taken:
        return stored
    changed = [name for name in fields if name in taken]
    for name in changed:
        setattr(stored, name, fields[name])
    _clean_step(stored, changed)
    if LETTERS in taken:
        replace_responsibilities(draft, stored, responsibilities, actor=actor)
    stored.version += 1
    written_by(stored, actor).save(update_fields=[*changed, "version"])
    _touch(draft, actor)
    return stored


@transaction.atomic
def move_step(step: Step, *, actor: User, position: int, section: str | None = None) -> Step:
    """Put a step at `position` (1 is the first; values beyond the ends mean the ends), into `section`.

    Without a section it goes into the one in the midst of which it comes to stand, so that a move cuts none in two.
    Raises Missing and what `lock_draft` raises.
    """
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
    if section is None:
        section = _section_around(draft, target, moved)
    if section is not None:
        moved.section = section
        clean(moved, ["section"])
    written_by(moved, actor).save(update_fields=["position", "section"])
    _touch(draft, actor)
    return moved


@transaction.atomic
def remove_step(step: Step, *, actor: User) -> None:
    """Take a step out; `restore_step` brings it back. Raises Missing and what `lock_draft` raises."""
    draft = lock_draft(step.revision, actor=actor)
    _take_out(draft, _get(draft, step.uid), actor=actor)
    _touch(draft, actor)


@transaction.atomic
def remove_steps(revision: Revision, *, actor: User, uids: Collection[UUID]) -> int:
    """Take back the steps `uids`, which were added in one act. One that was written in since, or has gone, is left as
    it is. Returns how many went. Raises what `lock_draft` raises."""
    draft = lock_draft(revision, actor=actor)
    untouched = list(draft.steps.filter(uid__in=uids, version=1).order_by("-position"))
    for step in untouched:
        _take_out(draft, step, actor=actor)
    if untouched:
        _touch(draft, actor)
    return len(untouched)


@transaction.atomic
def restore_step(revision: Revision, *, actor: User, uid: UUID, point: int | None = None) -> Step:
    """Bring back the step that was removed last under `uid`, at its old place, with its letters; with the words that it
    had at `point` of its history (`procedures.draft_history`), or that it had last.

    Restoring a step that is there returns it as it is. Raises Missing when no such step was removed, or had no such
    point, and what `lock_draft` raises.
    """
    draft = lock_draft(revision, actor=actor)
    present = draft.steps.filter(uid=uid).first()
    if present is not None:
        return present
    gone = Step.history.filter(revision_id=draft.pk, uid=uid, history_type="-").first()
    if gone is None:
        raise Missing(_("This step cannot be brought back."))
    version = get_version(draft, point or gone.history_id)
    if version.uid != uid:
        raise Missing(_("This step cannot be brought back."))
    last = draft.steps.aggregate(last=Max("position"))["last"] or 0
    position = min(gone.position, last + 1)
    draft.steps.filter(position__gte=position).update(position=F("position") + 1)
    columns = [cast("models.Field", Step._meta.get_field(name)).attname for name in STEP_FIELDS]
    fields = {column: getattr(version.row, column) for column in columns}
    step = Step(revision=draft, uid=uid, position=position, version=gone.version + 1, **fields)
    written_by(step, actor).save()
    replace_responsibilities(draft, step, version.letters, actor=actor)
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


def _make_room(draft: Revision, count: int, *, after: Step | None = None, before: Step | None = None) -> int:
    """Move the steps behind so that `count` new ones fit, and return the position of the first of them."""
    last = draft.steps.aggregate(last=Max("position"))["last"] or 0
    if last + count > MAX_STEPS:
        raise Refused(_("A procedure has at most %(count)d steps. Split it in two.") % {"count": MAX_STEPS})
    position = last + 1
    if after is not None:
        position = _get(draft, after.uid).position + 1
    elif before is not None:
        position = _get(draft, before.uid).position
    draft.steps.filter(position__gte=position).update(position=F("position") + count)
    return position


def _section_around(draft: Revision, position: int, moved: Step) -> str | None:
    """The section that the other steps before and behind a position share; None when they do not."""
    neighbours = draft.steps.filter(position__in=[position - 1, position + 1]).exclude(pk=moved.pk)
    sections = list(neighbours.values_list("section", flat=True))
    return sections[0] if len(sections) == 2 and sections[0] == sections[1] else None


def _new_step(draft: Revision, position: int, fields: Mapping[str, object], *, actor: User) -> Step:
    step = Step(revision=draft, position=position, **fields)
    _clean_step(step, fields)
    written_by(step, actor).save()
    return step


def _take_out(draft: Revision, step: Step, *, actor: User) -> None:
    position = step.position
    for row in step.responsibilities.all():
        written_by(row, actor, reason=WITH_STEP).delete()
    written_by(step, actor).delete()
    draft.steps.filter(position__gt=position).update(position=F("position") - 1)


def _get(draft: Revision, uid: UUID) -> Step:
    step = draft.steps.select_related("role", "subprocedure").filter(uid=uid).first()
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
    if "subprocedure" in changed and step.subprocedure:
        _refuse_a_circle(step.subprocedure, step.revision.procedure)
    if "branches" in changed:
        _clean_branches(step)


def _refuse_a_circle(subprocedure: Procedure, procedure: Procedure) -> None:
    if subprocedure.pk == procedure.pk:
        raise Refused(_("A procedure cannot be a step of itself."))
    if way := way_back(subprocedure, procedure):
        message = _("This would run in circles: %(way)s.")
        raise Refused(message % {"way": " → ".join([procedure.code, *way])})


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
