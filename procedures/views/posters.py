"""Posters with QR codes, of one procedure and of what the library lists."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.browsing.marks import asker_of
from procedures.forms.library import LibraryQuery
from procedures.models import Revision
from procedures.permissions import get_current_for, library_revisions_for
from procedures.search.listing import select_all
from procedures.sharing.posters import MOST_POSTERS, Size, posters_of, size_of
from procedures.states import State
from roles.queries import today
from sopdesk.lib.errors import Missing


@require_safe
def procedure_poster(request: HttpRequest, code: str) -> HttpResponse:
    """The poster of one procedure in force."""
    revision = get_current_for(request.user, code)
    if revision.state == State.WITHDRAWN:
        raise Missing(_("There is no poster of a procedure that was withdrawn."))
    return _answer(request, [revision], back=(code, revision.procedure.get_absolute_url()))


@require_safe
def library_posters(request: HttpRequest) -> HttpResponse:
    """Posters of what the library lists for this address, in its order."""
    asked = LibraryQuery.read(request.GET)
    readable = library_revisions_for(request.user, today())
    selected = select_all(
        readable,
        query=asked.words,
        chosen=asked.chosen,
        language=request.user.language,
        asker=asker_of(request.user),
    )
    ids = list(selected.ids)[:MOST_POSTERS]
    found = readable.filter(pk__in=ids).select_related("procedure").defer("content", "rendered").in_bulk()
    revisions = [found[pk] for pk in ids if pk in found]
    back = (_("Library"), reverse("library") + asked.address())
    return _answer(request, revisions, back=back, total=selected.total)


def _answer(request: HttpRequest, revisions: list[Revision], *, back: tuple[str, str], total: int = 1) -> HttpResponse:
    query = request.GET.copy()
    query.pop("size", None)
    context = {
        "posters": posters_of(revisions),
        "size": size_of(request.GET.get("size", "")),
        "sizes": Size.choices,
        "kept": [(name, value) for name, values in query.lists() for value in values],
        "back_word": back[0],
        "back": back[1],
        "left_out": max(total - MOST_POSTERS, 0),
        "limit": MOST_POSTERS,
    }
    return render(request, "sharing/posters.html", context)
