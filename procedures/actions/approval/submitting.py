"""Submitting a draft: its text is frozen, and a round is begun on it."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procedures.actions.approval.rounds import Proposals, begin_round
from procedures.actions.approval.telling import ask
from procedures.actions.drafts import write_draft
from procedures.actions.linking import record_links
from procedures.actions.transitions import move
from procedures.content import content_hash, rendered_hash
from procedures.errors import NotReady
from procedures.models import Revision, Round, Route
from procedures.permissions import require_event
from procedures.preflight import preflight
from procedures.queries import media_of
from procedures.rendering import render_document
from procedures.routes.deciding import StageCheck
from procedures.states import Event
from procedures.submitting import Addition
from roles.models import User
from sopdesk.lib.errors import Conflict, Refused
from sopdesk.lib.markup import SANITISER_VERSION


@transaction.atomic
def submit(
    revision: Revision,
    *,
    actor: User,
    proposed: Proposals | None = None,
    version: int = 0,
    fields: Mapping[str, object] | None = None,
    additions: Iterable[Addition] = (),
) -> Round:
    """Freeze a draft and open a round on it: its content, hash and rendered text are stored, the route is copied.

    `proposed` names whom the author would like to decide where several may. `fields` are saved first, into the
    draft that was shown as `version` (`drafts.save_draft`, which says what that raises). `additions` are those of apps
    above, carried out with it. Raises NotReady with the blockers of the pre-flight, Refused for somebody who cannot be
    proposed there, NotPermitted, and InvalidTransition when it is no draft.
    """
    locked = Revision.objects.select_for_update(of=("self",), no_key=True)
    related = ("procedure__department__head", "procedure__owner", "category")
    revision = locked.select_related(*related).get(pk=revision.pk)
    require_event(actor, revision, Event.SUBMIT)
    if fields:
        write_draft(revision, actor=actor, version=version, fields=fields)
    check = preflight(revision, only_blockers=True)
    route, content, proposed = check.route, check.content, proposed or {}
    if route is None or not check.is_clear:
        raise NotReady(
            _("This draft cannot be submitted yet."), blockers=check.blockers, target=revision.get_absolute_url()
        )
    _hold(route)
    _check_proposals(proposed, check.stages)
    fingerprint = content_hash(content)
    rendered = render_document(content, media=media_of(revision, content))
    now = timezone.now()
    entry = move(
        revision,
        Event.SUBMIT,
        actor=actor,
        data={
            "content_hash": fingerprint,
            "rendered_hash": rendered_hash(rendered),
            "route": route.name,
            "route_version": route.version,
        },
        content=content,
        content_hash=fingerprint,
        rendered=rendered,
        sanitiser_version=SANITISER_VERSION,
        submitted_at=now,
    )
    round = begin_round(revision, route, check.stages, actor=actor, now=now, proposed=proposed)
    record_links(revision, content, again=round.number > 1)
    first = check.stages[0]
    wanted = {person.pk for (stage, _slot), person in proposed.items() if stage == first.stage.position}
    deciders = [person for person in first.deciders if person != actor]
    ask(round, deciders, proposed=[person for person in deciders if person.pk in wanted], event_seq=entry.seq)
    for addition in additions:
        addition.carry_out(revision, actor=actor)
    return round


def _check_proposals(proposed: Proposals, stages: Iterable[StageCheck]) -> None:
    choices = {
        (check.stage.position, slot.slot.position): slot.able
        for check in stages
        for slot in check.slots
        if slot.allows_choice
    }
    for place, person in proposed.items():
        if person not in choices.get(place, []):
            raise Refused(_("%(name)s cannot be proposed there.") % {"name": person})


def _hold(route: Route) -> None:
    """Keep `route` as it was checked until the round has its copy. Raises Conflict when it was changed just then."""
    held = Route.objects.select_for_update(no_key=True).filter(pk=route.pk, is_active=True, version=route.version)
    if held.first() is None:
        raise Conflict(_("The approval route was changed at this moment. See who decides now, and submit again."))
