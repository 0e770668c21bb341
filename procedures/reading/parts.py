"""What stands on the reader page: its one banner, acts on offer, and parts at fixed places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from django.utils.functional import Promise


class Rank(IntEnum):
    """What a banner is about. Only one is shown: the first in this order that applies."""

    INVALID = 1
    EMERGENCY = 2
    WITHDRAWN = 3
    OBSOLETE = 4
    OVERDUE = 5
    PENDING = 6
    DUTY = 7
    RELATIVES = 8
    NOT_RELEASED = 9


@dataclass(frozen=True, slots=True)
class Banner:
    """The one notice above the document. `kind` is one of the component's: stop, warning, quiet or empty."""

    kind: str
    icon: str
    title: str
    text: str = ""
    url: str = ""
    link: str = ""
    second_url: str = ""
    second_link: str = ""
    rank: Rank = Rank.NOT_RELEASED


@dataclass(frozen=True, slots=True)
class Act:
    """A way on from this page: a link, or a button that posts. `why_not` stands instead of an act not open to one;
    `ends` marks what takes the text away, and stands last."""

    label: str | Promise
    icon: str
    url: str
    posts: bool = False
    why_not: str = ""
    ends: bool = False


class Place(StrEnum):
    """Where a part stands: among the buttons of the page head; between facts and text; at the end of a step's text;
    among the small links below a step, or below each step; after the text; at the end of the rail."""

    HEAD = "head"
    TOP = "top"
    STEP = "step"
    STEP_TOOLS = "step-tools"
    EACH_STEP = "each-step"
    END = "end"
    RAIL = "rail"


UID, NUMBER = "[[uid]]", "[[number]]"
"""What stands in a part of each step for the step."""

AT_STEPS = frozenset({Place.STEP, Place.STEP_TOOLS})


@dataclass(frozen=True, slots=True)
class Part:
    """A template at a place. It is rendered in the context of the page, with `values` as `part`.

    `step` is the uid of the step that a part of a step belongs to. A part of each step is rendered once, with `UID` and
    `NUMBER` where those of the step come.
    """

    place: Place
    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    step: str = ""

    def __post_init__(self) -> None:
        if bool(self.step) != (self.place in AT_STEPS):
            raise ValueError(f"A part of a step names the step, and no other one does: {self}")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one extension, or all of them, add to one page for one person. `acts` are for the menu."""

    banners: tuple[Banner, ...] = ()
    acts: tuple[Act, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def head(self) -> list[Part]:
        return [part for part in self.parts if part.place == Place.HEAD]

    @property
    def in_text(self) -> list[Part]:
        return [part for part in self.parts if part.place != Place.HEAD]
