"""Absences with their deputies; rounds that nobody completes, and putting somebody else into a place."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from procedures.actions import absences as actions
from procedures.actions import overdue
from procedures.forms.absences import AbsenceEndForm, AbsenceForm, ReassignForm
from procedures.permissions import revisions_visible_to
from procedures.queries import people_of_slot
from procedures.staffing.permissions import (
    absences_of,
    check_watches_rounds,
    get_absence_for,
    get_slot_to_reassign_for,
    people_for,
    rounds_watched_by,
    slots_reassignable_by,
)
from procedures.staffing.stuck import trouble_of, troubles_of, with_places
from roles.errors import NotValid
from roles.models import Absence, User
from roles.permissions import check_administers, get_person_for
from roles.queries import today
from roles.views.common import done, posted
from sopdesk.lib.errors import Refused


@require_http_methods(["GET", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """One's own absences, and those in which one stands in."""
    return _absences_of(request, request.user)


@require_http_methods(["GET", "POST"])
def person_absences(request: HttpRequest, pk: int) -> HttpResponse:
    """The absences of somebody else, whom an administrator sets away with a reason."""
    check_administers(request.user)
    return _absences_of(request, get_person_for(request.user, pk))


def _absences_of(request: HttpRequest, person: User) -> HttpResponse:
    is_own = person.pk == request.user.pk
    form = AbsenceForm(posted(request), person=person, is_for_another=not is_own)
    if request.method == "POST":
        absence = done(form, lambda: actions.add_absence(person, actor=request.user, **form.cleaned_data))
        if absence:
            messages.success(request, _said(absence))
            return redirect("absences") if is_own else redirect("person-absences", person.pk)
    found = absences_of(person)
    running = [absence for absence in found if absence.ended_at is None and absence.ends >= today()]
    context = {
        "person": person,
        "is_own": is_own,
        "form": form,
        "own": [absence for absence in running if absence.person_id == person.pk],
        "stands_in": [absence for absence in running if absence.deputy_id == person.pk],
        "over": [absence for absence in found if absence not in running][::-1][:20],
        "today": today(),
    }
    return render(request, "procedures/absences.html", context, status=422 if form.errors else 200)


def _said(absence: Absence) -> str:
    days = {"first": date_format(absence.starts), "last": date_format(absence.ends), "deputy": absence.deputy}
    if absence.deputy is None:
        return _("Away from %(first)s to %(last)s, and nobody stands in.") % days
    return _("Away from %(first)s to %(last)s; %(deputy)s stands in and is told.") % days


@require_http_methods(["GET", "POST"])
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then end an absence before its last day."""
    absence = get_absence_for(request.user, pk)
    is_own = absence.person_id == request.user.pk
    form = AbsenceEndForm(posted(request), is_for_another=not is_own)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_absence(absence, actor=request.user, **form.cleaned_data)
        except NotValid as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The absence is over."))
            return redirect("absences") if is_own else redirect("person-absences", absence.person_id)
    context = {"absence": absence, "is_own": is_own, "form": form, "today": today()}
    return render(request, "procedures/absence_end.html", context, status=422 if form.errors else 200)


@require_safe
def reviews_stuck(request: HttpRequest) -> HttpResponse:
    """Open rounds that nobody can complete and why, and those that are late."""
    check_watches_rounds(request.user)
    rounds = with_places(rounds_watched_by(request.user).order_by("opened_at"))
    troubles = [trouble for trouble in troubles_of(rounds) if trouble]
    places = set(slots_reassignable_by(request.user).values_list("pk", flat=True)) if troubles else set()
    shown = {trouble.round.revision_id for trouble in troubles}
    readable = set(revisions_visible_to(request.user).filter(pk__in=shown).values_list("pk", flat=True))
    rows = [
        {
            "trouble": trouble,
            "slots": [slot for slot in trouble.slots_in_need if slot.pk in places],
            "is_readable": trouble.round.revision_id in readable,
        }
        for trouble in sorted(troubles, key=lambda trouble: (not trouble.is_stuck, -trouble.days_late))
    ]
    return render(request, "procedures/reviews_stuck.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def slot_reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody else into a place of a round."""
    slot = get_slot_to_reassign_for(request.user, pk)
    round = slot.stage.round
    form = ReassignForm(posted(request), slot=slot, people=people_for(round, without=request.user))
    if request.method == "POST" and form.is_valid():
        try:
            changed = overdue.reassign_slot(slot, actor=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("%(name)s is asked to decide.") % {"name": changed.person})
            return redirect("reviews-stuck")
    context = {
        "slot": slot,
        "revision": round.revision,
        "form": form,
        "trouble": trouble_of(round),
        "people": people_of_slot(slot, round.revision.procedure),
    }
    return render(request, "procedures/slot_reassign.html", context, status=422 if form.errors else 200)
