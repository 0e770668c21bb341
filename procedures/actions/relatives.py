"""Variants and translations: starting them, and taking into account what changed in the text they follow."""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.conf.locale import LANG_INFO
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.actions import drafts, steps
from procedures.actions.telling import about
from procedures.content import revision_content, step_hash
from procedures.models import Attachment, Procedure, Responsibility, Revision, Step
from procedures.permissions import can_view, can_write_for, get_source_for
from procedures.relatives import (
    DETAILS,
    Following,
    Point,
    PointKind,
    following_of,
    followings_of,
    value_hash,
)
from procedures.states import OPEN_STATES, State
from roles.models import Department, Role, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused
from sopdesk.lib.history import written_by

NOTICES = {False: "parent-changed", True: "original-changed"}
"""Is it a translation? → kind of the notice that the text it follows has changed."""

COLUMNS = {
    "tools": ("name", "note"),
    "records": ("name", "place", "kept"),
    "benchmarks": ("name", "unit", "target", "direction"),
}
STRUCTURE = (
    "uid", "position", "kind", "role", "minutes", "subprocedure", "hold", "due_after", "due_unit", "evidence",
)  # fmt: skip
"""What a translation takes over of each step; its texts are its own."""

LANGUAGE_LENGTH = 5
REASON_LENGTH = 500

_MEDIA = re.compile(r"media:(\w+)")


# Starting ----------------------------------------------------------------------------------------------------


@transaction.atomic
def make_variant(
    source: Revision,
    *,
    actor: User,
    code: str,
    department: Department,
    owner: User,
    title: str,
    risk: str = "normal",
    audience: str = "everyone",
    audience_departments: Iterable[Department] = (),
    audience_roles: Iterable[Role] = (),
) -> Revision:
    """Start the variant of `source`, a revision in force, for `department`: a draft with its whole text.

    Raises NotPermitted for who may not read `source` or not write for the department, InvalidTransition when `source`
    is no longer in force, and Refused for a code that is taken or malformed.
    """
    source = _lock_source(source, actor)
    draft = drafts.create_procedure(
        actor=actor,
        code=code,
        kind=source.procedure.kind,
        department=department,
        owner=owner,
        title=title,
        language=source.language,
        category=source.category,
        risk=risk,
        audience=audience,
        audience_departments=audience_departments,
        audience_roles=audience_roles,
        variant_of=source.procedure,
    )
    copied = [name for name in drafts.COPIED_DETAILS if name not in ("title", "category", "language")]
    _follow(draft, source, copied, actor)
    drafts.copy_parts(source, draft)
    hashes = {step["uid"]: step_hash(step) for step in revision_content(source)["steps"]}
    for step in draft.steps.all():
        step.source_hash = hashes.get(str(step.uid), "")
        written_by(step, actor).save(update_fields=["source_hash"])
    return draft


@transaction.atomic
def start_translation(
    source: Revision,
    *,
    actor: User,
    language: str,
    code: str,
    department: Department,
    owner: User,
    title: str,
    risk: str = "normal",
    audience: str = "everyone",
    audience_departments: Iterable[Department] = (),
    audience_roles: Iterable[Role] = (),
) -> Revision:
    """Start the translation of `source`, a revision in force, into `language`: a draft with its steps, roles, branches
    and pictures, and without any of its texts.

    A translation of a translation belongs to the set of the original, and cannot be started. Raises Refused for a
    language that the set has already, and what `make_variant` raises.
    """
    source = _lock_source(source, actor)
    if source.procedure.translation_of_id:
        raise Refused(_("This is a translation itself. Translate the original."))
    if language in languages_of(source.procedure):
        raise Refused(_("There is a text in this language already."))
    if language not in LANG_INFO or len(language) > LANGUAGE_LENGTH:
        raise Refused(_("This language is not known."))
    draft = drafts.create_procedure(
        actor=actor,
        code=code,
        kind=source.procedure.kind,
        department=department,
        owner=owner,
        title=title,
        language=language,
        category=source.category,
        risk=risk,
        audience=audience,
        audience_departments=audience_departments,
        audience_roles=audience_roles,
        translation_of=source.procedure,
    )
    _follow(draft, source, ["frequency", "review_interval_months"], actor)
    Attachment.objects.bulk_create(_copies(source.attachments.all(), draft))
    for row in source.steps.order_by("position"):
        step = Step(revision=draft, **{name: getattr(row, name) for name in STRUCTURE})
        step.branches = [{"label": "", "target": branch["target"]} for branch in row.branches]
        written_by(step, actor).save()
        Responsibility.objects.bulk_create(_letters(row.responsibilities.all(), draft, step))
    Responsibility.objects.bulk_create(_letters(source.responsibilities.filter(step=None), draft, None))
    return draft


def languages_of(original: Procedure) -> set[str]:
    """The languages of the set of `original`: its own and those of translations that are in force or on their way."""
    family = Q(procedure=original) | Q(procedure__translation_of=original)
    states = [*OPEN_STATES, State.PUBLISHED]
    return set(Revision.objects.filter(family, state__in=states).values_list("language", flat=True))


def _lock_source(source: Revision, actor: User) -> Revision:
    if not can_view(actor, source):
        raise NotPermitted(_("You may see this, but not do it."))
    Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=source.procedure_id)
    in_force = Revision.objects.lasting(today()).filter(pk=source.pk).select_related("procedure", "category").first()
    if in_force is None:
        raise InvalidTransition(
            _("This text is no longer in force. Begin with the current one."),
            target=source.procedure.get_absolute_url(),
        )
    return in_force


def _follow(draft: Revision, source: Revision, copied: Iterable[str], actor: User) -> None:
    for name in copied:
        setattr(draft, name, getattr(source, name))
    draft.source = source
    written_by(draft, actor).save(update_fields=[*copied, "source"])


def _copies(rows: Iterable[Attachment], draft: Revision) -> list[Attachment]:
    copies = list(rows)
    for row in copies:
        row.pk, row.revision = None, draft
    return copies


def _letters(rows: Iterable[Responsibility], draft: Revision, step: Step | None) -> list[Responsibility]:
    return [Responsibility(revision=draft, step=step, role_id=row.role_id, letter=row.letter) for row in rows]


# Taking changes of the source into account --------------------------------------------------------------------


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
                ours, actor=actor, version=version or ours.version, fields=fields, responsibilities=_pairs(theirs)
            )
            _bring_pictures(source, draft, fields)
        case PointKind.NEW:
            _add(draft, source, point, actor)
        case PointKind.REMOVED:
            ours = draft.steps.get(uid=point.key)
            ours.revision = draft
            steps.remove_step(ours, actor=actor)
        case PointKind.DETAIL:
            _take_detail(draft, source, point.key, actor)
            _note(draft, actor, settled={point.key: point.hash})
        case PointKind.ORDER:
            raise Refused(_("Move the steps in the draft; then note here that the order is settled."))


def _keep(draft: Revision, source: Revision, point: Point, actor: User, version: int | None, reason: str) -> None:
    match point.kind:
        case PointKind.CHANGED | PointKind.REMOVED:
            ours = draft.steps.get(uid=point.key)
            ours.revision = draft
            steps.save_step(ours, actor=actor, version=ours.version, fields={"source_hash": point.hash})
        case PointKind.NEW:
            _note(draft, actor, settled={point.key: point.hash}, left_out={point.key: reason.strip()[:REASON_LENGTH]})
        case _:
            _note(draft, actor, settled={point.key: point.hash})


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
    if pairs := _pairs(theirs):
        steps.save_step(ours, actor=actor, version=ours.version, fields={}, responsibilities=pairs)
    _bring_pictures(source, draft, fields)


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
    _bring_pictures(source, draft, fields)


def _pairs(step: Step) -> list[tuple[int, str]]:
    return [(row.role_id, row.letter) for row in step.responsibilities.all()]


def _bring_pictures(source: Revision, draft: Revision, fields: Mapping[str, object]) -> None:
    """Attach what the texts in `fields` refer to and the draft has not yet."""
    keys = {key for value in fields.values() if isinstance(value, str) for key in _MEDIA.findall(value)}
    keys -= set(draft.attachments.values_list("key", flat=True))
    if keys:
        Attachment.objects.bulk_create(_copies(source.attachments.filter(key__in=keys), draft))


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
    _note(draft, actor, settled={}, left_out={uid: reason.strip()})
    return draft


def _note(
    draft: Revision, actor: User, *, settled: Mapping[str, str], left_out: Mapping[str, str] | None = None
) -> None:
    stored = Revision.objects.values_list("source_notes", flat=True).get(pk=draft.pk)
    draft.source_notes = {
        "settled": {**stored.get("settled", {}), **settled},
        "left_out": {**stored.get("left_out", {}), **(left_out or {})},
    }
    written_by(draft, actor).save(update_fields=["source_notes"])


def catch_up(draft: Revision, *, actor: User) -> Revision:
    """Let `draft` follow the revision of its source that is in force as a whole, if nothing of it is open any more."""
    draft = Revision.objects.select_related("procedure__owner", "source__procedure").get(pk=draft.pk)
    source = get_source_for(actor, draft.procedure)
    following = following_of(draft, source)
    if following.points or not following.has_moved_on:
        return draft
    before = draft.source.number if draft.source else None
    draft.source = source
    draft.source_notes = {"left_out": draft.source_notes.get("left_out", {})}
    written_by(draft, actor).save(update_fields=["source", "source_notes"])
    trail.record(
        names.REVISION_FOLLOW,
        actor=actor,
        subject=draft,
        procedure_code=draft.procedure.code,
        data={"number": draft.number, "source_number": source.number, "source_number_before": before},
    )
    outbox.retract(
        NOTICES[following.is_translation], recipients=[draft.procedure.owner], url=changes_url(draft.procedure)
    )
    return draft


# Translating -------------------------------------------------------------------------------------------------


@transaction.atomic
def save_translated_step(
    step: Step,
    *,
    actor: User,
    version: int,
    texts: Mapping[str, object],
    labels: Sequence[str],
    number: int,
    is_checked: bool,
) -> Step:
    """Save the texts of one step of a translation; `labels` are those of its branches.

    is_checked: revision `number` of the original, which was shown beside it, is taken into account. The step then also
    gets what is not text from there: role, minutes, branches and so on. Raises what `steps.save_step` raises.
    """
    draft = drafts.lock_draft(step.revision, actor=actor)
    shown = _shown_source(draft, actor, number)
    theirs = shown.steps.filter(uid=step.uid).first()
    branches = theirs.branches if theirs else step.branches
    fields = {
        **texts,
        "branches": [
            {"label": label, "target": branch["target"]} for label, branch in zip(labels, branches, strict=False)
        ],
    }
    letters = None
    if is_checked:
        fields["source_hash"] = ""
        if theirs:
            hashes = {row["uid"]: step_hash(row) for row in revision_content(shown)["steps"]}
            fields |= {name: getattr(theirs, name) for name in STRUCTURE if name not in ("uid", "position")}
            fields["source_hash"] = hashes[str(step.uid)]
            letters = _pairs(theirs)
    saved = steps.save_step(step, actor=actor, version=version, fields=fields, responsibilities=letters)
    catch_up(draft, actor=actor)
    return saved


@transaction.atomic
def save_translated_details(
    revision: Revision, *, actor: User, version: int, fields: Mapping[str, object], number: int, is_checked: bool
) -> Revision:
    """Save the texts of a translation outside its steps; `is_checked` and `number` as for a step."""
    draft = drafts.save_draft(revision, actor=actor, version=version, fields=fields)
    if is_checked:
        content = revision_content(_shown_source(draft, actor, number))
        _note(draft, actor, settled={name: value_hash(content[name]) for name in DETAILS})
    catch_up(draft, actor=actor)
    return draft


def _shown_source(draft: Revision, actor: User, number: int) -> Revision:
    """The revision of the original that was shown: the one in force, or one since that which the draft follows."""
    source = get_source_for(actor, draft.procedure)
    if number == source.number:
        return source
    followed = draft.source.number if draft.source else number
    shown = Revision.objects.filter(procedure=source.procedure, number=number).exclude(content=None).first()
    if shown is None or not followed <= number < source.number:
        raise Refused(_("The original that you were shown is not one of this text."))
    return shown


# Telling -----------------------------------------------------------------------------------------------------


def changes_url(procedure: Procedure) -> str:
    """The page on which the changes of the source are decided on."""
    return f"{procedure.get_absolute_url()}changes/"


def tell_followers(source: Revision, *, actor: User | None, event_seq: int) -> None:
    """Tell the owners of variants and translations that `source` was published and changes what they follow; only
    those who may read it, in the transaction of the publication."""
    followers = list(
        Procedure.objects.filter(Q(variant_of=source.procedure_id) | Q(translation_of=source.procedure_id))
        .exclude(owner=actor)
        .select_related("owner")
    )
    if not followers:
        return
    for following in followings_of(followers, [source]):
        procedure = following.revision.procedure
        if not following.points or not can_view(procedure.owner, source):
            continue
        outbox.notify(
            NOTICES[following.is_translation],
            recipients=[procedure.owner],
            event_seq=event_seq,
            title=f"{procedure.code} {following.revision.title}",
            url=changes_url(procedure),
            context={
                **about(following.revision),
                "source_code": source.procedure.code,
                "source_title": source.title,
                "source_language": source.language,
                "number": source.number,
                "actor": str(actor) if actor else "sopdesk",
                "reason": source.change_summary,
            },
        )
