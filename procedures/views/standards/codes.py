"""The codes of a table in the editor: one by one, and out of a file with a preview."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import standards
from procedures.errors import EditConflict
from procedures.forms.standards import CodeForm, CodesFileForm, TakeOverForm
from procedures.models import Revision, StandardKind, StandardPart
from procedures.standards.codes import codes_of, plan_import, problems_of_codes
from procedures.views.standards.common import draft_part_of, get_standard_draft_for
from roles.queries import today
from sopdesk.lib.errors import Missing, Refused

SHOWN_CODES = 200


@require_http_methods(["GET", "HEAD", "POST"])
def draft_code(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """The form of one code: `?code=` names it, without one it is new."""
    revision = get_standard_draft_for(request.user, code)
    part = draft_part_of(revision, key, kind=StandardKind.CODES)
    if request.method != "POST":
        wanted = request.GET.get("code", "")
        present = next((row for row in codes_of(part.data) if row.get("code") == wanted), None)
        if wanted and present is None:
            raise Missing(_("This code is not in the table; it may have been removed."))
        initial = CodeForm.initial_of(present) if present else {"status": "active", "shown": {}}
        return _show_code(request, revision, part, key, CodeForm(initial=initial), wanted)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _show_code(request, revision, part, key, form, request.POST.get("was", ""), status=422)
    fields, was = form.fields_to_save, form.cleaned_data["was"]
    try:
        standards.save_code(part, actor=request.user, fields=fields, was=was, shown=form.shown_code)
    except EditConflict as conflict:
        stored = vars(conflict.stored)
        again = request.POST.copy()
        again["shown"] = json.dumps({name: value for name, value in stored.items() if value})
        theirs = [(form.fields[name].label, stored[name] or "–") for name in conflict.fields if name in stored]
        return _show_code(
            request, revision, part, key, CodeForm(again), was, status=409, theirs=theirs,
            editor_name=conflict.editor_name or _("Somebody"),
        )  # fmt: skip
    except Refused as error:
        form.add_error(None, error.message)
        return _show_code(request, revision, part, key, form, was, status=422)
    messages.success(request, _("%(code)s is saved.") % {"code": fields["code"]})
    return redirect("draft-part", code=code, key=key)


def _show_code(
    request: HttpRequest,
    revision: Revision,
    part: StandardPart,
    key: str,
    form: CodeForm,
    was: str,
    *,
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    published = {row.get("code") for row in standards.published_codes(revision, part)} if was else set()
    context = {
        "revision": revision,
        "part": part,
        "key": key,
        "form": form,
        "was": was,
        "is_published": was in published,
        **extra,
    }
    return render(request, "standards/draft_code.html", context, status=status)


@require_POST
def draft_code_remove(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Take a code out that was never published."""
    revision = get_standard_draft_for(request.user, code)
    part = draft_part_of(revision, key, kind=StandardKind.CODES)
    wanted = request.POST.get("code", "")
    standards.remove_code(part, actor=request.user, code=wanted)
    messages.success(request, _("%(code)s was removed.") % {"code": wanted})
    return redirect("draft-part", code=code, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_codes_import(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Read a file, show what it would do to the table, and take it over when that is confirmed."""
    revision = get_standard_draft_for(request.user, code)
    part = draft_part_of(revision, key, kind=StandardKind.CODES)
    if "codes" in request.POST:
        return _take_over(request, revision, part, key)
    form = CodesFileForm(request.POST or None, request.FILES or None)
    context = {"revision": revision, "part": part, "key": key, "form": form}
    if not form.is_valid():
        return render(request, "standards/codes_import.html", context, status=422 if form.is_bound else 200)
    published = standards.published_codes(revision, part)
    plan = plan_import(
        codes_of(part.data), form.cleaned_data["file"], replaces=form.is_replacing, published=published, day=today()
    )
    if problems := problems_of_codes(plan.codes):
        for problem in problems:
            form.add_error("file", problem.sentence)
        return render(request, "standards/codes_import.html", context, status=422)
    take_over = TakeOverForm(
        initial={"version": standards.version_of(part), "codes": plan.codes}, auto_id="take-over-%s"
    )
    changed = {*plan.added, *plan.changed, *plan.deprecated}
    shown = [row for row in plan.codes if row["code"] in changed]
    context |= {
        "plan": plan,
        "take_over": take_over,
        "shown": shown[:SHOWN_CODES],
        "left_out": max(len(shown) - SHOWN_CODES, 0),
    }
    return render(request, "standards/codes_import.html", context)


def _take_over(request: HttpRequest, revision: Revision, part: StandardPart, key: str) -> HttpResponse:
    form = TakeOverForm(request.POST)
    if not form.is_valid():
        raise Refused(_("These codes cannot be read. Choose the file again."))
    saved = standards.take_over_codes(
        part, actor=request.user, version=form.cleaned_data["version"], codes=form.cleaned_data["codes"]
    )
    count = len(codes_of(saved.data))
    words = ngettext("The table has %(count)d code now.", "The table has %(count)d codes now.", count)
    messages.success(request, words % {"count": count})
    return redirect("draft-part", code=revision.procedure.code, key=key)
