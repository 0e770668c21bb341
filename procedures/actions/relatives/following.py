"""What a draft notes about the text that it follows, and when it has caught up with it."""

from collections.abc import Mapping

from audit import names, trail
from notifications import outbox
from procedures.actions.relatives.telling import NOTICES, changes_url
from procedures.models import Revision
from procedures.permissions import get_source_for
from procedures.relatives import following_of
from roles.models import User
from sopdesk.lib.history import written_by


def note(
    draft: Revision, *, actor: User, settled: Mapping[str, str], left_out: Mapping[str, str] | None = None
) -> None:
    """Add to the notes of `draft` what is settled, by key, and why a step of the source is left out."""
    stored = Revision.objects.values_list("source_notes", flat=True).get(pk=draft.pk)
    draft.source_notes = {
        "settled": {**stored.get("settled", {}), **settled},
        "left_out": {**stored.get("left_out", {}), **(left_out or {})},
    }
    written_by(draft, actor).save(update_fields=["source_notes"])


def catch_up(draft: Revision, *, actor: User) -> Revision:
    """Let `draft` follow the revision of its source that is in force as a whole, if nothing of it is open any more."""
    draft = Revision.objects.select_related("procedure__owner", "source__procedure").get(pk=draft.pk)
    source = get_source_for(actor, draft.procedure)
    following = following_of(draft, source)
    if following.points or not following.has_moved_on:
        return draft
    before = draft.source.number if draft.source else None
    draft.source = source
    draft.source_notes = {"left_out": draft.source_notes.get("left_out", {})}
    written_by(draft, actor).save(update_fields=["source", "source_notes"])
    trail.record(
        names.REVISION_FOLLOW,
        actor=actor,
        subject=draft,
        procedure_code=draft.procedure.code,
        data={"number": draft.number, "source_number": source.number, "source_number_before": before},
    )
    outbox.retract(
        NOTICES[following.is_translation], recipients=[draft.procedure.owner], url=changes_url(draft.procedure)
    )
    return draft
