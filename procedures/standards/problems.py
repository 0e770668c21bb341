"""What is wrong with a part of a standard: one sentence each, with the field and the row in which it is mended."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sopdesk.lib.badinput import BadInput


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is a key of the part's data, `row` counts from 1 (None: the field as a whole)."""

    field: str
    text: str
    row: int | None = None

    @property
    def sentence(self) -> str:
        if self.row is None:
            return self.text
        return _("Row %(row)d: %(text)s") % {"row": self.row, "text": self.text}


class BadPart(BadInput):
    """A part of a standard that cannot be kept or used as it is; `problems` lists everything."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__([problem.sentence for problem in self.problems])


def text_of(value: object) -> str:
    """`value` as a text on one line; anything that is no text counts as none."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def too_long(field: str, value: str, limit: int, row: int | None = None) -> list[Problem]:
    """The problem that `value` has more than `limit` characters, if it has."""
    if len(value) <= limit:
        return []
    words = _("“%(start)s…” is too long; %(limit)d characters are possible.")
    return [Problem(field, words % {"start": value[:30], "limit": limit}, row)]


def rows_of(data: object, field: str) -> list[dict]:
    """The rows in `data[field]`, whatever was stored or sent there; what is no row counts as an empty one."""
    rows = data.get(field) if isinstance(data, dict) else None
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []
