"""One step of a draft: shown, saved, added, moved, removed, brought back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import steps
from procedures.drafting import find_step, steps_of
from procedures.forms.conflict import merged
from procedures.forms.drafts import StepForm
from procedures.forms.procedures import PositionForm
from procedures.models import Revision, Step
from procedures.permissions import get_draft_for
from procedures.views.editing.page import Desk, show, uid_in, wants_part
from procedures.views.editing.saving import answer_save
from sopdesk.lib.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """The form of one step, and its saving."""
    revision = get_draft_for(request.user, code)
    if request.method != "POST":
        return show(request, Desk(revision, uid=uid)) if revision.is_editable else redirect("draft", code=code)
    desk = Desk(revision, uid=uid, data=merged(request.POST))

    def save(form: StepForm) -> Step:
        return steps.save_step(
            desk.step,
            actor=request.user,
            version=form.cleaned_data["version"],
            fields=form.details,
            responsibilities=form.letters,
        )

    return answer_save(request, desk, save, form_class=StepForm)


@require_POST
def step_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add an empty step below the step `after`, or at the end, and open it."""
    revision = get_draft_for(request.user, code)
    after = uid_in(request.POST, "after")
    added = steps.add_step(revision, actor=request.user, after=find_step(steps_of(revision), after) if after else None)
    return _changed(request, _desk(revision, uid=added.uid), _("Step %(number)d added.") % {"number": added.position})


@require_POST
def step_move(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Put a step elsewhere. `open` is the step whose form stays open, this one if it is not given."""
    revision = get_draft_for(request.user, code)
    before = find_step(steps_of(revision), uid)
    form = PositionForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say as a number where the step goes."))
    moved = steps.move_step(before, actor=request.user, position=form.cleaned_data["position"])
    numbers = {"old": before.position, "new": moved.position}
    stays = _("Step %(new)d stays where it is.")
    announcement = (stays if before.position == moved.position else _("Step %(old)d moved to %(new)d.")) % numbers
    # Without script nothing says which form is open: then it is that of the step itself.
    opened = uid_in(request.POST, "open") if "open" in request.POST else uid
    desk = _desk(revision, uid=opened, announcement=announcement)
    if wants_part(request):
        return render(request, "procedures/_moved.html", {"desk": desk, "revision": revision})
    return _changed(request, desk, announcement)


@require_POST
def step_remove(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Take a step out, open its neighbour, and offer to undo it."""
    revision = get_draft_for(request.user, code)
    before = steps_of(revision)
    removed = find_step(before, uid)
    steps.remove_step(removed, actor=request.user)
    number = before.index(removed)
    rest = [other for other in before if other.uid != uid]
    neighbour = rest[min(number, len(rest) - 1)].uid if rest else None
    desk = _desk(revision, uid=neighbour, removed=uid)
    return _changed(request, desk, _("Step %(number)d removed.") % {"number": number + 1})


@require_POST
def step_restore(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Undo a removal."""
    revision = get_draft_for(request.user, code)
    restored = steps.restore_step(revision, actor=request.user, uid=uid)
    desk = _desk(revision, uid=restored.uid)
    return _changed(request, desk, _("Step %(number)d is back.") % {"number": restored.position})


def _desk(revision: Revision, **options: Any) -> Desk:
    """The desk after a change of the steps, which counts as a save of the draft."""
    revision.refresh_from_db(fields=["saved_at"])
    return Desk(revision, **options)


def _changed(request: HttpRequest, desk: Desk, announcement: str) -> HttpResponse:
    """The editor after a change of its steps."""
    if wants_part(request):
        desk.announcement = announcement
        response = show(request, desk)
        response["HX-Push-Url"] = desk.address
        return response
    messages.success(request, announcement)
    removed = f"{'&' if desk.uid else '?'}removed={desk.removed}" if desk.removed else ""
    return redirect(desk.address + removed)
