"""What apps above procedures do in the transaction of an event: when a draft is begun or given up, when a revision
comes into force or leaves it again, when a procedure is withdrawn.

An app registers in `AppConfig.ready()`. What always follows a publication, whatever there is, stands in
`settings.AFTER_PUBLICATION`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Exists

from procedures.models import Revision
from roles.models import User


class Act(Protocol):
    def __call__(self, revision: Revision, *, actor: User | None, event_seq: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Follower:
    """What one app does after events.

    acts: name of the event on the trail → what is done. The revision is locked by then, or nobody else can see it.
    concerns: a condition on a revision (`OuterRef("pk")`), asked in the statement that locks what is published, so
        that a publication which concerns nobody costs no statement more.
    """

    name: str
    acts: Mapping[str, Act]
    concerns: Callable[[], Exists]


_registered: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Have it called from now on. Raises ValueError for a name that is taken."""
    if _registered.setdefault(follower.name, follower) is not follower:
        raise ValueError(f"There is a follower named {follower.name} already.")


def concerns() -> dict[str, Exists]:
    """The conditions of all, to annotate revisions with."""
    return {_flag(follower): follower.concerns() for follower in _registered.values()}


def follow(event: str, revision: Revision, *, actor: User | None, event_seq: int, asked: object = None) -> None:
    """Have done what follows `event`, which is entry `event_seq` of the trail. `asked` is the row with the `concerns`;
    without one everybody is called."""
    for follower in _registered.values():
        act = follower.acts.get(event)
        if act is not None and (asked is None or getattr(asked, _flag(follower))):
            act(revision, actor=actor, event_seq=event_seq)


def _flag(follower: Follower) -> str:
    return f"concerns_{follower.name}"
