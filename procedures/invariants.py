"""What must hold at every moment: design.md section 8, checked over the whole database.

Fault tests call `violations` after every scenario, `manage.py verify` prints them.
"""

import datetime
from collections.abc import Iterator
from functools import cache

from django.core.files.storage import default_storage
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from audit import names, trail
from audit.checkpoints import Line, checkpoint_faults
from audit.trail import sequence_exists
from notifications.queries import events_of_notices
from procedures.browsing.categories import categories_in_circles, names_borne
from procedures.changesets.manifest import manifest_hash, rounds_in
from procedures.content import content_hash, rendered_hash
from procedures.deviations.soundness import deviations_are_sound
from procedures.frozen import columns_fit_the_content, columns_fit_the_trail, invalid_decisions_fit_their_round
from procedures.models import (
    ChangeSet,
    Confirmation,
    Decision,
    EmergencyIssue,
    Procedure,
    Revision,
    Round,
    RoundOutcome,
    RoundText,
    Route,
    StageRule,
    StoredFile,
    Verdict,
)
from procedures.queries import who_decides
from procedures.routes.deciding import slots_needed
from procedures.signatures import FORMAT_IN_SETS, is_valid, is_valid_confirmation, is_valid_emergency
from procedures.staffing.stuck import troubles_of, with_places
from procedures.states import OPEN_STATES, TRANSITIONS, Event, State
from roles.models import Absence
from roles.signing import statements_accepted
from sopdesk.lib.files import StoredFileDamaged, read_stored

FROZEN = tuple(state for state in State if state not in (State.DRAFT, State.DISCARDED))


def violations(*, since: Line | None = None) -> Iterator[str]:
    """Every broken invariant as one sentence that starts with its number and names the record.

    since: a checkpoint that was found genuine; the trail up to it is taken as it is.
    """
    yield from trail_is_unbroken(since)
    yield from one_published_one_open()
    yield from frozen_content_fits_its_hash()
    yield from texts_of_ended_rounds_fit_their_hash()
    yield from columns_are_on_the_trail()
    yield from published_means_a_complete_round()
    yield from emergencies_are_sound()
    yield from signatures_verify()
    yield from invalid_decisions_fit_their_round()
    yield from every_move_is_on_the_trail()
    yield from files_are_whole()
    yield from notices_have_their_events()
    yield from steps_are_in_order()
    yield from no_contributor_decided()
    yield from routes_are_whole()
    yield from deputies_stood_in()
    yield from change_sets_are_whole()
    yield from deviations_are_sound()
    yield from categories_are_trees()
    yield from nothing_hangs_unseen()


def one_published_one_open() -> Iterator[str]:
    """I1"""
    counted = Procedure.objects.annotate(
        published=Count("revisions", filter=Q(revisions__state=State.PUBLISHED)),
        open=Count("revisions", filter=Q(revisions__state__in=OPEN_STATES)),
    )
    for procedure in counted.filter(Q(published__gt=1) | Q(open__gt=1)):
        yield f"I1 {procedure}: {procedure.published} published and {procedure.open} open revisions"


def frozen_content_fits_its_hash() -> Iterator[str]:
    """I2, first half: what was frozen is what was hashed, and what readers see is what was rendered from it."""
    frozen = Revision.objects.filter(state__in=FROZEN).select_related("procedure", "category")
    borne = cache(names_borne)
    for revision in frozen.iterator(chunk_size=200):
        if revision.content is None or content_hash(revision.content) != revision.content_hash:
            yield f"I2 {revision}: the content is not what its hash says"
        submission = trail.entries_for(revision).filter(name=TRANSITIONS[Event.SUBMIT].audit_name).last()
        if submission is None or submission.data.get("rendered_hash") != rendered_hash(revision.rendered):
            yield f"I2 {revision}: what readers see is not what was rendered on submission"
        yield from columns_fit_the_content(revision, borne)


def columns_are_on_the_trail() -> Iterator[str]:
    """I4, of every revision: state, dates and times."""
    revisions = Revision.objects.select_related("procedure").defer("content", "rendered")
    for revision in revisions.iterator(chunk_size=500):
        yield from columns_fit_the_trail(revision)


def texts_of_ended_rounds_fit_their_hash() -> Iterator[str]:
    """I2 for the texts that were not approved: what is kept is what was signed or returned."""
    for text in RoundText.objects.select_related("round__revision__procedure").iterator(chunk_size=200):
        if content_hash(text.content) != text.round.content_hash:
            yield f"I2 {text.round}: the text of the round is not what its hash says"


def published_means_a_complete_round() -> Iterator[str]:
    """I2, second half: a complete round over exactly the hash of the revision."""
    approved = Revision.objects.filter(
        state__in=[State.APPROVED, State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN]
    ).select_related("procedure")
    for revision in approved.iterator(chunk_size=200):
        round = revision.rounds.filter(outcome=RoundOutcome.APPROVED, content_hash=revision.content_hash).last()
        if round is None:
            yield f"I2 {revision}: no approved round over its content"
            continue
        for stage in round.stages.all():
            answers = Decision.objects.filter(slot__stage=stage, verdict=Verdict.APPROVE, invalidated_at=None).count()
            if answers < slots_needed(stage.rule, stage.needed, stage.slots.count()):
                yield f"I2 {revision}: stage {stage} has {answers} signatures only"


def emergencies_are_sound() -> Iterator[str]:
    """The exception to I2: readers follow a text whose round is open only by a signed issue over the hash of that
    round, which the trail tells of (I3), for no longer than was signed, and neither issued nor reviewed by those who
    must not (I8)."""
    noted = trail.values_noted("seal", events=[names.REVISION_EMERGENCY])
    accepted = statements_accepted()
    issues = EmergencyIssue.objects.select_related("round__revision__procedure")
    for issue in issues.defer("round__revision__content", "round__revision__rendered").iterator(chunk_size=500):
        named, revision = f"emergency issue of {issue.issuer_name} on {issue.round}", issue.round.revision
        last_day = timezone.localdate(issue.issued_at) + datetime.timedelta(days=issue.days)
        if not is_valid_emergency(issue):
            yield f"I3 {named}: INVALID"
        elif issue.seal not in noted:
            yield f"I3 {named}: not the one that the trail tells of"
        elif (issue.issued_by_id, issue.statement_version) not in accepted:
            yield f"I3 {named}: under a statement that is not accepted"
        elif issue.until != last_day:
            yield f"I2 {named}: until {issue.until} instead of {last_day}"
        if issue.round.outcome == RoundOutcome.OPEN and revision.emergency_until not in (None, issue.until):
            yield f"I2 {named}: readers follow it until {revision.emergency_until} instead of {issue.until}"
        if issue.round.outcome == RoundOutcome.OPEN and revision.emergency_until is None:
            ended = trail.entries_for(revision).filter(name=names.REVISION_EMERGENCY_END)
            if not ended.filter(at__gte=issue.issued_at).exists():
                yield f"I2 {named}: ended, but the trail does not say so"
        if revision.contributors.filter(pk=issue.issued_by_id).exists():
            yield f"I8 {named}: by somebody who wrote it"
        ones_own = Q(decider_id=issue.issued_by_id) | Q(on_behalf_of_id=issue.issued_by_id)
        if issue.round.decisions.filter(ones_own).exists():
            yield f"I8 {named}: reviewed by the one who issued it"
    signed = EmergencyIssue.objects.filter(round__revision=OuterRef("pk"), round__outcome=RoundOutcome.OPEN)
    unsigned = Revision.objects.filter(~Exists(signed), emergency_until__isnull=False).select_related("procedure")
    for revision in unsigned.defer("content", "rendered"):
        yield f"I2 {revision}: in force in an emergency that nobody signed"


def signatures_verify() -> Iterator[str]:
    """I3: each is as it was signed, under a statement that was accepted, and the trail noted its seal, so that nobody
    can seal it anew."""
    events = [TRANSITIONS[event].audit_name for event in (Event.APPROVE, Event.RETURN)]
    noted = trail.values_noted("seal", events=events)
    accepted = statements_accepted()
    for decision in Decision.objects.select_related("round__revision__procedure").iterator(chunk_size=500):
        if not is_valid(decision):
            yield f"I3 signature of {decision.decider_name} on {decision.round}: INVALID"
        elif decision.seal not in noted:
            yield f"I3 signature of {decision.decider_name} on {decision.round}: not the one that the trail tells of"
        elif decision.statement_version and (decision.decider_id, decision.statement_version) not in accepted:
            yield f"I3 signature of {decision.decider_name} on {decision.round}: under a statement that is not accepted"
    yield from _confirmations_verify(accepted)


def _confirmations_verify(accepted: set[tuple[int, int]]) -> Iterator[str]:
    """The same of “reviewed, still valid”; and the last of a revision set its next review."""
    noted = trail.values_noted("seal", events=[names.REVISION_CONFIRM])
    last = Confirmation.objects.filter(revision=OuterRef("revision")).order_by("-number").values("pk")[:1]
    found = Confirmation.objects.select_related("revision__procedure").annotate(last=Subquery(last))
    for row in found.defer("revision__content", "revision__rendered").iterator(chunk_size=500):
        if not is_valid_confirmation(row):
            yield f"I3 confirmation of {row.confirmer_name} on {row.revision}: INVALID"
        elif row.seal not in noted:
            yield f"I3 confirmation of {row.confirmer_name} on {row.revision}: not the one that the trail tells of"
        elif (row.confirmed_by_id, row.statement_version) not in accepted:
            yield f"I3 confirmation of {row.confirmer_name} on {row.revision}: under a statement that is not accepted"
        elif row.pk == row.last and row.revision.next_review_on != row.next_review_on:
            yield f"I3 confirmation of {row.confirmer_name} on {row.revision}: the next review is another day"


def trail_is_unbroken(since: Line | None = None) -> Iterator[str]:
    """I4, first half: the chain, and what was signed about it."""
    walk = trail.faults(after=since.seq, hash_there=since.hash) if since else trail.faults()
    for fault in walk:
        yield f"I4 trail entry {fault.seq}: {fault.what}"
    for sentence in checkpoint_faults():
        yield f"I4 {sentence}"


def every_move_is_on_the_trail() -> Iterator[str]:
    """I4, second half: as many published entries as publications, as many submissions as rounds."""
    published = Revision.objects.filter(published_at__isnull=False)
    for revision in published.select_related("procedure").iterator(chunk_size=500):
        written = trail.entries_for(revision).filter(name=TRANSITIONS[Event.PUBLISH].audit_name).count()
        if written != 1:
            yield f"I4 {revision}: published once, but {written} entries say so"
    rounds = Round.objects.values("revision").annotate(count=Count("pk"))
    for row in rounds.iterator(chunk_size=500):
        revision = Revision.objects.select_related("procedure").get(pk=row["revision"])
        written = trail.entries_for(revision).filter(name=TRANSITIONS[Event.SUBMIT].audit_name).count()
        if written != row["count"]:
            yield f"I4 {revision}: {row['count']} rounds, but {written} entries of submission"


def files_are_whole() -> Iterator[str]:
    """I5: every row has its file with its hash, and every file its row."""
    known = set()
    for row in StoredFile.objects.iterator(chunk_size=500):
        known.add(row.name)
        try:
            data = read_stored(row.name)
        except (StoredFileDamaged, ValueError) as error:  # ValueError: the row names no file of ours
            yield f"I5 file {row.sha256[:12]}: {error}"
            continue
        if len(data) != row.size:
            yield f"I5 file {row.sha256[:12]}: {len(data)} bytes, {row.size} noted"
    for name in _stored_names():
        if name not in known:
            yield f"I5 stray file {name}"


def _stored_names() -> Iterator[str]:
    try:
        folders, _files = default_storage.listdir("")
    except FileNotFoundError:
        return
    for folder in folders:
        for name in default_storage.listdir(folder)[1]:
            yield f"{folder}/{name}"


def notices_have_their_events() -> Iterator[str]:
    """I6"""
    for seq in events_of_notices():
        if not sequence_exists(seq):
            yield f"I6 a notice tells of event {seq}, which is not on the trail"


def steps_are_in_order() -> Iterator[str]:
    """I7 has no shape in the rows; what has: positions run from 1 without gaps, so no step is lost or doubled."""
    for revision in Revision.objects.select_related("procedure").prefetch_related("steps").iterator(chunk_size=200):
        positions = sorted(step.position for step in revision.steps.all())
        if positions != list(range(1, len(positions) + 1)):
            yield f"I7 {revision}: steps stand at {positions}"


def no_contributor_decided() -> Iterator[str]:
    """I8"""
    wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef("round__revision_id"), user_id=OuterRef("decider_id")
    )
    valid = Decision.objects.filter(Exists(wrote), invalidated_at=None)
    for decision in valid.select_related("round__revision__procedure"):
        yield f"I8 {decision.decider_name} decided on {decision.round}, which they wrote"


def deputies_stood_in() -> Iterator[str]:
    """I8, second half: whoever decided for somebody was their deputy at that moment, for somebody who wrote nothing."""
    decisions = Decision.objects.exclude(on_behalf_of=None)
    for decision in decisions.select_related("round__revision__procedure", "on_behalf_of").iterator(chunk_size=500):
        day = timezone.localdate(decision.decided_at)
        stood_in = Absence.objects.filter(
            Q(ended_at=None) | Q(ended_at__gte=decision.decided_at),
            person=decision.on_behalf_of_id, deputy=decision.decider_id, starts__lte=day, ends__gte=day,
        )  # fmt: skip
        if not stood_in.exists():
            yield f"I8 {decision.decider_name} decided on {decision.round} for {decision.on_behalf_of}, unasked"
    wrote = Revision.contributors.through.objects.filter(
        revision_id=OuterRef("round__revision_id"), user_id=OuterRef("on_behalf_of_id")
    )
    for decision in decisions.filter(Exists(wrote), invalidated_at=None).select_related("round__revision__procedure"):
        yield f"I8 {decision.decider_name} decided on {decision.round} for somebody who wrote it"


def nothing_hangs_unseen() -> Iterator[str]:
    """I10: where nobody can decide in an open round, the report of stuck rounds says so."""
    for trouble in troubles_of(with_places(Round.objects.filter(outcome=RoundOutcome.OPEN).order_by("pk"))):
        if not who_decides(trouble.round) and not trouble.is_stuck:
            yield f"I10 {trouble.round}: nobody can decide, and no report says so"


def routes_are_whole() -> Iterator[str]:
    """I11: a route has stages and they have places, in order; each version but the first is on the trail; no round
    follows a version that never was."""
    for route in Route.objects.prefetch_related("stages__slots").iterator(chunk_size=200):
        stages = list(route.stages.all())
        if not stages or [stage.position for stage in stages] != list(range(1, len(stages) + 1)):
            yield f"I11 route {route}: stages stand at {[stage.position for stage in stages]}"
        for stage in stages:
            places = [slot.position for slot in stage.slots.all()]
            if not places or places != list(range(1, len(places) + 1)):
                yield f"I11 route {route}, stage {stage}: places stand at {places}"
            if stage.rule == StageRule.N_OF and not 0 < (stage.needed or 0) <= len(places):
                yield f"I11 route {route}, stage {stage}: {stage.needed} of {len(places)} places cannot sign"
        written = trail.entries_for(route).filter(name=names.ROUTE_CHANGE).count()
        if written != route.version - 1:
            yield f"I11 route {route}: version {route.version}, but {written} entries of a change"
    for round in Round.objects.filter(route_version__gt=F("route__version")).select_related("revision__procedure"):
        yield f"I11 round {round}: follows version {round.route_version}, which {round.route_name} never had"


def change_sets_are_whole() -> Iterator[str]:
    """I12: the rounds of a set are those of the manifest that was noted and signed, and share outcome, route and
    deciders; a signature in it is over the manifest; its texts are in force together."""
    noted = trail.values_noted("manifest_hash", events=[names.CHANGE_SET_SUBMIT])
    for change_set in ChangeSet.objects.iterator(chunk_size=200):
        rounds, named = rounds_in(change_set), f"I12 change set {change_set.pk}"
        if manifest_hash(rounds) != change_set.manifest_hash or change_set.manifest_hash not in noted:
            yield f"{named}: its rounds are not what its manifest says"
        if len({(round.outcome, round.route_id, round.route_version, round.opened_by_id) for round in rounds}) != 1:
            yield f"{named}: its rounds went different ways"
        if len({_decided_in(round) for round in rounds}) != 1:
            yield f"{named}: not everybody decided on all of it"
        if Decision.objects.filter(round__in=rounds).exclude(seal_format=FORMAT_IN_SETS).exists():
            yield f"{named}: a signature that is not over the manifest"
        approved = [round.revision for round in rounds if round.outcome == RoundOutcome.APPROVED]
        if len({(revision.effective_on, revision.published_at is None) for revision in approved}) > 1:
            yield f"{named}: its texts are not in force together"


def _decided_in(round: Round) -> frozenset[tuple[int, str]]:
    return frozenset(round.decisions.order_by().values_list("decider_id", "verdict"))


def categories_are_trees() -> Iterator[str]:
    """I14: every shelf is reached from the top."""
    for category in categories_in_circles():
        yield f"I14 category {category}: stands below itself"
