"""Job roles: the list, and one role with those who hold it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from roles import actions
from roles.forms import NewRoleForm, RoleForm
from roles.history import events_of
from roles.permissions import can_administer, check_administers, check_sees_people, get_role_for
from roles.queries import holdings_around, roles_with_counts, today
from roles.views.common import done, page_of, posted


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """All job roles and how many people hold each of them today."""
    check_sees_people(request.user)
    context = {"page": page_of(request, roles_with_counts(day=today())), "may_change": can_administer(request.user)}
    return render(request, "roles/roles.html", context)


@require_http_methods(["GET", "POST"])
def role_new(request: HttpRequest) -> HttpResponse:
    """Add a job role."""
    check_administers(request.user)
    form = NewRoleForm(posted(request))
    if request.method == "POST":
        role = done(form, lambda: actions.add_role(actor=request.user, **form.cleaned_data))
        if role:
            messages.success(request, _("The role %(name)s was added.") % {"name": role})
            return redirect("role", role.pk)
    return render(request, "roles/role_new.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """One role, who holds it, and what was changed about it; administrators change it here."""
    role = get_role_for(request.user, pk)
    form = RoleForm(posted(request), instance=role) if can_administer(request.user) else None
    if request.method == "POST":
        check_administers(request.user)
        changed = done(
            form, lambda: actions.change_role(role, actor=request.user, fields=form.offered, base=form.began)
        )
        if changed:
            messages.success(request, _("%(name)s was saved.") % {"name": changed})
            return redirect("role", pk)
    context = {
        "role": role,
        "form": form,
        "holdings": holdings_around(today(), role=role),
        "events": events_of(role),
    }
    return render(request, "roles/role.html", context, status=form.status if form else 200)
