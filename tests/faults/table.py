"""What is done to every action that changes state: a row says how to call it, and what the second of two calls gets."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sopdesk.lib.errors import DomainError
from tests.factories import Firm

NOTHING = "nothing"
"""The second call changes nothing any more."""
ANOTHER = "another"
"""The second call counts like the first one: two comments, two steps, the later of two values."""


@dataclass(frozen=True)
class Call:
    """The arguments of one call, read from the database when the page was opened."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def call(*args: Any, **kwargs: Any) -> Call:
    return Call(args, kwargs)


@dataclass(frozen=True)
class Act:
    """One way to call `action`.

    prepare: makes what the action needs, without a trace of other acts, and returns the call of one person, or those
        of two people who want something different.
    second: what the second of two people gets who opened the same page: an error, NOTHING or ANOTHER.
    meanwhile: what the second one may get instead when both act in the same moment and none can be made to wait.
    apart: tables whose rows may stay when the process dies half-way, since they are written before the transaction.
    """

    name: str
    action: Callable[..., Any]
    prepare: Callable[[Firm], Call | list[Call]]
    second: type[DomainError] | str
    meanwhile: type[DomainError] | None = None
    apart: tuple[str, ...] = ()

    def two_calls(self, firm: Firm) -> list[Callable[[], Any]]:
        """Two people who have opened the same page: they share no object."""
        prepared = self.prepare(firm)
        calls = prepared if isinstance(prepared, list) else [prepared, deepcopy(prepared)]
        return [self.bound(call) for call in calls]

    def bound(self, call: Call) -> Callable[[], Any]:
        return lambda: self.action(*call.args, **call.kwargs)

    def calls(self, firm: Firm) -> Callable[[], Callable[[], Any]]:
        """As many calls of one person as wanted, each with objects of its own."""
        prepared = self.prepare(firm)
        first = prepared[0] if isinstance(prepared, list) else prepared
        return lambda: self.bound(deepcopy(first))


ACTS: dict[str, Act] = {}


def act(
    action: Callable[..., Any],
    *,
    second: type[DomainError] | str,
    meanwhile: type[DomainError] | None = None,
    apart: tuple[str, ...] = (),
) -> Callable[[Callable[[Firm], Call | list[Call]]], Callable[[Firm], Call | list[Call]]]:
    """Put the decorated function into the table as the preparation of `action`."""

    def add(prepare: Callable[[Firm], Call | list[Call]]) -> Callable[[Firm], Call | list[Call]]:
        area = prepare.__module__.rpartition(".")[2]
        name = f"{area}.{prepare.__name__}"
        assert name not in ACTS, name
        ACTS[name] = Act(name, action, prepare, second, meanwhile, apart)
        return prepare

    return add
