"""Arranging the categories: auditors look, administrators rename, move and merge."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import categories as actions
from procedures.browsing.categories import forest_of, revisions_per_category
from procedures.browsing.permissions import can_arrange, check_arranges, check_sees_categories, get_category_for
from procedures.forms.categories import CategoryForm, MergeForm
from procedures.models import Category
from roles.views.common import done, posted
from sopdesk.lib.errors import Refused


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """The whole tree, with how many texts in whatever state lie on each shelf."""
    check_sees_categories(request.user)
    context = {"forest": forest_of(revisions_per_category()), "may_arrange": can_arrange(request.user)}
    return render(request, "categories/categories.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def category_new(request: HttpRequest) -> HttpResponse:
    """Put up a shelf; `?below=` says where."""
    check_arranges(request.user)
    form = CategoryForm(posted(request), initial={"parent": request.GET.get("below", "")})
    if request.method == "POST":
        added = done(form, lambda: actions.add_category(actor=request.user, **form.offered))
        if added:
            messages.success(request, _("The category “%(name)s” was added.") % {"name": added})
            return redirect("categories")
    return render(request, "categories/category.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename one, move it below another, merge it, or take it down."""
    found = get_category_for(request.user, pk)
    form = CategoryForm(posted(request), instance=found)
    if request.method == "POST":
        changed = done(
            form, lambda: actions.change_category(found, actor=request.user, fields=form.offered, base=form.began)
        )
        if changed:
            messages.success(request, _("The category “%(name)s” was saved.") % {"name": changed})
            return redirect("categories")
    return _page(request, found, form=form, merging=MergeForm(category=found), status=form.status)


@require_POST
def category_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Up or down among its neighbours: `position` is the wished place."""
    found = get_category_for(request.user, pk)
    position = request.POST.get("position", "")
    if not (position.isascii() and position.isdigit() and len(position) < 6):
        raise Refused(_("Say to which place it moves."))
    actions.move_category(found, actor=request.user, position=int(position))
    messages.success(request, _("The category “%(name)s” was moved.") % {"name": found})
    return redirect("categories")


@require_POST
def category_merge(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_category_for(request.user, pk)
    merging = MergeForm(request.POST, category=found)
    if not merging.is_valid():
        return _page(request, found, form=CategoryForm(instance=found), merging=merging, status=422)
    into = actions.merge_category(found, actor=request.user, into=merging.cleaned_data["into"])
    said = _("“%(name)s” is now part of “%(into)s”.") % {"name": found, "into": into}
    messages.success(request, said)
    return redirect("categories")


@require_POST
def category_remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_category_for(request.user, pk)
    actions.remove_category(found, actor=request.user)
    messages.success(request, _("The category “%(name)s” was removed.") % {"name": found})
    return redirect("categories")


def _page(
    request: HttpRequest, category: Category, *, form: CategoryForm, merging: MergeForm, status: int
) -> HttpResponse:
    context = {"category": category, "form": form, "merging": merging}
    return render(request, "categories/category.html", context, status=status)
