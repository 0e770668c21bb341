"""Search in the library: `index` and `remove` for the actions that publish, the rest for pages.

Text is analysed here, once for both databases (`analysis`); SQLite's FTS5 or PostgreSQL's vectors keep and find the
terms (`sqlite`, `postgres`); permissions are part of every question (`engine`, `facets`). With an extra, texts are
found by what they mean as well (`meaning`), and both are put together (`joined`).
"""

from procedures.search.engine import SearchPage, suggest
from procedures.search.facets import Facet, FacetValue, Survey, survey
from procedures.search.indexing import index, rebuild, remove
from procedures.search.joined import search

__all__ = [
    "Facet",
    "FacetValue",
    "SearchPage",
    "Survey",
    "index",
    "rebuild",
    "remove",
    "search",
    "suggest",
    "survey",
]
