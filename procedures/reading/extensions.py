"""Where apps above procedures, and packages beside the reader page, say what they add to it.

An app registers in `AppConfig.ready()`. What it needs to know about the person comes as *ties*: rows of SQL that are
read in the same statement as everything else (`procedures.standing`), so that an addition costs no further query.
Ties are part of the page's ETag; whatever else an addition shows must be in `marks`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from procedures.models import Revision
from procedures.reading.parts import Contribution
from roles.models import User

Tie = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Keys:
    """SQL for the ids of procedure and revision, the number of the revision, the person and the day."""

    procedure: str
    revision: str
    number: str
    user: str = "%(user)s"
    day: str = "%(day)s"


class Reading(Protocol):
    """One revision as one person sees it: what `contribute` may build on."""

    @property
    def user(self) -> User: ...
    @property
    def revision(self) -> Revision: ...
    @property
    def current(self) -> Revision | None:
        """The revision in force or withdrawn last."""

    @property
    def is_in_force(self) -> bool: ...
    @property
    def is_kept(self) -> bool:
        """Whether this person looks after the procedure, or audits it."""

    @property
    def writes(self) -> bool: ...
    @property
    def role_ids(self) -> set[int]:
        """The job roles that this person holds."""

    def ties(self, name: str) -> list[Tie]:
        """The ties that the extension of this name asked for, sorted."""


@dataclass(frozen=True, slots=True)
class Extension:
    """What one feature adds to the reader page.

    ties: makes `SELECT <whole number>, <text> FROM …` out of `Keys`, answered alike by SQLite and PostgreSQL, with few
        rows (each repeats the row of the procedure). Names of tables are ours, values are `Keys` or parameters.
    contribute: called for every page that is made; without ties it should ask nothing.
    marks: a value that changes when the addition would look different with the same ties, day, person and revision.
    """

    name: str
    contribute: Callable[[Reading], Contribution]
    ties: Callable[[Keys], str] | None = None
    marks: Callable[[Reading], object] | None = None


_registered: dict[str, Extension] = {}


def register(extension: Extension) -> None:
    """Add it to every reader page, after those that came before. Raises ValueError for a name that is taken."""
    if _registered.setdefault(extension.name, extension) is not extension:
        raise ValueError(f"The reader page already has an extension named {extension.name}.")


def extensions() -> tuple[Extension, ...]:
    return tuple(_registered.values())


def ties_of_extensions(keys: Keys, found: tuple[Extension, ...]) -> str:
    """Further rows of (name of the extension, number, text) for a statement that has some already."""
    return "".join(
        f" UNION ALL SELECT '{extension.name}', tied.* FROM ({extension.ties(keys)}) tied"  # noqa: S608  names and statements are ours
        for extension in found
        if extension.ties
    )


def contributions(reading: Reading) -> Contribution:
    """What all extensions add to this page, in their order."""
    found = [extension.contribute(reading) for extension in extensions()]
    return Contribution(
        banners=tuple(banner for one in found for banner in one.banners),
        acts=tuple(act for one in found for act in one.acts),
        parts=tuple(part for one in found for part in one.parts),
    )


def marks_of_extensions(reading: Reading) -> tuple[object, ...]:
    return tuple(extension.marks(reading) for extension in extensions() if extension.marks)
