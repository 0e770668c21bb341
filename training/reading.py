"""What somebody's confirmation is worth by today: pure, for the reader page and for lists alike."""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class Worth(StrEnum):
    """What the last confirmation of a procedure says about the text in force."""

    CURRENT = "current"  # of this very text
    CARRIED = "carried"  # of an earlier one, and only minor revisions since
    CHANGED = "changed"  # of an earlier one, and readers are asked again


@dataclass(frozen=True, slots=True)
class Reading:
    """The last confirmation by one person, of revision `number`.

    is_whole: the text that was confirmed is the one that this revision has; an emergency issue may have become another.
    last_major: the last revision up to the one in force that asks its readers again.
    """

    number: int
    at: datetime.datetime
    is_whole: bool
    last_major: int

    def worth_for(self, number: int) -> Worth:
        """What it is worth while revision `number` is in force: a minor change never asks anybody again."""
        if not self.is_whole or self.number < self.last_major:
            return Worth.CHANGED
        return Worth.CURRENT if self.number == number else Worth.CARRIED
