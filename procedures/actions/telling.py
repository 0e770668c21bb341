"""The notices of the transitions, worded in one place; who gets them is said where they are sent."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from notifications import outbox
from procedures.models import Revision, Round
from procedures.states import TRANSITIONS, Event
from roles.models import User


def about(revision: Revision) -> dict[str, object]:
    """What every notice about `revision` says of it: mails and lists mark its title with its language."""
    return {
        "code": revision.procedure.code,
        "procedure_title": revision.title,
        "title_language": revision.language,
        "number": revision.number,
    }


def tell(
    event: Event, revision: Revision, people: Iterable[User], *, actor: User | None, event_seq: int, url: str,
    **texts: str,
) -> None:  # fmt: skip
    """Send the notice of `event` to `people`. `actor` (None is the system) and `texts` stand in the mail, which leads
    to `url`; `event_seq` is the number of the trail entry."""
    outbox.notify(
        TRANSITIONS[event].notice,
        recipients=people,
        event_seq=event_seq,
        title=f"{revision.procedure.code} {revision.title}",
        url=url,
        context={
            **about(revision),
            "actor": str(actor) if actor else "sopdesk",
            **texts,
        },
    )


def tell_apps_above(revision: Revision, *, event_seq: int, had_other_text: bool) -> None:
    """Have the apps above act on it that readers follow `revision` from now on, in the transaction in which that comes
    about. `had_other_text`: they have followed another text under its number before, in an emergency."""
    for name in settings.AFTER_PUBLICATION:
        import_string(name)(revision, event_seq=event_seq, had_other_text=had_other_text)


INVITED = "review-invited"
ASKING = (TRANSITIONS[Event.SUBMIT].notice, "revision-reminded")


def stop_asking(round: Round, people: Iterable[User] | None = None, *, besides: Iterable[User] = ()) -> None:
    """Settle the notices that ask `people`, or everybody `besides` some, to decide in `round`, and remind them: they
    have decided, or need not any more."""
    outbox.retract(*ASKING, url=round.get_absolute_url(), recipients=people, besides=besides)


def excuse_all(round: Round) -> None:
    """Settle what asks anybody to decide or to comment in `round`, since it ends. Called inside that act."""
    outbox.retract(*ASKING, INVITED, url=round.get_absolute_url())
