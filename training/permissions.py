"""Who confirms reading, and who sees who has: each rule as a predicate and as a queryset, side by side.

`tests/training/test_permissions.py` asserts that both shapes agree for the whole cast.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

from procedures.models import Procedure, Revision
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import (
    get_procedure_for,
    library_revisions_for,
    procedures_with_trail_for,
    sees_trail,
)
from roles.models import Access, User
from sopdesk.lib.errors import NotPermitted
from training.models import Acknowledgement, AcknowledgementQuerySet


def acknowledges(user: User) -> bool:
    """Whether `user` confirms reading at all: auditors look on and leave no mark."""
    return user.is_active and user.access != Access.AUDITOR


def revisions_acknowledgeable_by(user: User) -> RevisionQuerySet:
    """The texts in force that `user` may read, and may therefore confirm."""
    return library_revisions_for(user) if acknowledges(user) else Revision.objects.none()


def can_acknowledge(user: User, revision: Revision) -> bool:
    """The rule of `revisions_acknowledgeable_by` for one revision."""
    return revisions_acknowledgeable_by(user).filter(pk=revision.pk).exists()


def require_acknowledge(user: User) -> None:
    """Raise NotPermitted for who never confirms reading."""
    if not acknowledges(user):
        raise NotPermitted(_("Auditors read without confirming it."))


def sees_acknowledgements(user: User, procedure: Procedure) -> bool:
    """Whether `user` sees who has confirmed `procedure`: those who look after it, auditors and administrators."""
    return sees_trail(user, procedure)


def acknowledgements_visible_to(user: User) -> AcknowledgementQuerySet:
    """One's own, and those of procedures for which `sees_acknowledgements` is true."""
    kept = procedures_with_trail_for(user).values("pk")
    return Acknowledgement.objects.filter(Q(person=user) | Q(revision__procedure__in=kept))


def get_acknowledged_for(user: User, code: str) -> Procedure:
    """The procedure `code`, for who may see who has confirmed it. Raises Missing for who may not see the procedure,
    NotPermitted for its other readers."""
    procedure = get_procedure_for(user, code)
    if not sees_acknowledgements(user, procedure):
        raise NotPermitted(_("Who has confirmed reading is for those who look after the procedure."))
    return procedure
