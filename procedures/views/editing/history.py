"""How a draft came to be: who changed what when; a step as it once was, and bringing that back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from procedures.actions import steps
from procedures.content import read_content, revision_content
from procedures.draft_history import history_page, people_to_choose, read_place, steps_to_choose
from procedures.drafting import letters_of, steps_of
from procedures.forms.history import HistoryFilterForm, base_for, data_to_bring_back
from procedures.forms.steps import StepForm
from procedures.models import Step
from procedures.permissions import can_edit, get_draft_for, get_recounted_for
from procedures.redline.fields import redline_parts, step_parts
from procedures.step_versions import get_version, latest_point
from procedures.views.editing.page import Desk, wants_part
from procedures.views.editing.saving import answer_save
from procedures.views.editing.steps import changed, desk_after
from procedures.views.editing.undoing import undo_bringing_back, undo_return


@require_safe
def draft_history(request: HttpRequest, code: str) -> HttpResponse:
    revision = get_recounted_for(request.user, code)
    present, removed = steps_to_choose(revision)
    titles = {str(uid): title for uid, title in revision.steps.values_list("uid", "title")}
    numbers = {row.uid: row.number for row in present}
    form = HistoryFilterForm(
        request.GET,
        present=[(row.uid, f"{row.number}. {titles.get(row.uid, '')}") for row in present],
        removed=removed,
        people=people_to_choose(revision),
        language=revision.language,
    )
    page = history_page(revision, form.filters, before=read_place(request.GET.get("before", "")))
    query = request.GET.copy()
    if page.rest:
        query["before"] = str(page.rest)
    context = {
        "revision": revision,
        "form": form,
        "page": page,
        "numbers": numbers,
        "writes": revision.is_editable and can_edit(request.user, revision),
        "is_later": "before" in request.GET,
        "rest_query": query.urlencode() if page.rest else "",
    }
    return render(request, "procedures/draft_history.html", context)


@require_safe
def draft_version(request: HttpRequest, code: str, point: int) -> HttpResponse:
    """One step as it was at a point of its history, read-only, beside what it says now."""
    revision = get_recounted_for(request.user, code)
    version = get_version(revision, point)
    now = read_content(revision) if revision.is_editable else revision_content(revision)
    present = next((row for row in now["steps"] if row["uid"] == str(version.uid)), None)
    step = revision.steps.filter(uid=version.uid).first()
    context: dict[str, Any] = {"revision": revision, "version": version, "present": present, "step": step}
    context["said"] = step_parts(version.content, now)
    if present and step:
        step.revision = revision
        context["changes"] = redline_parts(step_parts(present, now), context["said"])
        context["base"] = base_for(step)
    context["writes"] = revision.is_editable and can_edit(request.user, revision)
    return render(request, "procedures/draft_version.html", context)


@require_POST
def draft_restore(request: HttpRequest, code: str, point: int) -> HttpResponse:
    """Make of a step what it was at a point of its history, wholly or in the field `field`: a save like any other, so
    that what somebody else wrote meanwhile is not lost. A step that was removed comes back."""
    revision = get_draft_for(request.user, code)
    version = get_version(revision, point)
    present = {row.uid: row for row in steps_of(revision)}
    step = present.get(version.uid)
    if step is None:
        restored = steps.restore_step(revision, actor=request.user, uid=version.uid, point=point)
        desk = desk_after(request, revision, uid=restored.uid, undo=undo_return(code, restored.uid))
        sentence = _("Step %(number)d is back.") % {"number": restored.position}
        return changed(request, desk, sentence, returned=str(restored.uid))
    before = latest_point(revision, step.uid)
    desk = Desk(revision, request.user, uid=step.uid)
    desk.data = data_to_bring_back(
        version, draft=revision, step=step, steps=desk.steps, user=request.user, roles=desk.roles,
        letters=letters_of(revision, step), sent=request.POST,
    )  # fmt: skip
    saved: list[Step] = []

    def save(form: StepForm) -> Step:
        base = form.cleaned_data["base"]
        saved.append(
            steps.save_step(
                step, actor=request.user, version=form.cleaned_data["version"], fields=form.details,
                responsibilities=form.letters, base=base,
            )
        )  # fmt: skip
        return saved[0]

    answer = answer_save(request, desk, save, form_class=StepForm)
    if not saved:
        return answer
    if not wants_part(request):
        return redirect(desk.address_with({"back": str(before)}))
    undo = undo_bringing_back(revision, saved[0], before) if before else None
    desk = desk_after(request, revision, uid=step.uid, undo=undo)
    return changed(request, desk, _("Step %(number)d says what it said then.") % {"number": desk.number})
