"""Walking through the library without a word to search for: by department, category, role, letter, and by date."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.browsing.acting import (
    own_roles,
    part_of,
    roles_named,
    roles_taking_part,
    texts_done_by,
    texts_with_steps,
)
from procedures.browsing.categories import forest_of, path_to
from procedures.browsing.changed import PERIODS, Asked, changed_lately
from procedures.browsing.marks import favourite_ids
from procedures.browsing.permissions import can_arrange
from procedures.browsing.shelves import (
    Spine,
    by_letter,
    departments_named,
    per_category,
    per_department,
    spines_of,
)
from procedures.models import Significance
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for
from procedures.search.cards import cards_of
from procedures.search.listing import Row
from roles.queries import today
from sopdesk.lib.errors import Missing

PER_PAGE = 20
WHOLE_ALPHABET = 150
"""As many texts are shown from A to Z on one page; of more, one letter at a time."""


def _readable(request: HttpRequest) -> RevisionQuerySet:
    return library_revisions_for(request.user, today())


def _spines(request: HttpRequest) -> list[Spine]:
    return spines_of(_readable(request), language=request.user.language)


def _shelf(request: HttpRequest, spines: list[Spine]) -> dict[str, object]:
    """The page of `spines` that the address asks for, its rows as the library shows them; two queries."""
    page = Paginator(spines, PER_PAGE).get_page(request.GET.get("page"))
    cards = cards_of(_readable(request), [spine.pk for spine in page], day=today())
    rows = [Row(cards[spine.pk][0]) for spine in page if spine.pk in cards]
    return {
        "page_obj": page,
        "rows": rows,
        "starred": favourite_ids(request.user, [row.card.procedure for row in rows]),
    }


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """Every department that has something to read, with how much."""
    counts = per_department(_spines(request))
    rows = [(row, counts[row.pk], row.pk == request.user.department_id) for row in departments_named(counts)]
    return render(request, "browsing/departments.html", {"rows": rows})


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The tree of categories, without shelves on which nothing lies for this person."""
    counts = per_category(_spines(request))
    forest = [node for node in forest_of(counts) if node.total]
    context = {"forest": forest, "without": counts[None], "may_arrange": can_arrange(request.user)}
    return render(request, "browsing/categories.html", context)


@require_safe
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """What lies on one shelf and below. Raises Missing when that is nothing for this person."""
    spines = _spines(request)
    path = path_to(forest_of(per_category(spines)), pk)
    if not path or not path[-1].total:
        raise Missing()
    node = path[-1]
    wanted = {below.category.pk for below in node.walk()}
    context: dict[str, object] = {"node": node, "above": path[:-1]}
    context |= _shelf(request, [spine for spine in spines if spine.category in wanted])
    return render(request, "browsing/category.html", context)


@require_safe
def uncategorised(request: HttpRequest) -> HttpResponse:
    """What lies on no shelf."""
    context: dict[str, object] = {"node": None, "above": []}
    context |= _shelf(request, [spine for spine in _spines(request) if spine.category is None])
    return render(request, "browsing/category.html", context)


@require_safe
def acting_roles(request: HttpRequest) -> HttpResponse:
    """Every role that takes part in something this person may read, their own first."""
    parts = roles_taking_part(_readable(request), _spines(request))
    own = own_roles(request.user)
    rows = [(role, len(parts[role.pk]), role.pk in own) for role in roles_named(parts, first=own)]
    return render(request, "browsing/roles.html", {"rows": rows})


@require_safe
def acting_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that a role does, with the very steps: what it carries out first, then what it answers for or is
    asked and told about. Raises Missing when that is nothing for this person."""
    readable, spines = _readable(request), _spines(request)
    ids = roles_taking_part(readable, spines).get(pk, set())
    if not ids:
        raise Missing()
    [role] = roles_named([pk])
    doing = texts_done_by(readable, role)
    ordered = sorted((spine.pk for spine in spines if spine.pk in ids), key=lambda text: text not in doing)
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    texts = texts_with_steps(readable, page)
    context = {
        "role": role,
        "is_own": role.pk in own_roles(request.user),
        "total": len(ordered),
        "does": [part_of(texts[text], role) for text in page if text in texts and text in doing],
        "knows": [part_of(texts[text], role) for text in page if text in texts and text not in doing],
        "page_obj": page,
    }
    return render(request, "browsing/role.html", context)


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Everything by title, from A to Z; of a large library one letter at a time."""
    shelves = by_letter(_spines(request))
    total = sum(map(len, shelves.values()))
    chosen = ""
    if total > WHOLE_ALPHABET:
        asked = request.GET.get("letter", "")
        chosen = asked if asked in shelves else next(iter(shelves))
    shown = {letter: spines for letter, spines in shelves.items() if not chosen or letter == chosen}
    context = {"shelves": shown, "letters": list(shelves), "chosen": chosen, "total": total}
    return render(request, "browsing/letters.html", context)


@require_safe
def changed(request: HttpRequest) -> HttpResponse:
    """What came into force lately, with what was said about it."""
    asked = Asked.read(request.GET.get("days", ""), request.GET.get("significance", ""))
    found = changed_lately(_readable(request), asked, day=today())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "periods": PERIODS,
        "significances": [("", _("All changes")), (Significance.MAJOR, _("Major")), (Significance.MINOR, _("Minor"))],
        "page_obj": page,
    }
    return render(request, "browsing/changed.html", context)
