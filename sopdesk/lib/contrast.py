"""How far two colours stand apart, as WCAG 2.2 measures it."""

import re

COLOUR = re.compile(r"#[0-9a-f]{6}")
ENOUGH_FOR_TEXT = 4.5


def contrast_on_white(colour: str) -> float:
    """The contrast ratio of `colour` (#rrggbb) on white, from 1 to 21. Raises ValueError for what is no colour."""
    if not COLOUR.fullmatch(colour):
        raise ValueError(f"not a colour: {colour!r}")
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
