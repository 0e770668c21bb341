"""Who may see and do what: each rule as a predicate about one object and as a queryset, side by side.

The table is design.md section 6. `tests/procedures/test_permissions.py` asserts that both shapes agree for the whole
cast. The `get_…_for` functions are the only doors through which views reach a guarded object.
"""

import datetime
from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from procedures.models import (
    Attachment,
    Audience,
    ChangeSetItem,
    Comment,
    Decision,
    EmergencyIssue,
    ImportedDocument,
    Procedure,
    ProcedureTemplate,
    Revision,
    Round,
    RoundGuest,
    RoundOutcome,
    RoundSlot,
    SlotKind,
)
from procedures.models.revision import RevisionQuerySet
from procedures.standing import Standing, current_and_standing
from procedures.states import TRANSITIONS, Event, State
from roles.models import Absence, Access, Department, Holding, User
from roles.queries import role_ids_of, today
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted

EVERYTHING_READERS = (Access.AUDITOR, Access.ADMINISTRATOR)
COMMENTABLE = (State.DRAFT, State.IN_REVIEW)
"""The states in which a revision is talked about."""


# Seeing ------------------------------------------------------------------------------------------------------


def reads_everything(user: User) -> bool:
    """Auditors and administrators read every text, and change none."""
    return user.access in EVERYTHING_READERS


def in_audience(user: User, day: datetime.date) -> Q:
    """Condition on a revision: the audience of its procedure includes `user`, or they look after it."""
    if reads_everything(user):
        return Q()
    departments = Procedure.audience_departments.through.objects.filter(department_id=user.department_id or 0)
    roles = Procedure.audience_roles.through.objects.filter(role_id__in=role_ids_of(user, day=day))
    return (
        Q(procedure__audience=Audience.EVERYONE)
        | Q(procedure__audience=Audience.DEPARTMENTS, procedure__in=departments.values("procedure_id"))
        | Q(procedure__audience=Audience.ROLES, procedure__in=roles.values("procedure_id"))
        | looks_after(user)
    )


def belongs_to_audience(user: User, procedure: Procedure, standing: Standing) -> bool:
    """The rule of `in_audience` for one procedure whose ties to `user` are known."""
    match procedure.audience:
        case Audience.EVERYONE:
            return True
        case Audience.DEPARTMENTS if user.department_id in standing.reader_departments:
            return True
        case Audience.ROLES if standing.role_ids & standing.reader_roles.keys():
            return True
    return reads_everything(user) or is_keeper(user, procedure, standing)


def is_keeper(user: User, procedure: Procedure, standing: Standing) -> bool:
    """The rule of `looks_after` for one procedure whose ties to `user` are known."""
    if procedure.owner_id == user.pk or standing.is_invited:
        return True
    return user.is_author and user.department_id == procedure.department_id


def looks_after(user: User) -> Q:
    """Condition on a revision: `user` owns its procedure, was invited to write, or writes for its department."""
    invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
    condition = Q(procedure__owner=user) | Q(procedure__in=invited.values("procedure_id"))
    if user.is_author and user.department_id:
        condition |= Q(procedure__department_id=user.department_id)
    return condition


def revisions_visible_to(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """Every revision whose text `user` may read on `day` (today): what was once published or is in force in an
    emergency by audience, what is on its way or was discarded by those who look after it, what is in review also by
    those who sit in the round, by its guests, and by the head of the department, who might issue it."""
    day = day or today()
    if reads_everything(user):
        return Revision.objects.all()
    released = Q(state__in=[State.PUBLISHED, State.SUPERSEDED]) | Q(state=State.APPROVED, effective_on__lte=day)
    released |= Q(state=State.WITHDRAWN) | Q(state=State.IN_REVIEW, emergency_until__gte=day)
    return Revision.objects.filter(
        (released & in_audience(user, day))
        | looks_after(user)
        | (Q(state=State.IN_REVIEW) & (_takes_part(user, day) | Q(procedure__department__head=user)))
    )


def _takes_part(user: User, day: datetime.date | None = None) -> Q:
    """Condition on a revision in review: `user` sits in its round, or is a guest there."""
    sits_in = slots_fillable_by(user, day).filter(
        stage__round__revision=OuterRef("pk"), stage__round__outcome=RoundOutcome.OPEN
    )
    return Q(Exists(sits_in)) | Q(is_guest(user))


def can_view(user: User, revision: Revision) -> bool:
    """Whether `user` may read the text of `revision` today."""
    return revisions_visible_to(user).filter(pk=revision.pk).exists()


def library_revisions_for(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """What the library lists and searches: revisions in force on `day` (today) whose audience includes `user`."""
    day = day or today()
    return Revision.objects.in_force(day).filter(in_audience(user, day))


# Doors -------------------------------------------------------------------------------------------------------


def _missing() -> Missing:
    return Missing(_("There is nothing at this address, or nothing that you may see."))


def _with_parents(revisions: RevisionQuerySet) -> RevisionQuerySet:
    return revisions.select_related("procedure__department", "procedure__owner", "category")


def get_revision_for(user: User, code: str, number: int) -> Revision:
    """Revision `number` of the procedure `code`. Raises Missing when there is none that `user` may see."""
    revisions = revisions_visible_to(user).filter(procedure__code=code, number=number)
    revision = _with_parents(revisions).first()
    if revision is None:
        raise _missing()
    return revision


def get_current_for(user: User, code: str) -> Revision:
    """The revision of `code` that readers follow, or the one that was withdrawn last. Raises Missing."""
    return get_current_and_standing(user, code)[0]


def get_current_and_standing(user: User, code: str) -> tuple[Revision, Standing]:
    """What `get_current_for` answers, without its long texts, and the ties of `user` to the procedure; one query.

    The audience is judged here, not in the query: see `procedures.standing`.
    """
    found = current_and_standing(user, code, day=today())
    if found is None:
        raise _missing()
    revision, standing = found
    if not belongs_to_audience(user, revision.procedure, standing):
        raise _missing()
    return revision, standing


def get_open_for(user: User, code: str) -> Revision:
    """The revision of `code` that is on its way, for whoever may see it. Raises Missing."""
    revision = _with_parents(revisions_visible_to(user).open().filter(procedure__code=code)).first()
    if revision is None:
        raise _missing()
    return revision


def revisions_recounted_to(user: User) -> RevisionQuerySet:
    """Open revisions whose making `user` may follow, change by change: those who look after the text or read
    everything; while it is in review also those who sit in the round."""
    visible = revisions_visible_to(user).open()
    if reads_everything(user):
        return visible
    return visible.filter(Q(state=State.DRAFT) | looks_after(user) | (Q(state=State.IN_REVIEW) & _takes_part(user)))


def sees_draft_history(user: User, revision: Revision) -> bool:
    """Whether `user` may follow how `revision` came to be."""
    return revisions_recounted_to(user).filter(pk=revision.pk).exists()


def get_recounted_for(user: User, code: str) -> Revision:
    """The open revision of `code` for the history of its making. Raises Missing."""
    revision = _with_parents(revisions_recounted_to(user).filter(procedure__code=code)).first()
    if revision is None:
        raise _missing()
    return revision


def get_draft_for(user: User, code: str) -> Revision:
    """The open revision of `code` for its editor. Raises Missing when `user` may not even see it, NotPermitted when
    they may not write. A revision that was submitted meanwhile is returned too: the page says so."""
    revision = _with_parents(revisions_editable_by(user).filter(procedure__code=code)).first()
    if revision is None:
        get_open_for(user, code)
        raise NotPermitted(_("Only authors of the department and co-authors write this draft."))
    return revision


def get_last_written_for(user: User, code: str) -> Revision:
    """The latest revision of `code`, in whatever state, for somebody who writes the procedure: so that who was writing
    when it was discarded or published is told so. Raises Missing for everybody else."""
    revision = _with_parents(Revision.objects.filter(procedure__code=code)).order_by("-number").first()
    if revision is None or not can_write_for(user, revision.procedure):
        raise _missing()
    return revision


def get_comment_for(user: User, pk: int) -> Comment:
    """A comment on a revision that `user` may see and comments on. Raises Missing."""
    comments = Comment.objects.filter(pk=pk, revision__in=revisions_commentable_by(user))
    comment = comments.select_related("revision__procedure", "parent", "author").first()
    if comment is None:
        raise _missing()
    return comment


def get_imported_for(user: User, pk: int, *, lock: bool = False) -> ImportedDocument:
    """A document that `user` has uploaded and not yet made a draft of; theirs alone. Raises Missing.

    `lock` keeps others from changing it until the transaction ends.
    """
    documents = ImportedDocument.objects.select_for_update(no_key=True) if lock else ImportedDocument.objects.all()
    document = documents.filter(uploaded_by_id=user.pk, pk=pk).first()
    if document is None:
        raise _missing()
    return document


def get_procedure_for(user: User, code: str) -> Procedure:
    """The procedure `code`, if `user` may see any revision of it. Raises Missing."""
    visible = revisions_visible_to(user).filter(procedure=OuterRef("pk"))
    procedure = Procedure.objects.filter(Exists(visible), code=code).select_related("department", "owner").first()
    if procedure is None:
        raise _missing()
    return procedure


def get_source_for(user: User, procedure: Procedure) -> Revision:
    """The text that `procedure` follows, of its parent or original, as it is in force. Raises Missing when `user` may
    not read it, when it is withdrawn, and when the procedure follows no other."""
    source = procedure.variant_of_id or procedure.translation_of_id
    readable = Revision.objects.lasting(today()).filter(in_audience(user, today()), procedure=source)
    revision = _with_parents(readable).first() if source else None
    if revision is None:
        raise _missing()
    return revision


def get_attachment_for(user: User, code: str, number: int, key: str) -> Attachment:
    """A file of a revision that `user` may see. Raises Missing."""
    revisions = revisions_visible_to(user).filter(procedure__code=code, number=number)
    attachment = Attachment.objects.filter(revision__in=revisions, key=key).select_related("file", "revision").first()
    if attachment is None:
        raise _missing()
    return attachment


def get_round_for(user: User, pk: int) -> Round:
    """A round whose revision `user` may see. Raises Missing."""
    found = (
        Round.objects.filter(pk=pk, revision__in=revisions_visible_to(user))
        .select_related("revision__procedure__department", "revision__procedure__owner", "opened_by")
        .first()
    )
    if found is None:
        raise _missing()
    return found


def get_ended_round_for(user: User, pk: int) -> Round:
    """A round that has ended, for somebody who sat in it or was its guest and may not read its text any more: they are
    told what became of it. Raises Missing."""
    invited = RoundGuest.objects.filter(round=OuterRef("pk"), person_id=user.pk)
    found = (rounds_sat_in_by(user) | Round.objects.filter(Exists(invited))).exclude(outcome=RoundOutcome.OPEN)
    found = found.filter(pk=pk)
    round = found.select_related("revision__procedure").first()
    if round is None:
        raise _missing()
    return round


def get_round_to_decide_for(user: User, pk: int) -> Round:
    """A round for somebody who sends a decision. Raises InvalidTransition when it was taken out of their sight since
    they opened the page, Missing when it never was in it."""
    try:
        return get_round_for(user, pk)
    except Missing:
        round = get_ended_round_for(user, pk)
        raise InvalidTransition(round_has_ended(), target=round.get_absolute_url()) from None


def round_has_ended() -> str:
    """What somebody is told whose decision comes too late."""
    return _("This round has ended since you opened the page. Your decision was not recorded.")


# Writing -----------------------------------------------------------------------------------------------------


def departments_to_author(user: User) -> QuerySet[Department]:
    """Departments for which `user` may start procedures: their own, for authors."""
    if not user.is_author:
        return Department.objects.none()
    return Department.objects.filter(pk=user.department_id or 0, is_active=True)


def can_author(user: User, department: Department) -> bool:
    """Whether `user` may start procedures of `department`."""
    return departments_to_author(user).filter(pk=department.pk).exists()


def revisions_editable_by(user: User) -> RevisionQuerySet:
    """Open revisions that `user` writes: of their own department, or as an invited co-author."""
    if not (user.is_active and user.is_author):
        return Revision.objects.none()
    invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
    return Revision.objects.open().filter(
        Q(procedure__department_id=user.department_id, procedure__department__isnull=False)
        | Q(procedure__in=invited.values("procedure_id"))
    )


def can_edit(user: User, revision: Revision) -> bool:
    """Whether `user` writes this open revision (its state may still forbid it at the moment)."""
    return revisions_editable_by(user).filter(pk=revision.pk).exists()


def can_write_for(user: User, procedure: Procedure, *, is_invited: bool | None = None) -> bool:
    """Whether `user` may start a new revision of `procedure`.

    `is_invited` saves the query where it is known already whether they are a co-author.
    """
    if not (user.is_active and user.is_author):
        return False
    if user.department_id == procedure.department_id:
        return True
    return procedure.coauthors.filter(pk=user.pk).exists() if is_invited is None else is_invited


def revisions_commentable_by(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """Revisions on their way on which `user` comments: those that they look after, in review also those in whose round
    they sit or are a guest. Who only reads everything does not."""
    if not user.is_active:
        return Revision.objects.none()
    return Revision.objects.filter(state__in=COMMENTABLE).filter(
        looks_after(user) | (Q(state=State.IN_REVIEW) & _takes_part(user, day))
    )


def can_comment(user: User, revision: Revision) -> bool:
    """Whether `user` comments on `revision` as it stands now."""
    return revisions_commentable_by(user).filter(pk=revision.pk).exists()


def can_control(user: User, procedure: Procedure) -> bool:
    """Whether `user` may publish early, revoke, withdraw, or change the owner: the owner and administrators."""
    return user.is_active and (procedure.owner_id == user.pk or user.is_administrator)


def revisions_confirmable_by(user: User, day: datetime.date | None = None) -> RevisionQuerySet:
    """Published revisions in force on `day` (today) that `user` may confirm as reviewed and still valid: their own."""
    if not user.is_active:
        return Revision.objects.none()
    in_force = Revision.objects.in_force(day or today())
    return in_force.filter(state=State.PUBLISHED, procedure__owner_id=user.pk)


def can_confirm(user: User, revision: Revision) -> bool:
    """Whether `user` may confirm `revision` as reviewed and still valid."""
    return revisions_confirmable_by(user).filter(pk=revision.pk).exists()


def require_confirm(user: User, revision: Revision) -> None:
    """Raise InvalidTransition when `revision` is not the published text in force any more, NotPermitted when `user`
    does not own it."""
    if not Revision.objects.in_force(today()).filter(pk=revision.pk, state=State.PUBLISHED).exists():
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    if not can_confirm(user, revision):
        raise NotPermitted(_("Only the owner confirms that a text is still valid."))


def revisions_issuable_by(user: User) -> RevisionQuerySet:
    """Revisions in review that `user` may put in force before they are approved, in an emergency: the owner and the
    head of the department, who neither wrote nor have decided; once in a round."""
    if not user.is_active:
        return Revision.objects.none()
    wrote = Revision.contributors.through.objects.filter(revision_id=OuterRef("pk"), user_id=user.pk)
    rounds = Round.objects.filter(revision=OuterRef("pk"), outcome=RoundOutcome.OPEN)
    decided = Decision.objects.filter(
        Q(decider_id=user.pk) | Q(on_behalf_of_id=user.pk),
        round__revision=OuterRef("pk"), round__outcome=RoundOutcome.OPEN, invalidated_at=None,
    )  # fmt: skip
    return Revision.objects.filter(
        Q(procedure__owner_id=user.pk) | Q(procedure__department__head_id=user.pk),
        Exists(rounds.filter(emergency=None, set_item=None)),
        ~Exists(wrote),
        ~Exists(decided),
        state=State.IN_REVIEW,
    )


def can_issue(user: User, revision: Revision) -> bool:
    """Whether `user` may put `revision` in force before it is approved, in an emergency."""
    return revisions_issuable_by(user).filter(pk=revision.pk).exists()


def why_not_issue(user: User, revision: Revision) -> str:
    """One sentence that says why `user`, who answers for the procedure, may not issue `revision` in an emergency;
    empty when they may, and for everybody who does not answer for it."""
    if not answers_for(user, revision.procedure) or can_issue(user, revision):
        return ""
    if EmergencyIssue.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN).exists():
        return _("It was issued in an emergency in this round already; only its review goes on.")
    if ChangeSetItem.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN).exists():
        return _("It is part of a change set, which is put in force as a whole.")
    if revision.contributors.filter(pk=user.pk).exists():
        return _("You wrote this revision; someone else must issue it.")
    return _("You have decided in this round; someone else must issue it.")


def answers_for(user: User, procedure: Procedure) -> bool:
    """Whether `user` owns `procedure` or heads its department."""
    return user.is_active and user.pk in (procedure.owner_id, procedure.department.head_id)


def require_issue(user: User, revision: Revision) -> None:
    """Raise InvalidTransition when `revision` is not in review any more or was issued in an emergency meanwhile,
    NotPermitted to all but the owner and the head of the department, who neither wrote it nor have decided."""
    if can_issue(user, revision):
        return
    open_rounds = Round.objects.filter(revision=revision, outcome=RoundOutcome.OPEN, emergency=None)
    if not open_rounds.exists():
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    raise NotPermitted(
        why_not_issue(user, revision)
        or _("Only the owner and the head of the department put a text in force before it is approved.")
    )


def can_change_settings(user: User, procedure: Procedure) -> bool:
    """Whether `user` may change kind, risk, audience and co-authors: who writes the procedure, or controls it."""
    return can_control(user, procedure) or can_write_for(user, procedure)


def manages_templates(user: User) -> bool:
    """Whether `user` makes, changes and hides the templates: administrators."""
    return user.is_active and user.is_administrator


def templates_visible_to(user: User) -> QuerySet[ProcedureTemplate]:
    """Templates that `user` may look at: authors those on offer, administrators and auditors all."""
    if not user.is_active:
        return ProcedureTemplate.objects.none()
    if reads_everything(user):
        return ProcedureTemplate.objects.all()
    return ProcedureTemplate.objects.filter(is_active=True) if user.is_author else ProcedureTemplate.objects.none()


def get_template_for(user: User, pk: int) -> ProcedureTemplate:
    """A template for its own page, which administrators and auditors see. Raises Missing."""
    template = templates_visible_to(user).filter(pk=pk).first()
    if template is None or not reads_everything(user):
        raise _missing()
    return template


def get_latest_for(user: User, code: str) -> Revision:
    """What readers follow of `code`, or the revision on its way where nothing is published yet. Raises Missing."""
    try:
        return get_current_for(user, code)
    except Missing:
        return get_open_for(user, code)


def sees_trail(user: User, procedure: Procedure, *, is_invited: bool | None = None) -> bool:
    """Whether `user` may read the whole trail of `procedure`: those who look after it, auditors, administrators.

    `is_invited` as in `can_write_for`.
    """
    if reads_everything(user) or procedure.owner_id == user.pk:
        return True
    return can_write_for(user, procedure, is_invited=is_invited)


def procedures_with_trail_for(user: User) -> QuerySet[Procedure]:
    """The procedures for which `sees_trail` is true."""
    if reads_everything(user):
        return Procedure.objects.all()
    condition = Q(owner=user)
    if user.is_active and user.is_author:
        invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
        condition |= Q(department_id=user.department_id or 0) | Q(pk__in=invited.values("procedure_id"))
    return Procedure.objects.filter(condition)


# Deciding ----------------------------------------------------------------------------------------------------


HOLDER = Case(
    When(kind=SlotKind.PERSON, then="person_id"),
    When(kind=SlotKind.HEAD, then="stage__round__revision__procedure__department__head_id"),
    When(kind=SlotKind.OWNER, then="stage__round__revision__procedure__owner_id"),
    output_field=BigIntegerField(),
)
"""Who holds a slot of a round, but for slots of roles."""


def _slots_with_holder() -> QuerySet[RoundSlot]:
    return RoundSlot.objects.alias(holder_id=HOLDER)


def _held_by(user: User, day: datetime.date) -> Q:
    """Condition on a slot: `user` holds it in their own right."""
    return Q(holder_id=user.pk) | Q(kind=SlotKind.ROLE, role_id__in=role_ids_of(user, day=day))


def _covered_by(user: User, day: datetime.date) -> QuerySet[Absence]:
    """The absences of holders of a slot for whom `user` stands in, seen from the slot. What the absent person holds
    counts, not what they were handed."""
    holdings = Holding.objects.on(day).filter(user_id=OuterRef("person_id"), role_id=OuterRef(OuterRef("role_id")))
    absences = Absence.objects.on(day).filter(deputy_id=user.pk, person__is_active=True)
    return absences.filter(Q(person_id=OuterRef("holder_id")) | Exists(holdings))


def slots_fillable_by(user: User, day: datetime.date | None = None) -> QuerySet[RoundSlot]:
    """Slots that `user` stands for on `day`, as their holder or as a deputy, whether or not they may still decide."""
    return slots_of(user, day) if user.is_active else RoundSlot.objects.none()


def slots_of(user: User, day: datetime.date | None = None) -> QuerySet[RoundSlot]:
    """What `slots_fillable_by` says, also of somebody who is not active any more."""
    day = day or today()
    return _slots_with_holder().filter(_held_by(user, day) | Exists(_covered_by(user, day)))


def open_slots(user: User) -> QuerySet[RoundSlot]:
    """Slots in which `user` may decide now: of the current stage, not filled yet, not on a text that they wrote or
    issued in an emergency, and not in a round where they have decided already. A deputy may do no more than who is
    away. Being a superuser changes nothing.

    `for_id` names the person on whose behalf that would be, and is None for who holds the slot.
    """
    if not user.is_active:
        return RoundSlot.objects.annotate(for_id=Value(None, output_field=BigIntegerField())).none()
    day = today()
    valid = Decision.objects.filter(invalidated_at=None)
    wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef("stage__round__revision_id"), user_id=user.pk
    )
    absent_wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef(OuterRef("stage__round__revision_id")), user_id=OuterRef("person_id")
    )
    absent_counted = valid.filter(
        Q(decider_id=OuterRef("person_id"), on_behalf_of=None) | Q(on_behalf_of_id=OuterRef("person_id")),
        round_id=OuterRef(OuterRef("stage__round_id")),
    )
    absent_issued = EmergencyIssue.objects.filter(
        round_id=OuterRef(OuterRef("stage__round_id")), issued_by_id=OuterRef("person_id")
    )
    issued = EmergencyIssue.objects.filter(round=OuterRef("stage__round"), issued_by_id=user.pk)
    done_for_them = valid.filter(round=OuterRef("stage__round"), on_behalf_of_id=user.pk)
    covered = _covered_by(user, day).filter(~Exists(absent_wrote), ~Exists(absent_issued), ~Exists(absent_counted))
    own = _held_by(user, day) & ~Exists(done_for_them)
    somebody = Subquery(covered.order_by("person_id").values("person_id")[:1])
    slots = _slots_with_holder().annotate(for_id=Case(When(own, then=None), default=somebody))
    is_there = User.objects.filter(pk=user.pk, is_active=True)  # now, whatever it was when they opened the page
    return slots.filter(
        Exists(is_there),
        own | Exists(covered),
        ~Exists(valid.filter(slot=OuterRef("pk"))),
        ~Exists(valid.filter(round=OuterRef("stage__round"), decider=user)),
        ~Exists(wrote),
        ~Exists(issued),
        stage__opened_at__isnull=False,
        stage__completed_at=None,
        stage__round__outcome=RoundOutcome.OPEN,
        stage__round__revision__state=State.IN_REVIEW,
    )


def slot_to_fill(user: User, round: Round) -> RoundSlot | None:
    """The slot that `user` fills by deciding on `round`, or None when they may not decide; its `for_id` says on whose
    behalf.

    One of their own goes before one of somebody who is away, and one that is theirs alone before one that other
    holders of a role could fill too; among these one for which they were proposed first, one for another last.
    """
    shared = Case(When(kind=SlotKind.ROLE, then=1), default=0)
    proposed = Case(When(proposed=user.pk, then=0), When(proposed=None, then=1), default=2)
    handed_on = Case(When(for_id=None, then=0), default=1)
    slots = open_slots(user).filter(stage__round=round).select_related("stage", "role")
    return slots.order_by(handed_on, shared, proposed, "position").first()


def rounds_sat_in_by(user: User) -> QuerySet[Round]:
    """Rounds in which `user` stands for a slot, has decided or was decided for, whatever became of them."""
    slots = slots_fillable_by(user).filter(stage__round=OuterRef("pk"))
    decisions = Decision.objects.filter(Q(decider_id=user.pk) | Q(on_behalf_of_id=user.pk), round=OuterRef("pk"))
    return Round.objects.filter(Exists(slots) | Exists(decisions))


def is_guest(user: User) -> Exists:
    """Condition on a revision: `user` was invited to comment in the round that is open."""
    guests = RoundGuest.objects.filter(round__revision=OuterRef("pk"), round__outcome=RoundOutcome.OPEN)
    return Exists(guests.filter(person_id=user.pk))


def rounds_hosted_by(user: User) -> QuerySet[Round]:
    """Open rounds to which `user` invites readers: on what they write, and those in which they stand for a slot."""
    sits_in = slots_fillable_by(user).filter(stage__round=OuterRef("pk"))
    in_review = Round.objects.filter(outcome=RoundOutcome.OPEN, revision__state=State.IN_REVIEW)
    return in_review.filter(Q(revision__in=revisions_editable_by(user)) | Exists(sits_in))


def can_invite(user: User, round: Round) -> bool:
    """Whether `user` invites readers to comment in `round`, and takes invitations back."""
    return rounds_hosted_by(user).filter(pk=round.pk).exists()


def get_round_to_host_for(user: User, pk: int) -> Round:
    """A round for somebody who invites readers to it. Raises Missing when `user` may not see it, NotPermitted."""
    round = get_round_for(user, pk)
    if not can_invite(user, round):
        raise NotPermitted(_("Only those who write or decide on this revision invite somebody."))
    return round


def get_guest_for(user: User, round_pk: int, pk: int) -> RoundGuest:
    """A guest of a round, for somebody who invites readers to it. Raises Missing and NotPermitted."""
    round = get_round_to_host_for(user, round_pk)
    guest = round.guests.filter(pk=pk).select_related("person").first()
    if guest is None:
        raise _missing()
    guest.round = round
    return guest


def can_decide(user: User, round: Round) -> bool:
    """Whether `user` may approve or return in this round now."""
    return slot_to_fill(user, round) is not None


def rounds_awaiting(user: User) -> QuerySet[Round]:
    """Rounds in which `user` may decide now."""
    return Round.objects.filter(pk__in=open_slots(user).values("stage__round_id"))


def why_not_decide(user: User, round: Round) -> str:
    """One sentence that says why `user` may not decide on `round`; empty when they may."""
    if round.outcome != RoundOutcome.OPEN:
        return _("This round is closed.")
    if round.decisions.filter(decider=user, invalidated_at=None).exists():
        return _("You have decided in this round.")
    decided_for = round.decisions.filter(on_behalf_of=user, invalidated_at=None).first()
    if decided_for is not None and not can_decide(user, round):
        return _("%(name)s has decided for you in this round.") % {"name": decided_for.decider_name}
    if round.revision.contributors.filter(pk=user.pk).exists():
        return _("You wrote this revision; someone else must approve it.")
    if round.issuer_id == user.pk:
        return _("You issued this revision in an emergency; someone else must review it.")
    if can_decide(user, round):
        return ""
    if round.guests.filter(person_id=user.pk).exists():
        return _("You are asked for comments; others decide.")
    return _("You hold no open place in this round.")


def acts_for(slot: RoundSlot | None) -> User | None:
    """The person on whose behalf a slot that `slot_to_fill` has found is filled; None for one's own."""
    for_id = getattr(slot, "for_id", None)
    return User.objects.get(pk=for_id) if for_id else None


# Offers ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An event that the state allows: whether this person may fire it, and if not, why."""

    event: Event
    label: str
    allowed: bool
    why_not: str = ""


def available_events(user: User, revision: Revision) -> list[Offer]:
    """The events that fit the state of `revision` and concern `user`, with a reason where one is refused.

    An event that is none of this person's business is left out.
    """
    offers = []
    fitting = {event for event, row in TRANSITIONS.items() if revision.state in row.sources}
    if fitting & {Event.SUBMIT, Event.RECALL, Event.DISCARD} and can_edit(user, revision):
        reasons = {Event.RECALL: why_not_recall(revision)} if Event.RECALL in fitting else {}
        events = [event for event in (Event.SUBMIT, Event.RECALL, Event.DISCARD) if event in fitting]
        offers += [_offer(event, reasons.get(event, "")) for event in events]
    if Event.APPROVE in fitting:
        round = revision.rounds.filter(outcome=RoundOutcome.OPEN).first()
        if round and slots_fillable_by(user).filter(stage__round=round).exists():
            why_not = why_not_decide(user, round)
            offers += [_offer(event, why_not) for event in (Event.APPROVE, Event.RETURN)]
    if fitting & {Event.REVOKE, Event.PUBLISH, Event.WITHDRAW} and can_control(user, revision.procedure):
        offers += [_offer(event) for event in (Event.PUBLISH, Event.WITHDRAW) if event in fitting]
        if Event.REVOKE in fitting:
            offers.append(_offer(Event.REVOKE, _("It is in force already.") if revision.is_in_force(today()) else ""))
    return offers


def why_not_recall(revision: Revision) -> str:
    """Why the authors cannot take `revision` back; empty when they can. The review after an emergency issue ends by the
    decision of others, also when its time has run out."""
    if EmergencyIssue.objects.filter(round__revision=revision, round__outcome=RoundOutcome.OPEN).exists():
        return _("It was issued in an emergency: only those who review it end this round.")
    return ""


def _offer(event: Event, why_not: str = "") -> Offer:
    return Offer(event=event, label=str(event.label), allowed=not why_not, why_not=why_not)


def require_event(user: User, revision: Revision, event: Event) -> None:
    """Raise InvalidTransition when the state does not allow `event`, NotPermitted when `user` may not fire it.

    Whoever comes too late is told so, and not that they may not: before refusing, the stored state is asked.
    """
    sources = TRANSITIONS[event].sources
    offer = next((offer for offer in available_events(user, revision) if offer.event == event), None)
    if offer and offer.allowed:
        return
    stored = Revision.objects.values_list("state", flat=True).get(pk=revision.pk)
    if revision.state not in sources or stored not in sources:
        raise InvalidTransition(
            _("This revision has moved on since you opened the page. Nothing was changed."),
            target=revision.get_absolute_url(),
        )
    raise NotPermitted(offer.why_not if offer else _("You may see this, but not do it."))
