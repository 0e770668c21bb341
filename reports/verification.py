"""One look at everything that must be as it was written: for `manage.py verify` and for the clock."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.db import DatabaseError, connection

from audit import guards, trail
from audit.checkpoints import Line, NoKey
from procedures.invariants import violations
from reports.seals import review_faults
from runs import invariants as runs
from sopdesk.lib.snapshot import snapshot
from training import invariants as training

CLEAN, TAMPERED, UNCHECKED = "clean", "tampered", "unchecked"


@dataclass(slots=True)
class Verification:
    """What was found, and how far. `first` names the first record that is not as it was written, or says why it could
    not be checked. It is complete when `sentences` has come to its end."""

    since: Line | None = None
    outcome: str = CLEAN
    entries: int = 0
    hash: str = ""
    faults: int = 0
    first: str = ""
    seconds: float = 0.0

    def sentences(self) -> Iterator[str]:
        """Every fault as it is found, in constant memory, as the database was when this began."""
        began = time.monotonic()
        try:
            with snapshot(connection):
                for sentence in chain(
                    _unguarded(),
                    violations(since=self.since),
                    training.violations(),
                    runs.violations(),
                    review_faults(),
                ):
                    self.outcome, self.faults, self.first = TAMPERED, self.faults + 1, self.first or sentence
                    yield sentence
                head = trail.head_of_trail()
                self.entries, self.hash = head.seq, head.hash
        except (DatabaseError, OSError, NoKey) as error:
            self.outcome, self.first = UNCHECKED, f"could not check: {error}"
        self.seconds = time.monotonic() - began


def _unguarded() -> Iterator[str]:
    """The first barrier against intruders: a trigger that is gone is news even while the chain is whole."""
    for name in guards.missing(connection):
        yield f"I4 trigger {name} of the trail is not in place"


def verify() -> Verification:
    """Look at everything, and keep only what was found first."""
    found = Verification()
    for _sentence in found.sentences():
        pass
    return found
