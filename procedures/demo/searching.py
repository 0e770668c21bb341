"""What the people of the demo firm search for, through the library's own search."""

from collections.abc import Callable, Iterator
from functools import partial

from procedures.actions.searches import note_outcome, note_search
from procedures.permissions import library_revisions_for
from procedures.search import search
from roles.models import User


def life(rows: list[dict]) -> Iterator[tuple[int, int, Callable[[], None]]]:
    """When who searches for what: days ago, turn within the day, and the act."""
    for turn, row in enumerate(rows):
        for days_ago in row["days_ago"]:
            yield days_ago, turn % 60, partial(_search, row)


def _search(row: dict) -> None:
    person = User.objects.get(email=row["by"])
    readable = library_revisions_for(person)
    page = search(row["words"], queryset=readable, limit=10, language=person.language, prefer=person.language)
    number = note_search(
        row["words"], actor=person, results=page.total, complete=page.complete, with_script=row.get("script", True)
    )
    if number and row.get("opened", False):
        note_outcome(number, actor=person, opened=True)
