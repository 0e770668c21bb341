"""Asking for a manual, calling it off, trying again, and clearing away what is old. It is made in the worker."""

import datetime

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from procedures import tasks
from procedures.manuals.building import too_many
from procedures.manuals.permissions import manuals_of
from procedures.manuals.selecting import MOST, Selection, select
from procedures.models import Attachment, Manual, ManualState, Rendition, StoredFile
from procedures.models.manual import UNFINISHED
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused

MAX_WAITING = 3
STALLED_AFTER = datetime.timedelta(minutes=15)
KEPT_UNMADE_DAYS = 7


@transaction.atomic
def request_manual(*, actor: User, title: str, selection: Selection) -> Manual:
    """Have what `selection` has for `actor` made into one PDF. It is asked again, for what they may read then, when it
    is made.

    Raises NotPermitted, Refused without a title, with nothing or too much selected, and while several of theirs wait.
    """
    if not actor.is_active:
        raise NotPermitted(_("Only people who can sign in ask for manuals."))
    title = " ".join(title.split())[:120]
    if not title:
        raise Refused(_("Give the manual a title."))
    count = select(actor, selection).count()
    if not count:
        raise Refused(_("Nothing that you may read fits this selection."))
    if count > MOST:
        raise Refused(too_many())
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if Manual.objects.filter(person=actor, state__in=UNFINISHED).count() >= MAX_WAITING:
        raise Refused(_("Three of your manuals are being made already. Wait for one of them, or cancel it."))
    now = timezone.now()
    manual = Manual.objects.create(
        person=actor, title=title, selection=selection.as_json(), total=count, created_at=now, moved_at=now
    )
    trail.record(names.MANUAL_REQUEST, actor=actor, subject=manual, data={**manual.selection, "procedures": count})
    tasks.build_manual.enqueue(manual.pk)
    return manual


@transaction.atomic
def cancel_manual(manual: Manual, *, actor: User) -> Manual:
    """Call off a manual that is not done; what the worker has of it is thrown away.

    Raises NotPermitted, InvalidTransition when it is done or was called off.
    """
    _check_own(manual, actor)
    moved = Manual.objects.filter(pk=manual.pk, state__in=UNFINISHED).update(
        state=ManualState.CANCELLED, finished_at=timezone.now()
    )
    if not moved:
        raise InvalidTransition(_("This manual is not being made any more."), target=manual.get_absolute_url())
    trail.record(names.MANUAL_CANCEL, actor=actor, subject=manual)
    manual.refresh_from_db()
    return manual


@transaction.atomic
def retry_manual(manual: Manual, *, actor: User) -> Manual:
    """Begin again with a manual that failed, was called off or has not moved for a while.

    Raises NotPermitted, InvalidTransition for any other.
    """
    _check_own(manual, actor)
    now = timezone.now()
    again = Q(state__in=[ManualState.FAILED, ManualState.CANCELLED])
    again |= Q(state__in=UNFINISHED, moved_at__lt=now - STALLED_AFTER)
    moved = Manual.objects.filter(again, pk=manual.pk).update(
        state=ManualState.WAITING, done=0, failure="", finished_at=None, moved_at=now
    )
    if not moved:
        raise InvalidTransition(_("This manual is being made, or is ready."), target=manual.get_absolute_url())
    trail.record(names.MANUAL_RETRY, actor=actor, subject=manual)
    tasks.build_manual.enqueue(manual.pk)
    manual.refresh_from_db()
    return manual


@transaction.atomic
def delete_manual(manual: Manual, *, actor: User) -> None:
    """Delete a manual that is ready, failed or was called off, with its file, before its days are over. Nothing happens
    when it has gone already.

    Raises NotPermitted, InvalidTransition while it is being made.
    """
    stored = _lock(manual.pk)
    if stored is None:
        return
    _check_own(stored, actor)
    if stored.is_unfinished:
        raise InvalidTransition(_("This manual is being made. Cancel it first."), target=manual.get_absolute_url())
    _remove(stored, name=names.MANUAL_DELETE, actor=actor)


def remove_old_manuals() -> int:
    """Remove manuals whose days are over, with their files, and those that never were made; returns how many.

    Each in its own transaction. A process that dies in between leaves a row whose file is gone; the next call removes
    it.
    """
    unmade = timezone.now() - datetime.timedelta(days=KEPT_UNMADE_DAYS)
    old = Manual.objects.filter(Q(expires_on__lt=today()) | Q(file=None, created_at__lt=unmade))
    return sum(_expire(pk) for pk in old.values_list("pk", flat=True))


@transaction.atomic
def _expire(pk: int) -> bool:
    return _remove(_lock(pk), name=names.MANUAL_EXPIRE, actor=None)


def _lock(pk: int) -> Manual | None:
    return Manual.objects.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()


def _remove(manual: Manual | None, *, name: str, actor: User | None) -> bool:
    """Remove a manual that is locked, unless somebody else has done so; return whether it was there."""
    if manual is None:
        return False
    file = manual.file
    trail.record(name, actor=actor, subject=manual, data={"sha256": file.sha256 if file else ""})
    manual.delete()
    if file and not _is_used(file):
        StoredFile.objects.filter(pk=file.pk).delete()
        default_storage.delete(file.name)
    return True


def _is_used(file: StoredFile) -> bool:
    return any(model.objects.filter(file=file).exists() for model in (Attachment, Rendition, Manual))


def _check_own(manual: Manual, actor: User) -> None:
    if not manuals_of(actor).filter(pk=manual.pk).exists():
        raise NotPermitted(_("Only who asked for a manual does this."))
