"""Flowcharts drawn from a revision's content: a lane per role, a row per step. Pure, no database, no network.

`graph` reads the content, `layout` places boxes and lines, `svg` draws, `words` says the same as text.
"""

from procedures.flowchart.chart import Chart, Thumbnail, chart_of, has_chart, pages_of, standalone_svg, thumbnail_of
from procedures.flowchart.words import FlowLine

# Part of the validator of a picture's answer: raise it when charts come out differently.
CHART_VERSION = 1

__all__ = [
    "CHART_VERSION", "Chart", "FlowLine", "Thumbnail", "chart_of", "has_chart", "pages_of", "standalone_svg",
    "thumbnail_of",
]  # fmt: skip
