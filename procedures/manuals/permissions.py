"""Who sees a manual: who asked for it, and who may read all of it (see `procedures.permissions`)."""

from django.db.models import Exists, OuterRef, QuerySet

from procedures.models import Manual, ManualItem
from procedures.permissions import revisions_visible_to
from roles.models import User
from sopdesk.lib.errors import Missing


def manuals_of(user: User) -> QuerySet[Manual]:
    """The manuals that `user` asked for, latest first; nobody sees those of others."""
    return Manual.objects.filter(person=user) if user.is_active else Manual.objects.none()


def manuals_readable_by(user: User) -> QuerySet[Manual]:
    """Those of their manuals whose every text `user` may still read today."""
    hidden = ManualItem.objects.filter(manual=OuterRef("pk")).exclude(revision__in=revisions_visible_to(user))
    return manuals_of(user).filter(~Exists(hidden))


def can_read(user: User, manual: Manual) -> bool:
    """Whether `user` may still read everything in `manual`, which is theirs."""
    return manuals_readable_by(user).filter(pk=manual.pk).exists()


def get_manual_for(user: User, pk: int) -> Manual:
    """A manual that `user` asked for, file loaded. Raises Missing."""
    manual = manuals_of(user).filter(pk=pk).select_related("file").first()
    if manual is None:
        raise Missing()
    return manual


def get_manual_to_read_for(user: User, pk: int) -> Manual:
    """A manual with a file, for who may read all of it. Raises Missing."""
    manual = manuals_readable_by(user).filter(pk=pk).exclude(file=None).select_related("file").first()
    if manual is None:
        raise Missing()
    return manual
