"""Acknowledgements as a table and as plain values, for spreadsheets and for the auditor's pack."""

from collections.abc import Iterable

from sopdesk.lib.sheets import Value
from training.models import Acknowledgement
from training.seals import is_valid

COLUMNS = (
    "procedure", "revision", "person", "name", "roles", "read_and_understood_at", "content_hash", "seal", "seal_fits",
    "trail_entry",
)  # fmt: skip


def facts_of(acknowledgement: Acknowledgement) -> dict[str, str | int | bool]:
    """All of an acknowledgement; `person` is the number that the trail gives as `actor`."""
    revision = acknowledgement.revision
    values = (
        revision.procedure.code, revision.number, acknowledgement.person_id, acknowledgement.person_name,
        acknowledgement.roles, acknowledgement.acknowledged_at.isoformat(), acknowledgement.content_hash,
        acknowledgement.seal, is_valid(acknowledgement), acknowledgement.trail_seq,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def table_of(acknowledgements: Iterable[Acknowledgement]) -> list[list[Value]]:
    """A header and a row for each. The names of the columns are the same in every language, so that tables of
    different people can be joined."""
    rows = ([_cell(value) for value in facts_of(row).values()] for row in acknowledgements)
    return [list(COLUMNS), *rows]


def _cell(value: str | int | bool) -> Value:
    return str(value).lower() if isinstance(value, bool) else value
