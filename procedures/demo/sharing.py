"""The demo firm's share links: one that accountants outside opened, one that was revoked, one tied to a revision."""

import datetime
from collections.abc import Callable, Iterator
from functools import partial

from procedures.actions import sharing
from procedures.models import Procedure
from procedures.sharing.links import followed
from roles.queries import today

CODE = "FIN-003"
Moments = Iterator[tuple[int, int, Callable[[], None]]]


def life() -> Moments:
    """The moments of the links: (days ago, turn, act)."""
    yield 6, 61, partial(_share, "Cabinet Lenoir, accountants", opened=("203.0.113.0/24", "Firefox, Windows"))
    yield 5, 62, partial(_share, "Trainees of the summer", revoked="The summer is over.")
    yield 4, 63, partial(_share, "Auditors of the bank", is_pinned=True)


def _share(
    recipient: str, *, is_pinned: bool = False, opened: tuple[str, str] | None = None, revoked: str = ""
) -> None:
    procedure = Procedure.objects.select_related("owner").get(code=CODE)
    ends_on = today() + datetime.timedelta(days=30)
    link, _token = sharing.make_link(
        procedure, actor=procedure.owner, recipient=recipient, ends_on=ends_on, is_pinned=is_pinned
    )
    revision = followed(procedure, today())
    if opened and revision is not None:
        sharing.open_link(link, revision=revision, network=opened[0], program=opened[1])
    if revoked:
        sharing.revoke_link(link, actor=procedure.owner, reason=revoked)
