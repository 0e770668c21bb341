"""What a draft takes over from the text that it follows: facts of steps, letters of roles, pictures."""

import re
from collections.abc import Iterable, Mapping

from procedures.models import Attachment, Responsibility, Revision, Step

STRUCTURE = (
    "uid", "position", "kind", "role", "minutes", "subprocedure", "hold", "due_after", "due_unit", "evidence",
)  # fmt: skip
"""What a translation takes over of each step; its texts are its own."""

_MEDIA = re.compile(r"media:(\w+)")


def copies_of(rows: Iterable[Attachment], draft: Revision) -> list[Attachment]:
    """The attachments `rows` as those of `draft`, to be stored."""
    copies = list(rows)
    for row in copies:
        row.pk, row.revision = None, draft
    return copies


def letters_of(rows: Iterable[Responsibility], draft: Revision, step: Step | None) -> list[Responsibility]:
    """The letters of roles in `rows` as those of `step` in `draft`, or of the whole draft, to be stored."""
    return [Responsibility(revision=draft, step=step, role_id=row.role_id, letter=row.letter) for row in rows]


def pairs_of(step: Step) -> list[tuple[int, str]]:
    """Role and letter of each responsibility of `step`, as `steps.save_step` takes them."""
    return [(row.role_id, row.letter) for row in step.responsibilities.all()]


def bring_pictures(source: Revision, draft: Revision, fields: Mapping[str, object]) -> None:
    """Attach what the texts in `fields` refer to and the draft has not yet."""
    keys = {key for value in fields.values() if isinstance(value, str) for key in _MEDIA.findall(value)}
    keys -= set(draft.attachments.values_list("key", flat=True))
    if keys:
        Attachment.objects.bulk_create(copies_of(source.attachments.filter(key__in=keys), draft))
