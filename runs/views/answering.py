"""The suggestions that somebody answers: the list, one of them, and those beside a draft."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from procedures.permissions import can_edit, get_draft_for, reads_everything
from procedures.views.editing.page import uid_in, wants_part
from roles.views.common import page_of
from runs.actions import remarks as actions
from runs.forms import AnswerForm, InboxForm, VersionForm
from runs.models import Remark
from runs.permissions import (
    can_answer,
    get_remark_for,
    get_remark_to_answer_for,
    remarks_in_inbox_of,
)
from runs.queries import (
    answerable_among,
    draft_beside,
    places_of,
    procedures_in,
    remarks_of_draft,
    waiting_first,
)
from sopdesk.lib.errors import Conflict, DomainError, Refused


@require_safe
def remarks(request: HttpRequest) -> HttpResponse:
    """What waits for an answer first; `?procedure=`, `?state=` and `?kind=` narrow it down."""
    found = remarks_in_inbox_of(request.user)
    form = InboxForm(request.GET, procedures=procedures_in(found))
    page = page_of(request, waiting_first(form.listed(found)).with_parents())
    context = {
        "form": form,
        "page_obj": page,
        "rows": page.object_list,
        "places": places_of(page.object_list),
        "answerable": answerable_among(request.user, page.object_list),
        "reads_all": reads_everything(request.user),
    }
    return render(request, "runs/remarks.html", context)


@require_safe
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_remark_for(request.user, pk))


@require_POST
def remark_answer(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_remark_to_answer_for(request.user, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    try:
        answered = actions.answer_remark(found, actor=request.user, **form.cleaned_data)
    except (Conflict, Refused) as error:
        if wants_part(request):
            raise
        form.add_error(None, error.message)
        return _page(request, get_remark_for(request.user, pk), form=form, problem=error)
    return _done(request, answered, _("Answered. Who suggested it is told."))


@require_POST
def remark_postpone(request: HttpRequest, pk: int) -> HttpResponse:
    """Not in this draft; the promise stays."""
    found = get_remark_to_answer_for(request.user, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say which answer you have seen."), target=found.get_absolute_url())
    postponed = actions.postpone_remark(found, actor=request.user, version=form.cleaned_data["version"])
    return _done(request, postponed, _("Left for a later revision."))


@require_safe
def draft_remarks(request: HttpRequest, code: str) -> HttpResponse:
    """The panel of the editor, for the step `?step=<uid>`; in the address bar the editor itself."""
    revision = get_draft_for(request.user, code)
    if not wants_part(request):
        return _to_editor(code, uid_in(request.GET, "step"))
    context = {"revision": revision, "remarks": remarks_of_draft(revision, uid_in(request.GET, "step"))}
    return render(request, "runs/_draft_remarks.html", context)


def _done(request: HttpRequest, found: Remark, announcement: str) -> HttpResponse:
    """The panel of the editor beside the open `step` for its script, the editor at `open` without one, else the page of
    the suggestion."""
    draft = draft_beside(found)
    if wants_part(request) and draft is not None:
        draft.procedure = found.procedure
        rows = remarks_of_draft(draft, uid_in(request.POST, "step"))
        context = {"revision": draft, "remarks": rows, "announcement": announcement}
        return render(request, "runs/_draft_remarks.html", context)
    messages.success(request, announcement, extra_tags="taken")
    if "open" in request.POST and draft is not None:
        return _to_editor(found.procedure.code, uid_in(request.POST, "open"))
    return redirect(found)


def _to_editor(code: str, step: UUID | None) -> HttpResponse:
    address = reverse("draft", args=[code])
    return redirect(f"{address}?step={step}" if step else address)


def _page(
    request: HttpRequest,
    found: Remark,
    *,
    form: AnswerForm | None = None,
    problem: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    """One suggestion with what became of it. After a conflict the form answers what stands there now."""
    context: dict[str, Any] = {"remark": found, "places": places_of([found])}
    if can_answer(request.user, found) and not found.is_final:
        shown = {"version": found.version, "answer": found.answer, "text": found.answer_text}
        context["form"] = form or AnswerForm(initial=shown)
        context["version"] = found.version
        draft = draft_beside(found)
        context["may_edit"] = draft is not None and draft.is_editable and can_edit(request.user, draft)
    return render(request, "runs/remark.html", context, status=problem.status if problem else status)
