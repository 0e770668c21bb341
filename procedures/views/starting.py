"""Beginning a procedure: first with what, then the facts."""

from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procedures.actions.starting import BLANK, Beginning, beginning_of_copy, beginning_of_template, start_procedure
from procedures.forms.starting import StartForm
from procedures.inventory.permissions import get_task_to_start_from
from procedures.models import InventoryTask, ProcedureTemplate, Revision
from procedures.permissions import (
    departments_to_author,
    get_latest_for,
    get_revision_for,
    library_revisions_for,
    templates_visible_to,
)
from procedures.search import suggest
from roles.models import User
from roles.queries import today
from sopdesk.lib.errors import Missing, NotPermitted, Refused

FOUND = 8


@dataclass(frozen=True, slots=True)
class Start:
    """What the address says about the beginning. Each is None unless it was chosen and may be."""

    template: ProcedureTemplate | None = None
    source: Revision | None = None
    task: InventoryTask | None = None
    is_chosen: bool = False

    @classmethod
    def read(cls, request: HttpRequest) -> "Start":
        """Raises Missing for what the person may not see, and what `get_task_to_start_from` raises."""
        user, asked = request.user, request.GET
        if task := asked.get("task"):
            return cls(task=get_task_to_start_from(user, _number(task)), is_chosen=True)
        if code := asked.get("copy"):
            number = asked.get("revision")
            source = get_revision_for(user, code, _number(number)) if number else get_latest_for(user, code)
            return cls(source=source, is_chosen=True)
        if pk := asked.get("template"):
            template = templates_visible_to(user).filter(is_active=True, pk=_number(pk)).first()
            if template is None:
                raise Missing(_("This template is no longer offered. Choose another one."))
            return cls(template=template, is_chosen=True)
        return cls(is_chosen="begin" in asked)

    def beginning(self, chosen: ProcedureTemplate | None, user: User) -> Beginning:
        if self.source is not None:
            return beginning_of_copy(self.source, actor=user)
        return beginning_of_template(chosen) if chosen else BLANK


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise Missing()
    return int(value)


@require_http_methods(["GET", "HEAD", "POST"])
def procedure_new(request: HttpRequest) -> HttpResponse:
    """Ask what a procedure begins with, then for its facts, and open its draft."""
    departments = list(departments_to_author(request.user))
    if not departments:
        raise NotPermitted(_("Only authors start procedures, for their own department."))
    start = Start.read(request)
    if request.method != "POST" and not start.is_chosen:
        return _choose(request)
    form = StartForm(
        request.POST or None,
        departments=departments,
        owner=request.user,
        template=start.template,
        source=start.source,
        task=start.task,
    )
    if form.is_valid():
        facts = dict(form.cleaned_data)
        beginning = start.beginning(facts.pop("template", None), request.user)
        try:
            revision = start_procedure(actor=request.user, beginning=beginning, task=start.task, **facts)
        except Refused as error:
            form.add_error("code", error.message)
        else:
            messages.success(request, _("%(code)s is begun.") % {"code": revision.procedure.code})
            return redirect("draft", code=revision.procedure.code)
    return render(request, "procedures/new.html", {"form": form, "start": start}, status=422 if form.is_bound else 200)


def _choose(request: HttpRequest) -> HttpResponse:
    """The beginnings on offer: own language first; procedures to copy once somebody has said which."""
    templates = list(
        templates_visible_to(request.user).filter(is_active=True).defer("content").order_by("language", "name")
    )
    mine = (get_language() or "en")[:2]
    groups = [(_language_name(code), code, list(rows)) for code, rows in groupby(templates, lambda row: row.language)]
    groups.sort(key=lambda group: group[1] != mine)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    context = {"groups": groups, "words": words, "found": _found(request.user, words) if words else []}
    return render(request, "procedures/start.html", context)


def _found(user: User, words: str) -> list[Revision]:
    readable = library_revisions_for(user, today())
    ids = suggest(words, readable, limit=FOUND)
    shown = readable.filter(pk__in=ids).select_related("procedure").only("title", "language", "procedure__code")
    rows = shown.in_bulk() if ids else {}
    return [rows[pk] for pk in ids if pk in rows]


def _language_name(code: str) -> str:
    try:
        return get_language_info(code)["name_translated"].capitalize()
    except KeyError:
        return code
