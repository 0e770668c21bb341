"""What browsing adds to the reader page: the star, the watch, and the beacon by which a browser says what is open."""

from procedures.reading.extensions import Extension, Keys, Reading
from procedures.reading.parts import Contribution, Part, Place

NAME = "marks"
STARRED, WATCHED = 1, 2


def ties(keys: Keys) -> str:
    """The marks of the person on the procedure; two rows at most."""
    mine = f"person_id = {keys.user} AND procedure_id = {keys.procedure}"
    return (
        f"SELECT {STARRED} AS mark, '' AS words FROM procedures_favourite WHERE {mine}"  # noqa: S608  names are ours
        f" UNION ALL SELECT {WATCHED}, '' FROM procedures_watch WHERE {mine}"
    )


def contribute(reading: Reading) -> Contribution:
    """Buttons and the checklist, for what readers follow."""
    if not reading.is_in_force:
        return Contribution()
    code = reading.revision.procedure.code
    marks = {mark for mark, _words in reading.ties(NAME)}
    values = {"code": code, "is_starred": STARRED in marks, "is_watched": WATCHED in marks}
    return Contribution(parts=(Part(Place.HEAD, "browsing/_reader_marks.html", values),))


EXTENSION = Extension(NAME, contribute, ties=ties)
