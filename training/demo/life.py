"""What people of the demo firm have confirmed, for `procedures.demo.loader`, which stands below this app."""

import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from procedures.permissions import get_current_for
from roles.models import User
from training.actions import acknowledge_revision

READINGS = Path(__file__).with_name("readings.toml")
TURN = 50
"""After what is published on the same day."""


def life() -> Iterator[tuple[int, int, Callable[[], None]]]:
    """Days ago, turn of that day, and what happened then."""
    for row in tomllib.loads(READINGS.read_text(encoding="utf-8"))["readings"]:
        yield row["days_ago"], TURN, partial(_confirm, row["code"], row["people"])


def _confirm(code: str, names: list[str]) -> None:
    for name in names:
        person = User.objects.get(email=f"{name}@demo.sopdesk.test")
        revision = get_current_for(person, code)
        acknowledge_revision(revision, actor=person, content_hash=revision.content_hash)
