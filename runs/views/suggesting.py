"""Suggesting a change, from the reader page or from a page of its own; one's own suggestions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from procedures.errors import StaleContent
from procedures.models import Revision, Step
from procedures.permissions import get_current_for, get_revision_for
from procedures.states import State
from procedures.views.editing.page import uid_in
from roles.views.common import page_of, posted
from runs.actions import remarks as actions
from runs.delivery import place_of
from runs.forms import RemarkForm
from runs.permissions import remarks_written_by, require_suggests
from runs.queries import places_of, step_with
from sopdesk.lib.errors import DomainError, Missing, Refused


@require_http_methods(["GET", "HEAD", "POST"])
def remark_new(request: HttpRequest, code: str) -> HttpResponse:
    """The form for the step `?step=<uid>`, or for the whole text; a script shows it in a dialog."""
    require_suggests(request.user)
    current = get_current_for(request.user, code)
    if request.method == "POST":
        return _send(request, current)
    step = uid_in(request.GET, "step")
    if current.state == State.WITHDRAWN:
        raise StaleContent(_("This procedure is no longer in force."), target=current.procedure.get_absolute_url())
    found = step_with(current, step)
    if step and found is None:
        raise StaleContent(_("The text in force does not have this step."), target=current.procedure.get_absolute_url())
    form = RemarkForm(initial={"number": current.number, "step": step})
    return _page(request, current, form, found)


def _send(request: HttpRequest, current: Revision) -> HttpResponse:
    form = RemarkForm(posted(request))
    shown, step, problem = current, uid_in(request.POST, "step"), None
    if form.is_valid():
        sent = form.cleaned_data
        shown = _shown(request, current, sent["number"])
        try:
            remark = actions.add_remark(
                shown, actor=request.user, kind=sent["kind"], text=sent["text"], step=sent["step"]
            )
        except (Refused, StaleContent) as error:
            problem = error
            form.add_error(None, error.message)
        else:
            messages.success(request, _said(current, remark.revision), extra_tags="taken")
            return redirect(place_of(remark, current))
    return _page(request, current, form, step_with(shown, step) or step_with(current, step), problem=problem)


def _said(current: Revision, read: Revision) -> str:
    if read.number == current.number:
        return _("Thank you. Your suggestion waits for an answer; you are told of it.")
    return _(
        "Thank you. Revision %(number)d has come into force meanwhile: your suggestion, made on revision %(read)d, was "
        "taken all the same. You are told of the answer."
    ) % {"number": current.number, "read": read.number}


def _shown(request: HttpRequest, current: Revision, number: int) -> Revision:
    """The revision that was on the screen; what is in force for one that is for its readers no more."""
    try:
        return get_revision_for(request.user, current.procedure.code, number)
    except Missing:
        return current


def _page(
    request: HttpRequest, revision: Revision, form: RemarkForm, step: Step | None, *, problem: DomainError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "revision": revision, "procedure": revision.procedure, "step": step}
    template = "runs/remark_new.html" + ("#form" if "HX-Request" in request.headers else "")
    status = problem.status if isinstance(problem, StaleContent) else 422 if form.errors else 200
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
def remarks_mine(request: HttpRequest) -> HttpResponse:
    """What this person has suggested, the latest first."""
    page = page_of(request, remarks_written_by(request.user).with_parents())
    context = {"page_obj": page, "rows": page.object_list, "places": places_of(page.object_list)}
    return render(request, "runs/remarks_mine.html", context)
