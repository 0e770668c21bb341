"""How a person likes sopdesk to look and to react."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from roles import actions
from roles.forms import SettingsForm
from roles.statements import current_statement
from roles.views.common import done, posted
from sopdesk.lib.errors import Missing


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """One's own language, appearance and keys, the ways to password and two-factor sign-in, and the statement that
    one signs under."""
    form = SettingsForm(posted(request), instance=request.user)
    if request.method == "POST":
        changed = done(form, lambda: actions.change_own_settings(request.user, **form.offered))
        if changed:
            with translation.override(changed.language):
                messages.success(request, _("Your settings were saved."))
            return redirect("settings")
    statement = current_statement(request.user.language)
    accepted = request.user.statement_acceptances.filter(version=statement.version).first()
    context = {"form": form, "statement": statement, "accepted": accepted}
    return render(request, "roles/settings.html", context, status=form.status)


def own_addresses(request: HttpRequest) -> HttpResponse:
    """Stands where allauth would let people add addresses and sign in by them: here administrators vouch for each."""
    raise Missing(_("An administrator changes your e-mail address."))
