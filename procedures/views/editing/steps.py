"""One step of a draft: shown, saved, added, copied, moved, removed, brought back; many steps out of a pasted list."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import steps
from procedures.drafting import find_step, steps_of
from procedures.forms.conflict import merged
from procedures.forms.pasting import PasteForm
from procedures.forms.procedures import PositionForm
from procedures.forms.steps import StepForm
from procedures.models import Revision, Step
from procedures.permissions import get_draft_for
from procedures.views.editing.page import Desk, point_in, show, uid_in, wants_part
from procedures.views.editing.saving import answer_save, draft_to_save
from procedures.views.editing.undoing import (
    Undo,
    undo_addition,
    undo_bringing_back,
    undo_move,
    undo_removal,
    undo_return,
)
from sopdesk.lib.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """The form of one step, and its saving."""
    if request.method != "POST":
        revision = get_draft_for(request.user, code)
        desk = Desk(revision, request.user, uid=uid)
        return show(request, desk) if revision.is_editable else redirect("draft", code=code)
    desk = Desk(draft_to_save(request, code), request.user, uid=uid, data=merged(request.POST))

    def save(form: StepForm) -> Step:
        return steps.save_step(
            desk.step,
            actor=request.user,
            version=form.cleaned_data["version"],
            fields=form.details,
            responsibilities=form.letters,
            base=form.cleaned_data["base"],
        )

    return answer_save(request, desk, save, form_class=StepForm)


@require_POST
def step_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add an empty step below the step `after`, above the step `before`, or at the end, and open it."""
    revision = get_draft_for(request.user, code)
    place = {name: uid_in(request.POST, name) for name in ("after", "before")}
    present = steps_of(revision) if any(place.values()) else []
    added = steps.add_step(
        revision, actor=request.user, **{name: find_step(present, uid) for name, uid in place.items() if uid}
    )
    desk = desk_after(request, revision, uid=added.uid)
    return changed(request, desk, _("Step %(number)d added.") % {"number": added.position})


@require_POST
def step_duplicate(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Add a copy of a step below it, and open the copy."""
    revision = get_draft_for(request.user, code)
    copy = steps.duplicate_step(find_step(steps_of(revision), uid), actor=request.user)
    desk = desk_after(request, revision, uid=copy.uid, undo=undo_addition(code, [copy.uid]))
    numbers = {"old": copy.position - 1, "new": copy.position}
    sentence = _("Step %(old)d copied to %(new)d.") % numbers
    return changed(request, desk, sentence, added=str(copy.uid), count="1")


@require_POST
def steps_paste(request: HttpRequest, code: str) -> HttpResponse:
    """Make one step of each entry of a pasted list, below the step `after` or at the end, and open the first.

    A step `after` in which nothing stands yet gives way to them.
    """
    revision = get_draft_for(request.user, code)
    after = uid_in(request.POST, "after")
    before = Desk(revision, request.user, uid=after)
    form = PasteForm(request.POST, request.FILES, roles=before.roles)
    if not form.is_valid():
        raise Refused(form.problem, target=before.address)
    place = before.step
    replaced = place if place and place.is_blank else None
    added = steps.add_steps(revision, actor=request.user, rows=form.rows, after=place, instead_of=replaced)
    uids = [row.uid for row in added]
    desk = desk_after(
        request,
        revision,
        uid=uids[0],
        undo=undo_addition(code, uids, instead_of=replaced.uid if replaced else None),
    )
    sentence = ngettext("%(count)d step added.", "%(count)d steps added.", len(added)) % {"count": len(added)}
    return changed(request, desk, sentence, added=str(uids[0]), count=str(len(uids)))


@require_POST
def steps_remove(request: HttpRequest, code: str) -> HttpResponse:
    """Undo the adding of the steps `uid`; `restore` is the blank step that had given way to them."""
    revision = get_draft_for(request.user, code)
    before = steps_of(revision)
    wanted = set(request.POST.getlist("uid"))
    uids = [row.uid for row in before if str(row.uid) in wanted]
    first = next((number for number, row in enumerate(before) if row.uid in uids), 0)
    removed = steps.remove_steps(revision, actor=request.user, uids=uids)
    restored = uid_in(request.POST, "restore")
    if restored and removed:
        steps.restore_step(revision, actor=request.user, uid=restored)
    rest = steps_of(revision)
    neighbour = restored or (rest[min(first, len(rest) - 1)].uid if rest else None)
    desk = desk_after(request, revision, uid=neighbour if neighbour in {row.uid for row in rest} else None)
    stayed = len(uids) - removed
    sentence = ngettext("%(count)d step removed.", "%(count)d steps removed.", removed) % {"count": removed}
    if stayed:
        sentence += " " + _("What was written in since, stays.")
    return changed(request, desk, sentence)


@require_POST
def step_move(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Put a step elsewhere. `open` is the step whose form stays open, this one if it is not given."""
    revision = get_draft_for(request.user, code)
    before = find_step(steps_of(revision), uid)
    form = PositionForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say as a number where the step goes."))
    section = form.cleaned_data["section"] if "section" in request.POST else None
    moved = steps.move_step(before, actor=request.user, position=form.cleaned_data["position"], section=section)
    numbers = {"old": before.position, "new": moved.position}
    stays = _("Step %(new)d stays where it is.")
    announcement = (stays if before.position == moved.position else _("Step %(old)d moved to %(new)d.")) % numbers
    # Without script nothing says which form is open: then it is that of the step itself.
    opened = uid_in(request.POST, "open") if "open" in request.POST else uid
    desk = desk_after(request, revision, uid=opened, announcement=announcement)
    if wants_part(request):
        if before.position != moved.position and "undo" not in request.POST:
            desk.undo = undo_move(code, uid, back_to=before.position, section=before.section)
        return render(request, "procedures/_moved.html", {"desk": desk, "revision": revision})
    return changed(request, desk, announcement)


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
    desk = desk_after(request, revision, uid=neighbour, undo=undo_removal(code, uid))
    return changed(request, desk, _("Step %(number)d removed.") % {"number": number + 1}, removed=str(uid))


@require_POST
def step_restore(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Undo a removal."""
    revision = get_draft_for(request.user, code)
    restored = steps.restore_step(revision, actor=request.user, uid=uid)
    desk = desk_after(request, revision, uid=restored.uid)
    return changed(request, desk, _("Step %(number)d is back.") % {"number": restored.position})


def undo_in(parameters: MultiValueDict, desk: Desk) -> Undo | None:
    """What the address of a page offers to take back: `removed`, while it is not there; `added` steps in a row; a step
    that was `returned`; `back`, the point of its history at which the open step was before an earlier one came back."""
    present = [row.uid for row in desk.steps]
    code = desk.revision.procedure.code
    removed, first = uid_in(parameters, "removed"), uid_in(parameters, "added")
    if removed and removed not in present:
        return undo_removal(code, removed)
    if (returned := uid_in(parameters, "returned")) in present:
        return undo_return(code, returned) if returned else None
    if point := point_in(parameters, "back"):
        return undo_bringing_back(desk.revision, desk.step, point) if desk.step else None
    if first in present and parameters.get("count", "").isdecimal():
        start = present.index(first)
        return undo_addition(code, present[start : start + int(parameters["count"][:4])])
    return None


def desk_after(request: HttpRequest, revision: Revision, **options: Any) -> Desk:
    """The desk after a change of the steps, which counts as a save of the draft."""
    revision.refresh_from_db(fields=["saved_at"])
    return Desk(revision, request.user, **options)


def changed(request: HttpRequest, desk: Desk, announcement: str, **offer: str) -> HttpResponse:
    """The editor after a change of its steps; `offer` are the parameters by which a page offers to take it back."""
    if wants_part(request):
        desk.announcement = announcement
        response = show(request, desk)
        response["HX-Push-Url"] = desk.address
        return response
    messages.success(request, announcement)
    return redirect(desk.address_with(offer))
