"""People: the list, one person, their roles, and the end of their access."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from roles import actions
from roles.forms import DeactivateForm, HoldingEndForm, HoldingForm, PeopleFilterForm, PersonForm
from roles.history import events_of
from roles.permissions import (
    can_administer,
    check_administers,
    check_sees_people,
    get_holding_for,
    get_person_for,
)
from roles.queries import holdings_around, ids_by_name, people_matching, today
from roles.views.common import done, page_of, posted


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, searched and filtered."""
    check_sees_people(request.user)
    form = PeopleFilterForm(request.GET)
    found = people_matching(**form.criteria())
    page = page_of(request, ids_by_name(found))
    rows = found.in_bulk(list(page))
    is_filtered = any(request.GET.get(name) for name in form.fields)
    context = {
        "form": form,
        "page": page,
        "rows": [rows[pk] for pk in page if pk in rows],
        "is_filtered": is_filtered,
        "may_change": can_administer(request.user),
    }
    return render(request, "roles/people.html", context)


@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person; they get a mail with a link to choose their password."""
    check_administers(request.user)
    form = PersonForm(posted(request))
    if request.method == "POST":
        person = done(form, lambda: actions.add_person(actor=request.user, **form.cleaned_data))
        if person:
            messages.success(request, _("%(name)s was added and gets a mail to choose a password.") % {"name": person})
            return redirect("person", person.pk)
    return render(request, "roles/person_new.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Who somebody is, what they hold, and what was changed; administrators change it here."""
    person = get_person_for(request.user, pk)
    form = PersonForm(posted(request), instance=person) if can_administer(request.user) else None
    if request.method == "POST":
        check_administers(request.user)
        changed = done(
            form, lambda: actions.change_person(person, actor=request.user, fields=form.offered, base=form.began)
        )
        if changed:
            messages.success(request, _("%(name)s was saved.") % {"name": changed})
            return redirect("person", pk)
    context = {
        "person": person,
        "form": form,
        "holdings": holdings_around(today(), user=person),
        "departments_headed": person.heads.all(),
        "events": events_of(person),
    }
    return render(request, "roles/person.html", context, status=form.status if form else 200)


@require_http_methods(["GET", "POST"])
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, naming what the person still holds, then end their access."""
    check_administers(request.user)
    person = get_person_for(request.user, pk)
    form = DeactivateForm(posted(request))
    if form.is_valid():
        actions.deactivate_person(person, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": person})
        return redirect("person", pk)
    context = {
        "person": person,
        "form": form,
        "holdings": holdings_around(today(), user=person),
        "departments_headed": person.heads.all(),
    }
    return render(request, "roles/person_deactivate.html", context, status=422 if form.errors else 200)


@require_POST
def person_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody their access back."""
    check_administers(request.user)
    person = get_person_for(request.user, pk)
    actions.activate_person(person, actor=request.user)
    messages.success(request, _("%(name)s can sign in again.") % {"name": person})
    return redirect("person", pk)


@require_http_methods(["GET", "POST"])
def holding_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a role."""
    check_administers(request.user)
    person = get_person_for(request.user, pk)
    form = HoldingForm(posted(request))
    if request.method == "POST":
        holding = done(form, lambda: actions.add_holding(person, actor=request.user, **form.cleaned_data))
        if holding:
            names = {"name": person, "role": holding.role}
            messages.success(request, _("%(name)s was given the role %(role)s.") % names)
            return redirect("person", pk)
    context = {"person": person, "form": form}
    return render(request, "roles/holding_add.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
def holding_end(request: HttpRequest, pk: int, holding_pk: int) -> HttpResponse:
    """Set the last day on which a person holds a role."""
    check_administers(request.user)
    holding = get_holding_for(request.user, pk, holding_pk)
    form = HoldingEndForm(posted(request), instance=holding)
    if request.method == "POST":
        ended = done(form, lambda: actions.end_holding(holding, actor=request.user, base=form.began, **form.offered))
        if ended:
            messages.success(request, _("The last day in the role %(role)s was saved.") % {"role": ended.role})
            return redirect("person", pk)
    context = {"person": holding.user, "holding": holding, "form": form}
    return render(request, "roles/holding_end.html", context, status=form.status)
