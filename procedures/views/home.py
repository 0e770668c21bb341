"""My work: what waits for this person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.queries import notices_for
from procedures.deviations.permissions import deviations_decidable_by, with_parents
from procedures.deviations.showing import views_of
from procedures.permissions import departments_to_author, rounds_awaiting
from procedures.queries import drafts_of, with_reviews_due
from procedures.relatives import tasks_of
from roles.queries import today

SHOWN = 8


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    rounds = rounds_awaiting(request.user).select_related("revision__procedure", "opened_by")
    context = {
        "today": today(),
        "rounds": rounds.prefetch_related("stages").order_by("opened_at"),
        "deviations": views_of(with_parents(deviations_decidable_by(request.user)).order_by("asked_at")),
        "drafts": drafts_of(request.user)[:SHOWN],
        "source_tasks": tasks_of(request.user),
        "reviews_due": with_reviews_due(request.user)[:SHOWN],
        "notices": notices_for(request.user).unread()[:SHOWN],
        "may_author": departments_to_author(request.user).exists(),
    }
    return render(request, "procedures/home.html", context)
