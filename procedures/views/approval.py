"""Submitting, the approver's queue and page, signing and returning; publishing early and withdrawing."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import approval, publishing
from procedures.changesets.manifest import change_set_of
from procedures.content import revision_content
from procedures.deviations.permissions import deviations_decidable_by, with_parents
from procedures.deviations.showing import views_of
from procedures.errors import EditConflict, NotReady
from procedures.forms.approval import ApproveForm, ReasonForm, ReturnForm, SubmitForm
from procedures.impact import impact_of
from procedures.mermaid import diagram_sources, draft_may_hold_diagrams, draw_missing
from procedures.models import ChangeSet, Revision, Round, RoundSlot
from procedures.permissions import (
    acts_for,
    get_current_for,
    get_draft_for,
    get_ended_round_for,
    get_open_for,
    get_round_for,
    get_round_to_decide_for,
    require_event,
    rounds_awaiting,
    slot_to_fill,
    why_not_decide,
)
from procedures.preflight import preflight, stages_of_route
from procedures.queries import capacity_of, open_round, route_for
from procedures.staffing.permissions import watches_rounds
from procedures.staffing.stuck import stuck_reasons
from procedures.states import Event, State
from procedures.submitting import additions_for
from procedures.views.review_page import review_context
from roles.errors import NotProved
from roles.queries import today
from roles.signing import Requirements, requirements_for
from sopdesk.lib.errors import Missing, Refused

# Submitting --------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_draft_for(request.user, code)
    require_event(request.user, revision, Event.SUBMIT)
    stages = stages_of_route(revision, route_for(revision.procedure))
    form = SubmitForm(request.POST or None, instance=revision, stages=stages)
    additions = additions_for(revision, request.POST or None)
    if request.method == "POST" and form.is_valid() and all(addition.is_valid() for addition in additions):
        if draft_may_hold_diagrams(revision):  # before the transaction, which may not wait for it
            draw_missing(diagram_sources(revision_content(revision)))
        try:
            round = approval.submit(
                revision,
                actor=request.user,
                proposed=form.proposed,
                version=form.cleaned_data["version"],
                fields=form.details,
                additions=additions,
            )
        except NotReady as refusal:
            for blocker in refusal.blockers:
                form.add_error(None, blocker)
        except (EditConflict, Refused) as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Submitted. You are told as soon as somebody has decided."))
            return redirect(round.revision.get_absolute_url())
    context = {
        "revision": revision,
        "form": form,
        "additions": additions,
        "check": preflight(revision),
        "impact": impact_of(revision, request.user),
    }
    return render(request, "procedures/submit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def recall(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_draft_for(request.user, code)
    require_event(request.user, revision, Event.RECALL)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approval.recall(revision, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Recalled. It is a draft again."))
        return redirect("draft", code=code)
    return _ask_reason(
        request,
        form,
        revision,
        title=_("Take this revision back?"),
        text=_("It becomes a draft again. Decisions made so far stay visible in the history but no longer count."),
        change_set=_change_set_with(revision),
        button=_("Recall"),
    )


# Deciding ----------------------------------------------------------------------------------------------------


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    rounds = rounds_awaiting(request.user).select_related("revision__procedure", "opened_by")
    rounds = rounds.prefetch_related("stages").order_by("opened_at")
    context = {
        "rounds": rounds,
        "deviations": views_of(with_parents(deviations_decidable_by(request.user)).order_by("asked_at")),
        "today": today(),
        "watches_rounds": watches_rounds(request.user),
    }
    return render(request, "procedures/reviews.html", context)


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        round = get_round_for(request.user, pk)
    except Missing:
        ended = get_ended_round_for(request.user, pk)
        return render(request, "procedures/review_ended.html", {"round": ended, "revision": ended.revision})
    return _review_page(request, round)


@require_POST
def review_approve(request: HttpRequest, pk: int) -> HttpResponse:
    round = get_round_to_decide_for(request.user, pk)
    form = ApproveForm(request.POST, needs=_signing_needs(request, slot_to_fill(request.user, round), is_tried=True))
    if form.is_valid():
        try:
            approval.approve_revision(round, actor=request.user, **form.decision)
        except NotProved as error:
            form.take_error(error)
        else:
            return _next_in_queue(request, _("Approved."))
    return _review_page(request, round, approve_form=form, status=403 if form.lacks_proof else 422)


def _signing_needs(request: HttpRequest, slot: RoundSlot | None, *, is_tried: bool = False) -> Requirements | None:
    """What this person must type to approve in `slot`; None where no signature is asked for."""
    if slot is None or not slot.stage.needs_signature:
        return None
    return requirements_for(request.user, needs_second_factor=slot.stage.needs_second_factor, is_tried=is_tried)


@require_POST
def review_return(request: HttpRequest, pk: int) -> HttpResponse:
    round = get_round_to_decide_for(request.user, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _review_page(request, round, return_form=form)
    approval.return_revision(round, actor=request.user, **form.cleaned_data)
    return _next_in_queue(request, _("Sent back to the authors."))


def _review_page(
    request: HttpRequest,
    round: Round,
    *,
    approve_form: ApproveForm | None = None,
    return_form: ReturnForm | None = None,
    status: int = 422,
) -> HttpResponse:
    revision = round.revision
    slot = slot_to_fill(request.user, round)
    needs = _signing_needs(request, slot)
    shown = {"content_hash": round.content_hash}
    is_open = revision.state == State.IN_REVIEW and not round.outcome
    context = {
        "round": round,
        "later": open_round(revision) if round.outcome else None,
        "change_set": change_set_of(round),
        "revision": revision,
        "slot": slot,
        "capacity": capacity_of(slot, revision.procedure, acts_for(slot)) if slot else "",
        "why_not": why_not_decide(request.user, round),
        "stages": round.stages.prefetch_related("slots__role", "slots__person", "slots__decisions"),
        **review_context(request, round, is_open=is_open),
        "needs": needs,
        "approve_form": approve_form or ApproveForm(initial=shown, needs=needs),
        "return_form": return_form or ReturnForm(initial=shown),
        "is_open": is_open,
        "stuck": stuck_reasons(round) if is_open else [],
    }
    rejected = approve_form or return_form
    return render(request, "procedures/review.html", context, status=status if rejected else 200)


def _next_in_queue(request: HttpRequest, done: str) -> HttpResponse:
    """On to the text that has waited longest for this person, without a way back through the queue."""
    waiting = list(rounds_awaiting(request.user).order_by("opened_at", "pk").only("pk"))
    left = len(waiting)
    rest = ngettext("%(count)d decision left.", "%(count)d decisions left.", left) % {"count": left}
    messages.success(request, f"{done} {rest}")
    return redirect(waiting[0] if waiting else "home")


# Publishing and withdrawing ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def publish(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_open_for(request.user, code)
    require_event(request.user, revision, Event.PUBLISH)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        publishing.publish(revision, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Published. Readers see it from now on."))
        return redirect("procedure", code=code)
    return _ask_reason(
        request,
        form,
        revision,
        title=_("Publish before the effective date?"),
        text=_("Readers follow this revision from today on; the one before it becomes obsolete."),
        change_set=_change_set_with(revision),
        button=_("Publish now"),
    )


@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_open_for(request.user, code)
    require_event(request.user, revision, Event.REVOKE)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        approval.revoke(revision, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Revoked. It is a draft again."))
        return redirect(revision.get_absolute_url())
    return _ask_reason(
        request,
        form,
        revision,
        title=_("Revoke the approval?"),
        text=_(
            "It does not take effect, and becomes a draft again. The signatures stay visible in the history but no "
            "longer count. Its authors, and those who signed, are told."
        ),
        button=_("Revoke approval"),
        change_set=_change_set_with(revision),
        danger=True,
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_current_for(request.user, code)
    require_event(request.user, revision, Event.WITHDRAW)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            publishing.withdraw(revision.procedure, actor=request.user, reason=form.cleaned_data["reason"])
        except Refused as error:
            form.add_error("reason", error.message)
        else:
            messages.success(request, _("Withdrawn. Readers see that it no longer applies, and why."))
            return redirect("procedure", code=code)
    return _ask_reason(
        request,
        form,
        revision,
        title=_("Withdraw this procedure?"),
        text=_("It leaves the library and nobody follows it any more. Its code is never given again."),
        button=_("Withdraw"),
        danger=True,
    )


def _change_set_with(revision: Revision) -> ChangeSet | None:
    """The change set whose other revisions share the fate of `revision`."""
    last = revision.rounds.order_by("-number").first()
    return change_set_of(last) if last else None


def _ask_reason(request: HttpRequest, form: ReasonForm, revision: Revision, **texts: object) -> HttpResponse:
    """The page that asks why; `texts` are its title, text and button, and `danger` for what cannot be undone."""
    context = {"form": form, "revision": revision, **texts}
    return render(request, "procedures/ask_reason.html", context, status=422 if form.errors else 200)
