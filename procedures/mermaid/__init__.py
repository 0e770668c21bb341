"""Diagrams that authors write as ```mermaid blocks, drawn on the server and kept by the hash of their source."""

from procedures.mermaid.keeping import diagram_in, draw_missing, drawn_pictures
from procedures.mermaid.sources import WORD, Hook, diagram_sources, draft_may_hold_diagrams, hook_of

__all__ = [
    "WORD", "Hook", "diagram_in", "diagram_sources", "draft_may_hold_diagrams", "draw_missing", "drawn_pictures",
    "hook_of",
]  # fmt: skip
