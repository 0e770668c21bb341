"""The notices of the person who looks."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from notifications import actions
from notifications.forms import MarkAllReadForm
from notifications.permissions import get_notice_for
from notifications.queries import notices_for

PER_PAGE = 25


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """One's notices, newest first. Looking changes nothing; each is marked as read by its button."""
    page = Paginator(notices_for(request.user), PER_PAGE).get_page(request.GET.get("page"))
    newest = max((notice.pk for notice in page), default=0)
    context = {
        "page": page,
        "mark_all": MarkAllReadForm(initial={"up_to": newest}) if page.number == 1 else None,
    }
    return render(request, "notifications/notices.html", context)


@require_POST
def notice_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read, and go back to the page of the list where it stands."""
    actions.mark_read(get_notice_for(request.user, pk))
    return redirect(f"{reverse('notices')}?{urlencode({'page': request.GET.get('page', '1')})}")


@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read that the page showed or could have shown."""
    form = MarkAllReadForm(request.POST)
    if form.is_valid():
        count = actions.mark_all_read(request.user, **form.cleaned_data)
        said = ngettext("%(n)d notice marked as read.", "%(n)d notices marked as read.", count)
        messages.success(request, said % {"n": count})
    return redirect("notices")
