"""Pictures of diagrams, drawn once and kept under the hash of their source. No decision of anybody."""

import logging
import time
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from procedures.mermaid.drawing import draw, engine
from procedures.models import Diagram
from sopdesk.lib.childprocess import NoAnswer

logger = logging.getLogger("procedures")

REQUEST_SECONDS = 12


def kept_errors(sources: Mapping[str, str]) -> dict[str, str]:
    """Hash → why there is no picture, "" where there is one, of those of `sources` that were drawn."""
    return dict(_drawn(sources).values_list("sha256", "error"))


def drawn_pictures(sources: Mapping[str, str]) -> dict[str, str]:
    """Hash → SVG of those of `sources` that could be drawn."""
    return dict(_drawn(sources).exclude(svg="").values_list("sha256", "svg"))


def diagram_in(sources: Mapping[str, str], key: str) -> Diagram | None:
    """The picture of one of `sources`, drawn now when there is none yet; None when it cannot be drawn."""
    if key not in sources:
        return None
    row = _drawn([key]).first() or _draw(key, sources[key])
    return row if row is not None and row.svg else None


def draw_missing(sources: Mapping[str, str], *, seconds: float = REQUEST_SECONDS) -> None:
    """Draw those of `sources` that have not been drawn, until `seconds` are over. Not within a transaction."""
    ends_at = time.monotonic() + seconds
    drawn = set(_drawn(sources).values_list("sha256", flat=True))
    for key, source in sources.items():
        if key not in drawn and time.monotonic() < ends_at:
            _draw(key, source)


def _drawn(keys: Iterable[str]) -> QuerySet[Diagram]:
    return Diagram.objects.filter(sha256__in=list(keys), engine=engine())


def _draw(key: str, source: str) -> Diagram | None:
    try:
        drawing = draw(source)
    except NoAnswer:
        logger.warning("Diagram %s could not be drawn now", key[:12], exc_info=True)
        return None
    fields = {"svg": drawing.svg, "error": drawing.error, "engine": engine()}
    row, _new = Diagram.objects.update_or_create(sha256=key, defaults=fields)
    return row
