"""Who sees which entries of the trail, who exports, reviews and packs (design.md section 6)."""

from django.db.models import Q
from django.utils.translation import gettext as _

from audit import trail
from audit.trail import Entry, EntryQuerySet
from procedures.models import Procedure
from procedures.permissions import (
    get_procedure_for,
    procedures_with_trail_for,
    reads_everything,
    rounds_sat_in_by,
)
from roles.models import Access, User
from sopdesk.lib.errors import Missing, NotPermitted


def reasons_to_see(user: User) -> list[Q]:
    """Conditions on an entry, any of which lets `user` see it: their own acts, the procedures they look after, the
    revisions in whose rounds they sit. Auditors and administrators see everything: one condition that always holds."""
    if reads_everything(user):
        return [Q()]
    # Values instead of subqueries: with them PostgreSQL knows how rare an entry is, and does not read the whole trail.
    codes = procedures_with_trail_for(user).order_by().values_list("code", flat=True)
    revisions = rounds_sat_in_by(user).order_by().values_list("revision_id", flat=True).distinct()
    return [
        Q(actor=user.pk),
        Q(procedure_code__in=list(codes)),
        Q(subject_type="procedures.revision", subject_id__in=[str(pk) for pk in revisions]),
    ]


def entries_visible_to(user: User) -> EntryQuerySet:
    """Every entry that `user` may see."""
    condition = Q()
    for reason in reasons_to_see(user):
        condition |= reason
    return trail.entries().filter(condition)


def sees_entry(user: User, entry: Entry) -> bool:
    """Whether `user` may see `entry`."""
    return entries_visible_to(user).filter(seq=entry.seq).exists()


def exports_trail(user: User) -> bool:
    """Whether `user` takes the trail away as a file, and sees checks, checkpoints and reviews of it."""
    return user.is_active and reads_everything(user)


def require_export(user: User) -> None:
    """Raise NotPermitted unless `user` exports the trail."""
    if not exports_trail(user):
        raise NotPermitted(_("Only auditors and administrators export the trail."))


def reviews_trail(user: User) -> bool:
    """Whether `user` signs that the trail was reviewed: auditors. Administrators are among those it watches."""
    return user.is_active and user.access == Access.AUDITOR


def require_review(user: User) -> None:
    """Raise NotPermitted unless `user` reviews the trail."""
    if not reviews_trail(user):
        raise NotPermitted(_("Only auditors sign that the trail was reviewed."))


def takes_pack(user: User, procedure: Procedure) -> bool:
    """Whether `user` takes the whole file of `procedure`, drafts and comments included: auditors, administrators, and
    its owner."""
    return user.is_active and (reads_everything(user) or procedure.owner_id == user.pk)


def get_procedure_to_pack_for(user: User, code: str) -> Procedure:
    """The procedure `code` for its pack. Raises Missing for who may not see it, NotPermitted for who may only read."""
    try:
        procedure = get_procedure_for(user, code)
    except Missing:
        owned = Procedure.objects.filter(code=code, owner=user).select_related("department", "owner").first()
        if owned is None:
            raise
        procedure = owned
    if not takes_pack(user, procedure):
        raise NotPermitted(_("Only auditors, administrators and the owner take the whole file of a procedure."))
    return procedure
