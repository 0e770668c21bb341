"""Deciding point by point on what has changed in the text that is followed: take it over, or keep ours."""

from django.db import transaction
from django.utils.translation import gettext as _

from procedures.actions import drafts, steps
from procedures.actions.relatives.copying import STRUCTURE, bring_pictures, pairs_of
from procedures.actions.relatives.following import catch_up, note
from procedures.content import revision_content
from procedures.models import Procedure, Revision
from procedures.permissions import can_write_for, get_source_for
from procedures.relatives import Following, Point, PointKind, following_of
from roles.models import User
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused

COLUMNS = {
    "tools": ("name", "note"),
    "records": ("name", "place", "kept"),
    "benchmarks": ("name", "unit", "target", "direction"),
}
REASON_LENGTH = 500


@transaction.atomic
def settle_point(
    procedure: Procedure,
    *,
    actor: User,
    number: int,
    kind: str,
    key: str,
    take: bool,
    version: int | None = None,
    reason: str = "",
) -> Revision:
    """Decide on one point in which the text that `procedure` follows has moved on: take its words over, or keep ours.

    The decision goes into the draft, which is started when none is open. Once nothing is open any more, the draft
    follows the new revision as a whole.

    number: of the source's revision that was shown; InvalidTransition when another is in force by now.
    version: of the own step that was shown; EditConflict when somebody saved it since and `take` would overwrite it.
    reason: why a new step of the source stays out. Raises NotPermitted, Missing, Refused for a text of a translation,
    and what the actions on drafts raise.
    """
    draft, following, is_new = _open_following(procedure, actor, number)
    point = following.point(kind, key)
    if point is None:
        raise InvalidTransition(
            _("This point is settled already. Nothing was changed."), target=procedure.get_absolute_url()
        )
    if take and following.is_translation and kind not in (PointKind.NEW, PointKind.REMOVED):
        raise Refused(_("The words of the original are not those of the translation. Translate them."))
    settle = _take if take else _keep
    settle(draft, following.source, point, actor, None if is_new else version, reason)
    return catch_up(draft, actor=actor)


@transaction.atomic
def note_source(procedure: Procedure, *, actor: User, number: int) -> Revision:
    """Let the draft follow revision `number` of the source, whose changes touch nothing here. Raises Refused while a
    point is open, and what `settle_point` raises."""
    draft, following, _is_new = _open_following(procedure, actor, number)
    if following.points:
        raise Refused(_("Decide on each change first."))
    return catch_up(draft, actor=actor)


def _open_following(procedure: Procedure, actor: User, number: int) -> tuple[Revision, Following, bool]:
    """The draft of `procedure`, how it stands to its source, and whether it was started now."""
    if not can_write_for(actor, procedure):
        raise NotPermitted(_("Only authors of the department and co-authors write a new revision."))
    source = get_source_for(actor, procedure)
    if source.number != number:
        raise InvalidTransition(
            _("A newer revision is in force since you opened the page. Look at its changes first."),
            target=procedure.get_absolute_url(),
        )
    draft = procedure.revisions.open().first()
    is_new = draft is None
    draft = drafts.start_draft(procedure, actor=actor) if draft is None else drafts.lock_draft(draft, actor=actor)
    draft.procedure = procedure
    return draft, following_of(draft, source), is_new


def _take(draft: Revision, source: Revision, point: Point, actor: User, version: int | None, reason: str) -> None:
    match point.kind:
        case PointKind.CHANGED:
            theirs, ours = source.steps.get(uid=point.key), draft.steps.get(uid=point.key)
            fields = {name: getattr(theirs, name) for name in steps.STEP_FIELDS} | {"source_hash": point.hash}
            ours.revision = draft
            steps.save_step(
                ours, actor=actor, version=version or ours.version, fields=fields, responsibilities=pairs_of(theirs)
            )
            bring_pictures(source, draft, fields)
        case PointKind.NEW:
            _add(draft, source, point, actor)
        case PointKind.REMOVED:
            ours = draft.steps.get(uid=point.key)
            ours.revision = draft
            steps.remove_step(ours, actor=actor)
        case PointKind.DETAIL:
            _take_detail(draft, source, point.key, actor)
            note(draft, actor=actor, settled={point.key: point.hash})
        case PointKind.ORDER:
            raise Refused(_("Move the steps in the draft; then note here that the order is settled."))


def _keep(draft: Revision, source: Revision, point: Point, actor: User, version: int | None, reason: str) -> None:
    match point.kind:
        case PointKind.CHANGED | PointKind.REMOVED:
            ours = draft.steps.get(uid=point.key)
            ours.revision = draft
            steps.save_step(ours, actor=actor, version=ours.version, fields={"source_hash": point.hash})
        case PointKind.NEW:
            note(
                draft,
                actor=actor,
                settled={point.key: point.hash},
                left_out={point.key: reason.strip()[:REASON_LENGTH]},
            )
        case _:
            note(draft, actor=actor, settled={point.key: point.hash})


def _add(draft: Revision, source: Revision, point: Point, actor: User) -> None:
    """Put a new step of the source behind the step that it follows there, as far as that one is here; into a
    translation without its texts."""
    theirs = source.steps.get(uid=point.key)
    before = source.steps.filter(position__lt=theirs.position).values_list("uid", flat=True)
    present = draft.steps.filter(uid__in=list(before)).order_by("position")
    if draft.procedure.translation_of_id:
        fields = {name: getattr(theirs, name) for name in STRUCTURE if name != "position"}
        fields["branches"] = [{"label": "", "target": branch["target"]} for branch in theirs.branches]
    else:
        fields = {name: getattr(theirs, name) for name in steps.STEP_FIELDS}
        fields |= {"uid": theirs.uid, "source_hash": point.hash}
    ours = steps.add_step(draft, actor=actor, after=present.last(), fields=fields)
    ours.revision = draft
    if present.last() is None:
        ours = steps.move_step(ours, actor=actor, position=1)
    if pairs := pairs_of(theirs):
        steps.save_step(ours, actor=actor, version=ours.version, fields={}, responsibilities=pairs)
    bring_pictures(source, draft, fields)


def _take_detail(draft: Revision, source: Revision, name: str, actor: User) -> None:
    if name == "parts":
        raise Refused(_("Change the parts of a standard in the draft; then note here that it is settled."))
    fields = {} if name in (*COLUMNS, "responsibilities") else {name: getattr(source, name)}
    letters = [(row.role_id, row.letter) for row in source.responsibilities.filter(step=None)]

    def rows(of: str) -> list[dict] | None:
        return list(getattr(source, of).order_by("position").values(*COLUMNS[of])) if of == name else None

    drafts.save_draft(
        draft,
        actor=actor,
        version=draft.version,
        fields=fields,
        tools=rows("tools"),
        records=rows("records"),
        benchmarks=rows("benchmarks"),
        responsibilities=letters if name == "responsibilities" else None,
    )
    bring_pictures(source, draft, fields)


@transaction.atomic
def explain_left_out(revision: Revision, *, actor: User, uid: str, reason: str) -> Revision:
    """Say why the parent's step `uid` is not in the draft of a variant. Raises Missing when it is in it or the parent
    has no such step, Refused for a reason that is too long, and what `drafts.lock_draft` raises."""
    draft = drafts.lock_draft(revision, actor=actor)
    theirs = revision_content(draft.source)["steps"] if draft.source else []
    if uid not in {step["uid"] for step in theirs} or draft.steps.filter(uid=uid).exists():
        raise Missing(_("This step is not left out."))
    if len(reason) > REASON_LENGTH:
        raise Refused(_("A reason has at most %(count)d characters.") % {"count": REASON_LENGTH})
    note(draft, actor=actor, settled={}, left_out={uid: reason.strip()})
    return draft
