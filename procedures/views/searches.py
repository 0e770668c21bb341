"""What people search for and do not find: the report, and the words that the browser sends when a result is opened."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from procedures.actions import searches as actions
from procedures.forms.searches import PeriodForm
from procedures.searches.permissions import (
    can_ignore_searches,
    check_ignores_searches,
    check_sees_searches,
    get_ignored_for,
    sees_searchers,
    sees_synonyms,
)
from procedures.searches.report import report_for
from roles.permissions import can_administer
from sopdesk.lib.sheets import CSV_TYPE, Value, write_csv


@require_safe
def search_report(request: HttpRequest) -> HttpResponse:
    """The lists of what was not found and of what was not opened."""
    check_sees_searches(request.user)
    form = PeriodForm(request.GET)
    context = {
        "form": form,
        "days": form.days_chosen,
        "report": report_for(request.user, period=form.period),
        "may_ignore": can_ignore_searches(request.user),
        "sees_people": sees_searchers(request.user),
        "sees_synonyms": sees_synonyms(request.user),
        "may_add_synonyms": can_administer(request.user),
        "person_days": settings.SEARCH_PERSON_DAYS,
        "word_days": settings.SEARCH_DAYS,
    }
    return render(request, "procedures/search_report.html", context)


@require_safe
def search_report_csv(request: HttpRequest) -> HttpResponse:
    """Both lists as one table, without people."""
    check_sees_searches(request.user)
    report = report_for(request.user, period=PeriodForm(request.GET).period, most=None)
    rows: list[list[Value]] = [
        [_("List"), _("Searched for"), _("Language"), _("Searches"), _("Last"), _("Found"), _("With all words")]
    ]
    for name, groups in ((_("Nothing found"), report.nothing), (_("Nothing opened"), report.abandoned)):
        rows += [
            [name, group.typed, group.language, group.count,
             timezone.localtime(group.last).strftime("%Y-%m-%d %H:%M"), group.results, group.complete]
            for group in groups
        ]  # fmt: skip
    response = HttpResponse(write_csv(rows), content_type=CSV_TYPE)
    response["Content-Disposition"] = 'attachment; filename="searches.csv"'
    return response


@require_POST
def search_ignore(request: HttpRequest) -> HttpResponse:
    """Leave a search out of the report."""
    check_ignores_searches(request.user)
    form = request.POST.get("form", "").replace("\x00", "")
    ignored = actions.ignore_search(form, actor=request.user)
    messages.success(request, _("“%(words)s” is left out of this list. You find it below.") % {"words": ignored})
    return _back(request)


@require_POST
def search_heed(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a search back into the report."""
    ignored = get_ignored_for(request.user, pk)
    actions.heed_search(ignored, actor=request.user)
    messages.success(request, _("“%(words)s” is in the list again.") % {"words": ignored})
    return _back(request)


@require_POST
def search_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """The browser tells that a result of a search was opened, or that it will tell."""
    actions.note_outcome(pk, actor=request.user, opened=request.POST.get("opened") == "1")
    return HttpResponse(status=204)


def _back(request: HttpRequest) -> HttpResponse:
    days = PeriodForm(request.POST).days_chosen
    return redirect(f"{reverse('search-report')}?{urlencode({'days': days})}")
