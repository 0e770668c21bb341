"""The only ways for views to a guarded object: what may not be seen is `Missing`, as if it did not exist."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from procedures.models import (
    Attachment,
    Comment,
    ImportedDocument,
    Procedure,
    ProcedureTemplate,
    Revision,
    Round,
    RoundGuest,
    RoundOutcome,
)
from procedures.models.revision import RevisionQuerySet
from procedures.permissions.seeing import (
    belongs_to_audience,
    in_audience,
    reads_everything,
    revisions_visible_to,
    templates_visible_to,
)
from procedures.permissions.slots import rounds_sat_in_by
from procedures.permissions.writing import (
    can_write_for,
    revisions_commentable_by,
    revisions_editable_by,
    revisions_recounted_to,
)
from procedures.standing import Standing, current_and_standing
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted


def _with_parents(revisions: RevisionQuerySet) -> RevisionQuerySet:
    return revisions.select_related("procedure__department", "procedure__owner", "category")


def get_revision_for(user: User, code: str, number: int) -> Revision:
    """Revision `number` of the procedure `code`. Raises Missing when there is none that `user` may see."""
    revisions = revisions_visible_to(user).filter(procedure__code=code, number=number)
    revision = _with_parents(revisions).first()
    if revision is None:
        raise Missing()
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
        raise Missing()
    revision, standing = found
    if not belongs_to_audience(user, revision.procedure, standing):
        raise Missing()
    return revision, standing


def get_open_for(user: User, code: str) -> Revision:
    """The revision of `code` that is on its way, for whoever may see it. Raises Missing."""
    revision = _with_parents(revisions_visible_to(user).open().filter(procedure__code=code)).first()
    if revision is None:
        raise Missing()
    return revision


def get_recounted_for(user: User, code: str) -> Revision:
    """The open revision of `code` for the history of its making. Raises Missing."""
    revision = _with_parents(revisions_recounted_to(user).filter(procedure__code=code)).first()
    if revision is None:
        raise Missing()
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
        raise Missing()
    return revision


def get_comment_for(user: User, pk: int) -> Comment:
    """A comment on a revision that `user` may see and comments on. Raises Missing."""
    comments = Comment.objects.filter(pk=pk, revision__in=revisions_commentable_by(user))
    comment = comments.select_related("revision__procedure", "parent", "author").first()
    if comment is None:
        raise Missing()
    return comment


def get_imported_for(user: User, pk: int, *, lock: bool = False) -> ImportedDocument:
    """A document that `user` has uploaded and not yet made a draft of; theirs alone. Raises Missing.

    `lock` keeps others from changing it until the transaction ends.
    """
    documents = ImportedDocument.objects.select_for_update(no_key=True) if lock else ImportedDocument.objects.all()
    document = documents.filter(uploaded_by_id=user.pk, pk=pk).first()
    if document is None:
        raise Missing()
    return document


def get_procedure_for(user: User, code: str) -> Procedure:
    """The procedure `code`, if `user` may see any revision of it. Raises Missing."""
    visible = revisions_visible_to(user).filter(procedure=OuterRef("pk"))
    procedure = Procedure.objects.filter(Exists(visible), code=code).select_related("department", "owner").first()
    if procedure is None:
        raise Missing()
    return procedure


def get_source_for(user: User, procedure: Procedure) -> Revision:
    """The text that `procedure` follows, of its parent or original, as it is in force. Raises Missing when `user` may
    not read it, when it is withdrawn, and when the procedure follows no other."""
    source = procedure.variant_of_id or procedure.translation_of_id
    readable = Revision.objects.lasting(today()).filter(in_audience(user, today()), procedure=source)
    revision = _with_parents(readable).first() if source else None
    if revision is None:
        raise Missing()
    return revision


def get_attachment_for(user: User, code: str, number: int, key: str) -> Attachment:
    """A file of a revision that `user` may see. Raises Missing."""
    revisions = revisions_visible_to(user).filter(procedure__code=code, number=number)
    attachment = Attachment.objects.filter(revision__in=revisions, key=key).select_related("file", "revision").first()
    if attachment is None:
        raise Missing()
    return attachment


def get_round_for(user: User, pk: int) -> Round:
    """A round whose revision `user` may see. Raises Missing."""
    found = (
        Round.objects.filter(pk=pk, revision__in=revisions_visible_to(user))
        .select_related(
            "revision__procedure__department", "revision__procedure__owner", "opened_by", "set_item__change_set"
        )
        .first()
    )
    if found is None:
        raise Missing()
    return found


def get_ended_round_for(user: User, pk: int) -> Round:
    """A round that has ended, for somebody who sat in it or was its guest and may not read its text any more: they are
    told what became of it. Raises Missing."""
    invited = RoundGuest.objects.filter(round=OuterRef("pk"), person_id=user.pk)
    found = (rounds_sat_in_by(user) | Round.objects.filter(Exists(invited))).exclude(outcome=RoundOutcome.OPEN)
    found = found.filter(pk=pk)
    round = found.select_related("revision__procedure").first()
    if round is None:
        raise Missing()
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


def get_template_for(user: User, pk: int) -> ProcedureTemplate:
    """A template for its own page, which administrators and auditors see. Raises Missing."""
    template = templates_visible_to(user).filter(pk=pk).first()
    if template is None or not reads_everything(user):
        raise Missing()
    return template


def get_latest_for(user: User, code: str) -> Revision:
    """What readers follow of `code`, or the revision on its way where nothing is published yet. Raises Missing."""
    try:
        return get_current_for(user, code)
    except Missing:
        return get_open_for(user, code)
