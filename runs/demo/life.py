"""What readers of the demo firm have suggested, and what they were answered, for `procedures.demo.loader`, which stands
below this app."""

import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from procedures.permissions import get_current_for
from roles.models import User
from runs.actions.remarks import add_remark, answer_remark
from runs.models import Remark

REMARKS = Path(__file__).with_name("remarks.toml")
TURN = 55
"""After what is published on the same day."""


def life() -> Iterator[tuple[int, int, Callable[[], None]]]:
    """Days ago, turn of that day, and what happened then."""
    for row in tomllib.loads(REMARKS.read_text(encoding="utf-8"))["remarks"]:
        yield row["days_ago"], TURN, partial(_suggest, row)
        if "answer" in row:
            yield row["answered_days_ago"], TURN + 1, partial(_answer, row)


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}@demo.sopdesk.test")


def _suggest(row: dict) -> None:
    person = _person(row["person"])
    revision = get_current_for(person, row["code"])
    step = revision.steps.get(title=row["step"]).uid
    add_remark(revision, actor=person, kind=row["kind"], text=row["text"], step=step)


def _answer(row: dict) -> None:
    remark = Remark.objects.get(procedure__code=row["code"], text=row["text"])
    answer_remark(
        remark, actor=_person(row["answered_by"]), version=remark.version, answer=row["answer"], text=row["answer_text"]
    )
