"""Commenting on a revision that is on its way: adding, answering, resolving, reopening, taking back."""

from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.actions.drafts import clean
from procedures.actions.reviewing import remember_look
from procedures.actions.telling import about
from procedures.models import Comment, Revision
from procedures.permissions import COMMENTABLE, can_comment, revisions_visible_to
from procedures.queries import open_round
from roles.models import User
from sopdesk.lib.errors import InvalidTransition, Missing, NotPermitted, Refused

MAX_COMMENTS = 1_000
MAX_LENGTH = 4_000


@transaction.atomic
def add_comment(revision: Revision, *, actor: User, body: str, step_uid: UUID | None = None) -> Comment:
    """Begin a thread on a step (`step_uid`) or on the whole, and tell those who write the revision.

    Raises NotPermitted, InvalidTransition when the revision is no longer on its way, Missing when there is no such
    step, Refused for an empty or too long text.
    """
    revision = _lock(revision, actor=actor)
    if step_uid and not revision.steps.filter(uid=step_uid).exists():
        raise Missing(_("This step was removed."))
    return _write(Comment(revision=revision, step_uid=step_uid, author=actor, body=body.strip()), actor=actor)


@transaction.atomic
def answer_comment(comment: Comment, *, actor: User, body: str) -> Comment:
    """Answer a thread (`comment` may be any of its comments), which opens it again. Raises like `add_comment`."""
    revision = _lock(comment.revision, actor=actor)
    first = _stored(comment.parent or comment)
    if first.resolved_at is not None:
        _set_resolved(first, None)
    answer = Comment(revision=revision, step_uid=first.step_uid, parent=first, author=actor, body=body.strip())
    return _write(answer, actor=actor)


@transaction.atomic
def resolve_thread(comment: Comment, *, actor: User) -> Comment:
    """Say that a thread is settled; doing so twice changes nothing. Raises NotPermitted and InvalidTransition."""
    _lock(comment.revision, actor=actor)
    first = _stored(comment.parent or comment)
    if first.resolved_at is None:
        _set_resolved(first, actor)
        _record(names.COMMENT_RESOLVE, first, actor=actor)
    return first


@transaction.atomic
def reopen_thread(comment: Comment, *, actor: User) -> Comment:
    """Say that a thread is not settled after all. Raises NotPermitted and InvalidTransition."""
    _lock(comment.revision, actor=actor)
    first = _stored(comment.parent or comment)
    if first.resolved_at is not None:
        _set_resolved(first, None)
        _record(names.COMMENT_REOPEN, first, actor=actor)
    return first


@transaction.atomic
def delete_comment(comment: Comment, *, actor: User) -> None:
    """Take back an own comment that nobody has answered. Raises NotPermitted, InvalidTransition and Refused."""
    _lock(comment.revision, actor=actor)
    stored = _stored(comment)
    if stored.author_id != actor.pk:
        raise NotPermitted(_("Only who wrote a comment takes it back."))
    if stored.answers.exists():
        raise Refused(_("This comment was answered. Resolve it instead."))
    _record(names.COMMENT_DELETE, stored, actor=actor)
    stored.delete()


def _lock(revision: Revision, *, actor: User) -> Revision:
    """The revision, locked until the end of the transaction."""
    locked = (
        Revision.objects.select_for_update(of=("self",), no_key=True).select_related("procedure").get(pk=revision.pk)
    )
    if locked.state not in COMMENTABLE:
        raise InvalidTransition(
            _("This revision is no longer on its way, so nothing can be said about it here."),
            target=locked.get_absolute_url(),
        )
    if not can_comment(actor, locked):
        raise NotPermitted(_("Only those who write or decide on this revision comment on it."))
    return locked


def _stored(comment: Comment) -> Comment:
    stored = Comment.objects.select_related("revision__procedure").filter(pk=comment.pk).first()
    if stored is None:
        raise Missing(_("This comment was taken back."))
    return stored


def _set_resolved(first: Comment, actor: User | None) -> None:
    first.resolved_at, first.resolved_by = (timezone.now(), actor) if actor else (None, None)
    first.save(update_fields=["resolved_at", "resolved_by"])


def _write(comment: Comment, *, actor: User) -> Comment:
    if not comment.body:
        raise Refused(_("Say what you mean: the comment is empty."))
    if len(comment.body) > MAX_LENGTH:
        raise Refused(_("A comment has at most %(count)d characters.") % {"count": MAX_LENGTH})
    if comment.revision.comments.count() >= MAX_COMMENTS:
        raise Refused(_("A revision has at most %(count)d comments.") % {"count": MAX_COMMENTS})
    clean(comment, ["body"])
    comment.save()
    if round := open_round(comment.revision):
        remember_look(round, actor)
    _tell(comment, actor=actor, event_seq=_record(names.COMMENT_ADD, comment, actor=actor))
    return comment


def _record(name: str, comment: Comment, *, actor: User) -> int:
    """The event on the trail, and its number. What was said stays off it, so that it can be taken back."""
    revision = comment.revision
    entry = trail.record(
        name,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={"number": revision.number, "comment": comment.pk, "step": _place(comment)},
    )
    return entry.seq


def _place(comment: Comment) -> int | None:
    """The number of the step today; None for the whole."""
    if comment.step_uid is None:
        return None
    return comment.revision.steps.filter(uid=comment.step_uid).values_list("position", flat=True).first()


def _tell(comment: Comment, *, actor: User, event_seq: int) -> None:
    """Tell those who write the revision and those who spoke in the thread, as far as they may see it."""
    revision = comment.revision
    people = set(revision.contributors.all())
    if comment.parent:
        people |= {row.author for row in revision.comments.filter(parent=comment.parent).select_related("author")}
        people.add(comment.parent.author)
    people.discard(actor)
    outbox.notify(
        "comment-added",
        recipients=[person for person in people if revisions_visible_to(person).filter(pk=revision.pk).exists()],
        event_seq=event_seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=_address(comment),
        context={
            **about(revision),
            "actor": str(actor),
            "step": _place(comment),
            "body": comment.body,
        },
    )


def _address(comment: Comment) -> str:
    """Where everybody finds the comment on the page on which they see the revision."""
    revision = comment.revision
    address = reverse("comments", args=[revision.procedure.code, revision.number])
    return f"{address}?step={comment.step_uid}" if comment.step_uid else address
