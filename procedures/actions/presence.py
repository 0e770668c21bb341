"""Noting that somebody has a draft open in the editor."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procedures.actions.drafts import require_draft
from procedures.models import EditingPresence, Revision
from procedures.permissions import can_edit
from roles.models import User
from sopdesk.lib.errors import NotPermitted


@transaction.atomic
def note_presence(revision: Revision, *, actor: User, step_uid: UUID | None = None) -> None:
    """Note that `actor` has the step, or facts and purpose, of a draft open now. Raises NotPermitted and
    InvalidTransition."""
    require_draft(revision)
    if not can_edit(actor, revision):
        raise NotPermitted(_("Only authors of the department and co-authors write this draft."))
    EditingPresence.objects.update_or_create(
        revision=revision, user=actor, defaults={"step_uid": step_uid, "seen_at": timezone.now()}
    )
