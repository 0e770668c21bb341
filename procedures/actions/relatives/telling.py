"""Telling the owners of variants and translations that the text which they follow has changed."""

from django.db.models import Q

from notifications import outbox
from procedures.actions.telling import about
from procedures.models import Procedure, Revision
from procedures.permissions import can_view
from procedures.relatives import followings_of
from roles.models import User

NOTICES = {False: "parent-changed", True: "original-changed"}
"""Is it a translation? → kind of the notice that the text it follows has changed."""


def changes_url(procedure: Procedure) -> str:
    """The page on which the changes of the source are decided on."""
    return f"{procedure.get_absolute_url()}changes/"


def tell_followers(source: Revision, *, actor: User | None, event_seq: int) -> None:
    """Tell the owners of variants and translations that `source` was published and changes what they follow; only
    those who may read it, in the transaction of the publication."""
    followers = list(
        Procedure.objects.filter(Q(variant_of=source.procedure_id) | Q(translation_of=source.procedure_id))
        .exclude(owner=actor)
        .select_related("owner")
    )
    if not followers:
        return
    for following in followings_of(followers, [source]):
        procedure = following.revision.procedure
        if not following.points or not can_view(procedure.owner, source):
            continue
        outbox.notify(
            NOTICES[following.is_translation],
            recipients=[procedure.owner],
            event_seq=event_seq,
            title=f"{procedure.code} {following.revision.title}",
            url=changes_url(procedure),
            context={
                **about(following.revision),
                "source_code": source.procedure.code,
                "source_title": source.title,
                "source_language": source.language,
                "number": source.number,
                "actor": str(actor) if actor else "sopdesk",
                "reason": source.change_summary,
            },
        )
