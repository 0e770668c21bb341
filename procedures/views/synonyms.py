"""The synonyms of the search: administrators keep them, auditors read them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import synonyms as actions
from procedures.forms.searches import HEADINGS, SynonymsForm, SynonymSheetForm
from procedures.search.synonyms import key_of
from procedures.searches.permissions import (
    check_changes_synonyms,
    check_sees_synonyms,
    get_synonyms_to_change,
    synonym_groups_visible_to,
)
from procedures.searches.trying import tried
from roles.errors import NotValid
from roles.permissions import can_administer
from roles.views.common import done, page_of, posted
from sopdesk.lib.sheets import CSV_TYPE, write_csv

MAX_WORDS = 300


@require_safe
def synonyms(request: HttpRequest) -> HttpResponse:
    """The groups; `?q=` says what these words would find, and shows the groups that have them."""
    check_sees_synonyms(request.user)
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:MAX_WORDS]
    language = request.user.language
    groups = synonym_groups_visible_to(request.user).prefetch_related("synonyms").order_by("language", "pk")
    if words:
        groups = groups.filter(synonyms__key=key_of(words, language), language=language).distinct()
    context = {
        "page": page_of(request, groups),
        "tried": tried(words, user=request.user, language=language) if words else None,
        "words": words,
        "may_change": can_administer(request.user),
    }
    return render(request, "procedures/synonyms.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def synonyms_new(request: HttpRequest) -> HttpResponse:
    """Add a group; `?phrase=` fills in its first word, `?from=report` leads back to the searches that found nothing."""
    check_changes_synonyms(request.user)
    phrase = " ".join(request.GET.get("phrase", "").replace("\x00", "").split())[: actions.MAX_PHRASE]
    initial = {"phrases": f"{phrase}\n" if phrase else "", "language": request.user.language}
    form = SynonymsForm(posted(request), initial=initial)
    if request.method == "POST" and done(
        form, lambda: actions.add_synonyms(actor=request.user, fields=form.cleaned_data)
    ):
        messages.success(request, _("The group was added. The next search takes it into account."))
        return redirect("search-report" if request.GET.get("from") == "report" else "synonyms")
    return render(request, "procedures/synonyms_group.html", {"form": form}, status=form.status)


@require_http_methods(["GET", "HEAD", "POST"])
def synonyms_group(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a group, or remove it."""
    group = get_synonyms_to_change(request.user, pk)
    form = SynonymsForm(posted(request), instance=group)
    if request.method == "POST" and done(
        form, lambda: actions.change_synonyms(group, actor=request.user, fields=form.offered, base=form.began)
    ):
        messages.success(request, _("The group was saved. The next search takes it into account."))
        return redirect("synonyms")
    return render(request, "procedures/synonyms_group.html", {"form": form, "group": group}, status=form.status)


@require_POST
def synonyms_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a group."""
    group = get_synonyms_to_change(request.user, pk)
    name = str(group)
    actions.remove_synonyms(group, actor=request.user)
    messages.success(request, _("The group “%(words)s” was removed.") % {"words": name})
    return redirect("synonyms")


@require_http_methods(["GET", "HEAD", "POST"])
def synonyms_restore(request: HttpRequest) -> HttpResponse:
    """Bring the list that came with sopdesk back, after a question."""
    check_changes_synonyms(request.user)
    if request.method != "POST":
        return render(request, "procedures/synonyms_restore.html")
    number = actions.restore_starter_synonyms(actor=request.user)
    told = ngettext("%(number)s group was brought back.", "%(number)s groups were brought back.", number)
    messages.success(request, told % {"number": number})
    return redirect("synonyms")


@require_safe
def synonyms_csv(request: HttpRequest) -> HttpResponse:
    """Every group as a row, as the import reads it."""
    check_sees_synonyms(request.user)
    groups = synonym_groups_visible_to(request.user).prefetch_related("synonyms").order_by("language", "pk")
    table = [HEADINGS, *((group.language, str(group)) for group in groups)]
    response = HttpResponse(write_csv(table), content_type=CSV_TYPE)
    response["Content-Disposition"] = 'attachment; filename="synonyms.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def synonyms_import(request: HttpRequest) -> HttpResponse:
    """Add the groups of a table, all or none."""
    check_changes_synonyms(request.user)
    form = SynonymSheetForm(request.POST, request.FILES) if request.method == "POST" else SynonymSheetForm()
    if request.method == "POST" and form.is_valid():
        try:
            number = actions.import_synonyms(form.rows, actor=request.user)
        except NotValid as error:
            form.add_error("file", [sentence for sentences in error.errors.values() for sentence in sentences])
        else:
            told = ngettext("%(number)s group was added.", "%(number)s groups were added.", number)
            messages.success(request, told % {"number": number})
            return redirect("synonyms")
    return render(request, "procedures/synonyms_import.html", {"form": form}, status=422 if form.errors else 200)
