"""Writing: starting a procedure, the editor of its draft, and what lasts from revision to revision."""

from procedures.views.editing.drafts import (
    draft,
    draft_details,
    draft_discard,
    draft_image,
    draft_presence,
    draft_preview,
    draft_start,
)
from procedures.views.editing.history import draft_history, draft_restore, draft_version
from procedures.views.editing.procedures import procedure_settings
from procedures.views.editing.steps import (
    step,
    step_add,
    step_duplicate,
    step_move,
    step_remove,
    step_restore,
    steps_paste,
    steps_remove,
)

__all__ = [
    "draft",
    "draft_details",
    "draft_discard",
    "draft_history",
    "draft_image",
    "draft_presence",
    "draft_preview",
    "draft_restore",
    "draft_start",
    "draft_version",
    "procedure_settings",
    "step",
    "step_add",
    "step_duplicate",
    "step_move",
    "step_remove",
    "step_restore",
    "steps_paste",
    "steps_remove",
]
