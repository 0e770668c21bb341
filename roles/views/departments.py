"""Departments: the list and one department."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from roles import actions
from roles.forms import DepartmentForm, NewDepartmentForm
from roles.history import events_of
from roles.permissions import can_administer, check_administers, check_sees_people, get_department_for
from roles.queries import departments_with_counts
from roles.views.common import done, page_of, posted


@require_GET
def departments(request: HttpRequest) -> HttpResponse:
    """All departments with their heads."""
    check_sees_people(request.user)
    context = {"page": page_of(request, departments_with_counts()), "may_change": can_administer(request.user)}
    return render(request, "roles/departments.html", context)


@require_http_methods(["GET", "POST"])
def department_new(request: HttpRequest) -> HttpResponse:
    """Add a department."""
    check_administers(request.user)
    form = NewDepartmentForm(posted(request))
    if request.method == "POST":
        department = done(form, lambda: actions.add_department(actor=request.user, **form.cleaned_data))
        if department:
            messages.success(request, _("The department %(name)s was added.") % {"name": department})
            return redirect("department", department.pk)
    return render(request, "roles/department_new.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "POST"])
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """One department and what was changed about it; administrators change it here."""
    department = get_department_for(request.user, pk)
    form = DepartmentForm(posted(request), instance=department) if can_administer(request.user) else None
    if request.method == "POST":
        check_administers(request.user)
        changed = done(
            form,
            lambda: actions.change_department(department, actor=request.user, fields=form.offered, base=form.began),
        )
        if changed:
            messages.success(request, _("%(name)s was saved.") % {"name": changed})
            return redirect("department", pk)
    context = {
        "department": department,
        "form": form,
        "member_count": department.members.filter(is_active=True).count(),
        "roles": department.roles.filter(is_active=True),
        "events": events_of(department),
    }
    return render(request, "roles/department.html", context, status=form.status if form else 200)
