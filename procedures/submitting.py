"""What apps above procedures add to the page on which a draft is submitted, and do when it is.

An app registers in `AppConfig.ready()`. Its fields stand in the form of the page, below those of procedures.
"""

from collections.abc import Callable
from typing import Protocol

from django.utils.datastructures import MultiValueDict

from procedures.models import Revision
from roles.models import User


class Addition(Protocol):
    """Something on the page. `template` shows it, as `addition`."""

    @property
    def template(self) -> str: ...

    def is_valid(self) -> bool: ...

    def carry_out(self, revision: Revision, *, actor: User) -> None:
        """Do what was chosen, in the transaction that submits `revision`, which is locked."""


Maker = Callable[[Revision, MultiValueDict | None], Addition | None]
"""Makes an addition for a draft and what was sent; None when there is nothing to choose."""

_makers: list[Maker] = []


def register(maker: Maker) -> None:
    if maker not in _makers:
        _makers.append(maker)


def additions_for(revision: Revision, data: MultiValueDict | None) -> list[Addition]:
    return [addition for maker in _makers if (addition := maker(revision, data)) is not None]
