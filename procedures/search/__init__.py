"""Search in the library: `index` and `remove` for the actions that publish, the rest for pages.

Text is analysed here, once for both databases (`analysis`); SQLite's FTS5 or PostgreSQL's vectors keep and find the
terms (`sqlite`, `postgres`); permissions are part of every question (`engine`, `facets`).
"""

from procedures.search.engine import SearchPage, search, suggest
from procedures.search.facets import Facet, FacetValue, Survey, survey
from procedures.search.indexing import index, rebuild, remove

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
