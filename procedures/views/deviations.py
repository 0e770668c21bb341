"""Temporary deviations: the list of a procedure, asking for one, its page with the decision, ending it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import deviations as actions
from procedures.content import revision_content
from procedures.deviations.deciding import Place, place_of, places_on
from procedures.deviations.permissions import (
    can_deviate_from,
    can_end_deviation,
    can_recall_deviation,
    departments_to_ask_for,
    deviations_visible_to,
    get_deviation_for,
    get_procedure_with_deviations_for,
    get_revision_to_deviate_from_for,
    why_not_decide_on_deviation,
    with_parents,
)
from procedures.deviations.showing import DeviationView, views_of
from procedures.forms.approval import ReasonForm
from procedures.forms.deviations import DeviationForm, RefuseDeviationForm, SignDeviationForm
from procedures.models import Deviation
from procedures.permissions import can_view
from procedures.queries import media_of, revision_in_force
from procedures.rendering import render_step
from roles.errors import NotProved
from roles.signing import Requirements, requirements_for
from roles.views.common import page_of, posted
from sopdesk.lib.errors import Conflict, NotPermitted, Refused


@require_safe
def deviations(request: HttpRequest, code: str) -> HttpResponse:
    """Every deviation from steps of one procedure that this person knows of, the latest first."""
    procedure = get_procedure_with_deviations_for(request.user, code)
    found = with_parents(deviations_visible_to(request.user)).filter(revision__procedure=procedure)
    page = page_of(request, found)
    current = revision_in_force(procedure)
    context = {
        "procedure": procedure,
        "current": current,
        "rows": views_of(page.object_list),
        "page_obj": page,
        "may_read": current is not None and can_view(request.user, current),
        "may_ask": current is not None and can_deviate_from(request.user, current),
    }
    return render(request, "procedures/deviations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def deviation_new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for one; `?step=` is the step from which one comes."""
    revision = get_revision_to_deviate_from_for(request.user, code)
    departments = departments_to_ask_for(request.user, revision)
    content = revision_content(revision)
    only = departments.first() if departments.count() == 1 else None
    initial = {"step": request.GET.get("step", ""), "department": only}
    form = DeviationForm(
        posted(request),
        steps=content["steps"],
        language=content["language"],
        departments=departments,
        initial=initial,
    )
    if form.is_valid():
        try:
            asked = actions.ask_deviation(revision, actor=request.user, **form.cleaned_data)
        except (Conflict, Refused, NotPermitted) as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Asked for. You are told as soon as somebody has decided."))
            return redirect(asked)
    context = {"form": form, "revision": revision}
    return render(request, "procedures/deviation_new.html", context, status=422 if form.errors else 200)


@require_safe
def deviation(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    return _page(request, get_deviation_for(request.user, code, pk))


@require_POST
def deviation_approve(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    found = get_deviation_for(request.user, code, pk)
    form = SignDeviationForm(request.POST, needs=_signing_needs(request, place_of(request.user, places_on(found))))
    if form.is_valid():
        try:
            actions.approve_deviation(found, actor=request.user, **form.decision)
        except NotProved as error:
            form.take_error(error)
        else:
            messages.success(request, _("Approved. The department sees it at the step, until its last day."))
            return redirect(found)
    return _page(request, found, sign_form=form, status=403 if form.lacks_proof else 422)


@require_POST
def deviation_refuse(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    found = get_deviation_for(request.user, code, pk)
    form = RefuseDeviationForm(request.POST)
    if not form.is_valid():
        return _page(request, found, refuse_form=form, status=422)
    actions.refuse_deviation(found, actor=request.user, **form.cleaned_data)
    messages.success(request, _("Refused. Who asked for it is told why."))
    return redirect(found)


@require_POST
def deviation_recall(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    found = get_deviation_for(request.user, code, pk)
    actions.recall_deviation(found, actor=request.user)
    messages.success(request, _("Taken back. Nobody is asked to decide any more."))
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
def deviation_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """End it before its last day is over."""
    found = get_deviation_for(request.user, code, pk)
    form = ReasonForm(posted(request))
    if form.is_valid():
        actions.end_deviation(found, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Ended. The step is done again as it is written."))
        return redirect(found)
    if not can_end_deviation(request.user, found):
        raise NotPermitted(_("Only the owner, an administrator or the head of the department ends it early."))
    context = {
        "form": form,
        "revision": found.revision,
        "back": found.get_absolute_url(),
        "title": _("End the deviation now?"),
        "text": _("%(department)s does step %(number)d as it is written from now on. Who asked for it is told.")
        % {"department": found.department, "number": found.step_number},
        "button": _("End it now"),
        "danger": True,
    }
    return render(request, "procedures/ask_reason.html", context, status=422 if form.errors else 200)


def _signing_needs(request: HttpRequest, place: Place | None) -> Requirements | None:
    """What this person must type to approve from `place`; None for who does not decide."""
    if place is None:
        return None
    return requirements_for(request.user, needs_second_factor=place.stage.needs_second_factor)


def _page(
    request: HttpRequest,
    found: Deviation,
    *,
    sign_form: SignDeviationForm | None = None,
    refuse_form: RefuseDeviationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    revision, row = found.revision, DeviationView(found)
    content = revision_content(revision)
    context: dict[str, Any] = {
        "row": row,
        "deviation": found,
        "revision": revision,
        "step": render_step(content, number=found.step_number, media=media_of(revision, content)),
        "language": content["language"],
        "may_read": can_view(request.user, revision),
        "may_end": can_end_deviation(request.user, found),
        "may_recall": can_recall_deviation(request.user, found),
    }
    if row.is_asked:
        context["why_not"] = why_not_decide_on_deviation(request.user, found)
        context |= _decision(request, found, sign_form, refuse_form)
    return render(request, "procedures/deviation.html", context, status=status)


def _decision(
    request: HttpRequest, found: Deviation, sign_form: SignDeviationForm | None, refuse_form: RefuseDeviationForm | None
) -> dict[str, Any]:
    """What the bar and the dialogs need; nothing for who does not decide."""
    place = place_of(request.user, places_on(found))
    if place is None:
        return {}
    needs, shown = _signing_needs(request, place), {"asked_hash": found.asked_hash}
    return {
        "place": place,
        "capacity": place.capacity(found.revision.procedure),
        "needs": needs,
        "sign_form": sign_form or SignDeviationForm(initial=shown, needs=needs),
        "refuse_form": refuse_form or RefuseDeviationForm(initial=shown),
    }
