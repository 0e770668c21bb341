"""Standards: the list, their parts for those who use them, their parts in the editor, and links by code."""

from procedures.views.standards.codes import draft_code, draft_code_remove, draft_codes_import
from procedures.views.standards.editing import draft_part, draft_part_move, draft_part_remove, draft_parts
from procedures.views.standards.linking import broken_links_report, links_check, procedure_card, procedure_links
from procedures.views.standards.reading import (
    revision_part,
    standard_blank,
    standard_codes,
    standard_part,
    standards,
)

__all__ = [
    "broken_links_report",
    "draft_code",
    "draft_code_remove",
    "draft_codes_import",
    "draft_part",
    "draft_part_move",
    "draft_part_remove",
    "draft_parts",
    "links_check",
    "procedure_card",
    "procedure_links",
    "revision_part",
    "standard_blank",
    "standard_codes",
    "standard_part",
    "standards",
]
