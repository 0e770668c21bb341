"""Who shares a procedure by link with people who have no account.

A link makes a text readable outside of the firm's log-in, so a restricted audience can only be passed by who answers
for the procedure: its owner and administrators.
"""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from procedures.models import Audience, Procedure, ShareLink
from procedures.permissions import can_control, can_write_for, get_procedure_for, procedures_with_trail_for, sees_trail
from roles.models import User
from sopdesk.lib.errors import Missing, NotPermitted


def can_share(user: User, procedure: Procedure) -> bool:
    """Whether `user` makes links to `procedure`: the owner and administrators; who writes it, as long as everybody in
    the firm may read it."""
    if can_control(user, procedure):
        return True
    return procedure.audience == Audience.EVERYONE and can_write_for(user, procedure)


def procedures_shareable_by(user: User) -> QuerySet[Procedure]:
    """The procedures for which `can_share` is true."""
    if not user.is_active:
        return Procedure.objects.none()
    if user.is_administrator:
        return Procedure.objects.all()
    condition = Q(owner=user)
    if user.is_author:
        invited = Procedure.coauthors.through.objects.filter(user_id=user.pk)
        writes = Q(department_id=user.department_id or 0) | Q(pk__in=invited.values("procedure_id"))
        condition |= Q(audience=Audience.EVERYONE) & writes
    return Procedure.objects.filter(condition)


def why_not_share(user: User, procedure: Procedure) -> str:
    """One sentence that says why `user`, who sees the links of `procedure`, makes none; empty when they may."""
    if can_share(user, procedure):
        return ""
    if procedure.audience != Audience.EVERYONE and can_write_for(user, procedure):
        return _("Not everybody may read this procedure: only its owner or an administrator decides to share it.")
    return _("Only the owner, administrators and those who write the procedure share it.")


def links_visible_to(user: User) -> QuerySet[ShareLink]:
    """Links whose existence and log `user` may see: of the procedures that they look after; auditors all."""
    return ShareLink.objects.filter(procedure__in=procedures_with_trail_for(user))


def links_revocable_by(user: User) -> QuerySet[ShareLink]:
    """Links not ended yet that `user` may revoke: their own, and those to procedures that they share themselves."""
    if not user.is_active:
        return ShareLink.objects.none()
    shareable = Q(procedure__in=procedures_shareable_by(user)) | Q(made_by=user)
    return ShareLink.objects.filter(shareable, end="")


def can_revoke_link(user: User, link: ShareLink) -> bool:
    """Whether `user` may revoke `link` now."""
    return links_revocable_by(user).filter(pk=link.pk).exists()


def get_procedure_with_links_for(user: User, code: str) -> Procedure:
    """The procedure `code` for somebody who may see its links. Raises Missing, and NotPermitted to mere readers."""
    procedure = get_procedure_for(user, code)
    if not sees_trail(user, procedure):
        raise NotPermitted(_("Only those who look after the procedure see with whom it is shared."))
    return procedure


def get_link_for(user: User, pk: int, *, reads: bool = False) -> ShareLink:
    """A link for somebody who revokes it, or only `reads` its log. Raises Missing; NotPermitted to who sees it and does
    not revoke it. One that has ended is returned too: the action says so."""
    links = ShareLink.objects.select_related("procedure", "revision", "made_by")
    link = links.filter(Q(pk__in=links_visible_to(user)) | Q(made_by_id=user.pk), pk=pk).first()
    if link is None:
        raise Missing()
    if not reads and not (link.made_by_id == user.pk or can_share(user, link.procedure)):
        raise NotPermitted(_("Only who made the link, the owner and administrators revoke it."))
    return link
