"""What Hypothesis chooses from, and what a rule is here."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

CODES = ("FIN-901", "FIN-902")
"""One is published on a chain of one stage, one is a draft on a chain of three."""
CAST = (
    "author", "author", "coauthor", "approver", "approver", "owner", "checker", "second", "staff", "administrator",
    "superuser", "outsider", "auditor",
)  # fmt: skip
WRITERS = ("author", "author", "author", "coauthor", "superuser", "owner", "outsider")
CONTROLLERS = ("owner", "owner", "administrator", "author", "superuser")

someone, writer, controller = map(st.sampled_from, (CAST, WRITERS, CONTROLLERS))
SEATED = st.sampled_from(["approver", "owner", "checker", "second", "staff", "administrator"])
code_of_one = st.sampled_from(CODES)
mostly = st.sampled_from([True, True, True, False])
a_few_days = st.integers(0, 4)

WORK = st.sampled_from([(), (0,), (0, 1), (0, 3, 1), (4, 0, 2, 1)])
"""How often, and how, the firm goes on with its work after somebody has done something."""


def act(**chosen: st.SearchStrategy) -> Callable:
    """A rule after which the firm goes on with its work, or else nobody would get far by chance."""

    def add(method: Callable[..., None]) -> Callable[..., None]:
        def done(self: Any, on: str, work: tuple[int, ...], **values: object) -> None:
            method(self, **values)
            for place in work:
                self.everything_holds()
                self.go_on(on, place)

        done.__name__ = method.__name__
        return rule(on=code_of_one, work=WORK, **chosen)(done)

    return add
