"""Confirming that a text was read and understood."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.errors import StaleContent
from procedures.models import Revision
from procedures.permissions import can_view
from procedures.queries import revision_in_force
from roles.models import Role, User
from roles.queries import role_ids_of, today
from sopdesk.lib.errors import InvalidTransition, Missing
from training.delivery import KIND, address_for
from training.models import Acknowledgement
from training.permissions import require_acknowledge
from training.seals import seal_of


@transaction.atomic
def acknowledge_revision(revision: Revision, *, actor: User, content_hash: str) -> Acknowledgement:
    """Record that `actor` has read and understood `revision`, which must be in force, as the page showed it.

    `content_hash` is the text that was shown. Who has confirmed this very text gets that acknowledgement again, and
    nothing happens. Being signed in suffices: this is no signature (decision 27).
    Raises NotPermitted to auditors, Missing to who may not read it, StaleContent when another text is in force,
    InvalidTransition when none is.
    """
    require_acknowledge(actor)
    rows = Revision.objects.select_for_update(of=("self",), no_key=True).select_related("procedure")
    revision = rows.defer("content", "rendered").get(pk=revision.pk)
    if not can_view(actor, revision):
        raise Missing()
    _require_in_force(revision, content_hash)
    found = Acknowledgement.objects.filter(person=actor, revision=revision, content_hash=content_hash).first()
    return found or _write(revision, actor=actor)


def _require_in_force(revision: Revision, content_hash: str) -> None:
    current = revision_in_force(revision.procedure)
    target = revision.procedure.get_absolute_url()
    if current is None:
        raise InvalidTransition(
            _("This procedure is no longer in force. Nothing was confirmed."),
            target=target,
        )
    if current != revision:
        raise StaleContent(
            _("Revision %(number)d is in force by now. Nothing was confirmed.") % {"number": current.number},
            target=target,
        )
    if content_hash != revision.content_hash:
        raise StaleContent(_("The text has changed since you opened the page. Nothing was confirmed."), target=target)


def _write(revision: Revision, *, actor: User) -> Acknowledgement:
    held = Role.objects.filter(pk__in=role_ids_of(actor, day=today())).order_by("name")
    acknowledgement = Acknowledgement(
        person=actor,
        revision=revision,
        content_hash=revision.content_hash,
        person_name=actor.full_name,
        roles=", ".join(held.values_list("name", flat=True)),
        acknowledged_at=timezone.now(),
    )
    acknowledgement.seal = seal_of(acknowledgement)
    entry = trail.record(
        names.REVISION_ACKNOWLEDGE,
        actor=actor,
        subject=revision,
        procedure_code=revision.procedure.code,
        data={
            "number": revision.number,
            "content_hash": acknowledgement.content_hash,
            "capacity": acknowledgement.roles,
            "seal": acknowledgement.seal,
        },
    )
    acknowledgement.trail_seq = entry.seq
    acknowledgement.save()
    outbox.retract(KIND, recipients=[actor], url=address_for(revision))
    return acknowledgement
