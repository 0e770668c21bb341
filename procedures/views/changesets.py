"""Change sets: the list, submitting one, its page with one decision for all."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import changesets
from procedures.changesets.checking import SetCheck, as_submitted, check_set
from procedures.changesets.manifest import rounds_in
from procedures.changesets.permissions import (
    change_sets_visible_to,
    drafts_to_submit_by,
    get_change_set_for,
    require_authorship,
    why_not_decide_on_all,
)
from procedures.content import revision_content
from procedures.errors import EditConflict, NotReady
from procedures.forms.changesets import ChangeSetForm, ReturnSetForm, SignSetForm
from procedures.mermaid import diagram_sources, draft_may_hold_diagrams, draw_missing
from procedures.models import ChangeSet, ChangeSetItem, RoundOutcome, RoundSlot
from procedures.permissions import acts_for, revisions_editable_by, slot_to_fill
from procedures.queries import capacity_of, who_decides
from roles.errors import NotProved
from roles.signing import Requirements, requirements_for
from sopdesk.lib.errors import Refused
from sopdesk.lib.sorting import by_name

MOST_LISTED = 200


@require_safe
def change_sets(request: HttpRequest) -> HttpResponse:
    items = ChangeSetItem.objects.select_related("round__revision__procedure").order_by("pk")
    found = change_sets_visible_to(request.user).select_related("opened_by")
    found = found.prefetch_related(Prefetch("items", queryset=items))[:MOST_LISTED]
    return render(request, "procedures/change_sets.html", {"change_sets": found})


@require_http_methods(["GET", "POST"])
def change_set_new(request: HttpRequest) -> HttpResponse:
    """Choosing the drafts; the button "check" only shows the pre-flight of all."""
    require_authorship(request.user)
    drafts = drafts_to_submit_by(request.user)
    form = ChangeSetForm(request.POST or None, drafts=drafts, initial={"drafts": request.GET.getlist("draft")})
    check: SetCheck | None = None
    if request.method == "POST" and form.is_valid():
        shared = {name: form.cleaned_data[name] for name in ("change_summary", "effective_on")}
        check = check_set(as_submitted(form.cleaned_data["drafts"], **shared))
        if "check" not in request.POST:
            try:
                return redirect(_submit(request, form))
            except NotReady as refusal:
                for blocker in refusal.blockers:
                    form.add_error(None, blocker)
            except (EditConflict, Refused) as error:
                form.add_error(None, error.message)
    context = {"form": form, "check": check, "has_drafts": drafts.exists()}
    return render(request, "procedures/change_set_new.html", context, status=422 if form.errors else 200)


def _submit(request: HttpRequest, form: ChangeSetForm) -> ChangeSet:
    given = form.cleaned_data
    drafts = list(given["drafts"])
    for draft in drafts:  # before the transaction, which may not wait for it
        if draft_may_hold_diagrams(draft):
            draw_missing(diagram_sources(revision_content(draft)))
    details = {name: given[name] for name in ("name", "change_summary", "effective_on")}
    change_set = changesets.submit_change_set(drafts, actor=request.user, **details)
    messages.success(request, _("Submitted together. You are told as soon as somebody has decided."))
    return change_set


@require_safe
def change_set(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_change_set_for(request.user, pk))


@require_POST
def change_set_approve(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_change_set_for(request.user, pk)
    form = SignSetForm(request.POST, needs=_signing_needs(request, slot_to_fill(request.user, rounds_in(found)[0])))
    if form.is_valid():
        try:
            changesets.approve_change_set(found, actor=request.user, **form.decision)
        except NotProved as error:
            form.take_error(error)
        else:
            messages.success(request, _("Approved, all of them."))
            return redirect(found)
    return _page(request, found, sign_form=form, status=403 if form.lacks_proof else 422)


@require_POST
def change_set_return(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_change_set_for(request.user, pk)
    form = ReturnSetForm(request.POST)
    if not form.is_valid():
        return _page(request, found, return_form=form, status=422)
    changesets.return_change_set(found, actor=request.user, **form.cleaned_data)
    messages.success(request, _("Sent back to the authors, all of them."))
    return redirect("reviews")


def _signing_needs(request: HttpRequest, slot: RoundSlot | None) -> Requirements | None:
    """What this person must type to approve from `slot`; None where no signature is asked for."""
    if slot is None or not slot.stage.needs_signature:
        return None
    return requirements_for(request.user, needs_second_factor=slot.stage.needs_second_factor)


def _page(
    request: HttpRequest,
    found: ChangeSet,
    *,
    sign_form: SignSetForm | None = None,
    return_form: ReturnSetForm | None = None,
    status: int = 200,
) -> HttpResponse:
    rounds = rounds_in(found)
    first = rounds[0]
    is_open = first.outcome == RoundOutcome.OPEN
    context: dict[str, Any] = {"change_set": found, "rounds": rounds, "first": first, "is_open": is_open}
    context["stages"] = first.stages.prefetch_related("slots__role", "slots__person", "slots__decisions")
    if is_open:
        deciders = [set(who_decides(round)) for round in rounds]
        context["deciders"] = by_name(set.intersection(*deciders))
        editable = revisions_editable_by(request.user).filter(pk__in=[round.revision_id for round in rounds])
        context["recallable"] = editable.select_related("procedure").order_by("procedure__code").first()
        context |= _decision(request, found, sign_form, return_form)
    return render(request, "procedures/change_set.html", context, status=status)


def _decision(
    request: HttpRequest, found: ChangeSet, sign_form: SignSetForm | None, return_form: ReturnSetForm | None
) -> dict[str, Any]:
    """What the bar and the dialogs need."""
    rounds = rounds_in(found)
    slot = slot_to_fill(request.user, rounds[0])
    why_not = why_not_decide_on_all(request.user, rounds)
    if slot is None or why_not:
        return {"why_not": why_not}
    needs = _signing_needs(request, slot)
    shown = {"manifest_hash": found.manifest_hash}
    return {
        "slot": slot,
        "capacity": capacity_of(slot, rounds[0].revision.procedure, acts_for(slot)),
        "needs": needs,
        "sign_form": sign_form or SignSetForm(initial=shown, needs=needs),
        "return_form": return_form or ReturnSetForm(initial=shown),
    }
