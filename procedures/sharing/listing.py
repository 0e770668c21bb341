"""The links of a procedure as its page lists them."""

from procedures.models import Procedure
from procedures.sharing.links import LinkRow, LinkState, followed, state_of, with_openings
from procedures.sharing.permissions import links_revocable_by
from roles.models import User
from roles.queries import today


def link_rows(user: User, procedure: Procedure, pks: list[int]) -> list[LinkRow]:
    """The links `pks` of `procedure`, latest first; three queries whatever their number."""
    day = today()
    current = followed(procedure, day)
    revocable = set(links_revocable_by(user).filter(pk__in=pks).values_list("pk", flat=True))
    rows = []
    for link in with_openings(procedure.share_links.filter(pk__in=pks)):
        link.procedure = procedure
        state = state_of(link, current, day)
        opened = getattr(link, "times", 0) or 0, getattr(link, "last_at", None)
        may_revoke = link.pk in revocable and state != LinkState.OVER  # its last day never comes again
        rows.append(LinkRow(link, state, *opened, may_revoke))
    return rows
