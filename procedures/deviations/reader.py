"""Temporary deviations on the page of the text they are from: at the step for those who do it otherwise, above the text
for everybody who knows of them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.deviations.permissions import approved_for
from procedures.deviations.showing import DeviationView, views_of
from procedures.models import Audience, Deviation, DeviationState, Procedure
from procedures.reading.extensions import Extension, Keys, Reading, register
from procedures.reading.parts import Act, Contribution, Part, Place
from procedures.reading.sql import table_of
from procedures.states import State
from roles.models import Department

NAME = "deviations"
HOLDS, HEADS = "holds", "heads"


def ties(keys: Keys) -> str:
    """The deviations that hold at steps of the revision on the day, and the departments for which this person could
    ask for one, since they head them."""
    readers = table_of(Procedure.audience_departments.through)
    return f"""
        SELECT deviation.id, '{HOLDS}' FROM {table_of(Deviation)} deviation
            WHERE deviation.revision_id = {keys.revision} AND deviation.state = '{DeviationState.GRANTED}'
            AND deviation.starts <= {keys.day} AND deviation.ends >= {keys.day}
        UNION ALL SELECT headed.id, '{HEADS}' FROM {table_of(Department)} headed
            JOIN {table_of(Procedure)} read_by ON read_by.id = {keys.procedure}
            WHERE headed.head_id = {keys.user} AND headed.is_active AND (
                read_by.audience <> '{Audience.DEPARTMENTS}' OR read_by.department_id = headed.id
                OR headed.id IN (SELECT department_id FROM {readers} WHERE procedure_id = read_by.id)
            )
    """  # noqa: S608  names of tables and states are ours, values are parameters


def contribute(reading: Reading) -> Contribution:
    """Parts for what holds and this person knows of; in the menu the list, and asking for one."""
    if not reading.is_in_force or reading.revision.state != State.PUBLISHED:
        return Contribution()
    code, rows = reading.revision.procedure.code, _rows(reading)
    acts, parts = [], []
    if reading.writes or any(kind == HEADS for _pk, kind in reading.ties(NAME)):
        acts.append(Act(_("Ask for a temporary deviation…"), "clock", reverse("deviation-new", args=[code])))
    if rows or reading.is_kept:
        acts.append(Act(_("Temporary deviations"), "history", reverse("deviations", args=[code])))
    if rows:
        parts.append(Part(Place.TOP, "procedures/_deviations_holding.html", {"rows": rows}))
    return Contribution(acts=tuple(acts), parts=(*parts, *_at_steps(reading, rows)))


def parts_at_steps(reading: Reading) -> list[Part]:
    """What this person does otherwise than it is written, at the steps; for whatever page shows the steps in force."""
    if not reading.is_in_force or reading.revision.state != State.PUBLISHED:
        return []
    return _at_steps(reading, _rows(reading))


def _at_steps(reading: Reading, rows: list[DeviationView]) -> list[Part]:
    return [
        Part(
            Place.STEP, "procedures/_deviation_at_step.html", {"row": row, "deviation": row.deviation},
            step=str(row.deviation.step),
        )
        for row in rows
        if row.deviation.department_id == reading.user.department_id
    ]  # fmt: skip


def marks(reading: Reading) -> object:
    """Which of them are as they were signed; a query only while one holds."""
    return [(row.deviation.pk, row.is_valid) for row in _rows(reading)]


def _rows(reading: Reading) -> list[DeviationView]:
    ids = [pk for pk, kind in reading.ties(NAME) if kind == HOLDS]
    if not ids or not reading.is_in_force:
        return []
    found = list(approved_for(reading.user, ids, is_kept=reading.is_kept))
    for deviation in found:
        deviation.revision = reading.revision
    return views_of(found)


def add_to_reader_page() -> None:
    """Once, when the program starts."""
    register(EXTENSION)


EXTENSION = Extension(NAME, contribute, ties=ties, marks=marks)
