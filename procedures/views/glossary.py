"""The glossary: everybody reads it, administrators keep it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import glossary as actions
from procedures.forms.glossary import TermForm
from procedures.queries import get_glossary_term, glossary_terms
from roles.permissions import can_administer
from roles.views.common import done, page_of, posted
from sopdesk.lib.errors import NotPermitted


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """The words in alphabetical order."""
    context = {
        "page": page_of(request, glossary_terms()),
        "may_change": can_administer(request.user),
    }
    return render(request, "procedures/glossary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def glossary_new(request: HttpRequest) -> HttpResponse:
    """Add a word; `?term=` fills it in."""
    _check(request)
    form = TermForm(posted(request), initial={"term": request.GET.get("term", "").replace("\x00", "")[:60]})
    if request.method == "POST":
        term = done(form, lambda: actions.add_term(actor=request.user, fields=form.cleaned_data))
        if term:
            messages.success(request, _("“%(term)s” is in the glossary.") % {"term": term})
            return redirect("glossary")
    return render(request, "procedures/glossary_term.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def glossary_term(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a word, or remove it."""
    _check(request)
    term = get_glossary_term(pk)
    form = TermForm(posted(request), instance=term)
    if request.method == "POST" and done(
        form, lambda: actions.change_term(term, actor=request.user, fields=form.offered, base=form.began)
    ):
        messages.success(request, _("“%(term)s” was saved.") % {"term": form.cleaned_data["term"]})
        return redirect("glossary")
    context = {"form": form, "term": term}
    return render(request, "procedures/glossary_term.html", context, status=form.status)


@require_POST
def glossary_remove(request: HttpRequest, pk: int) -> HttpResponse:
    _check(request)
    term = get_glossary_term(pk)
    actions.remove_term(term, actor=request.user)
    messages.success(request, _("“%(term)s” was removed from the glossary.") % {"term": term})
    return redirect("glossary")


def _check(request: HttpRequest) -> None:
    if not can_administer(request.user):
        raise NotPermitted(_("Only administrators change the glossary."))
