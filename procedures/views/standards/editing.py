"""The parts of a standard in the editor: added, written, moved, removed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import standards
from procedures.drafting import roles_to_choose
from procedures.errors import EditConflict
from procedures.forms.procedures import PositionForm
from procedures.forms.rows import posted_texts, shown_value
from procedures.forms.standards import FORMS, NewPartForm, PartForm
from procedures.models import Revision, StandardKind, StandardPart
from procedures.permissions import get_draft_for
from procedures.standards.codes import codes_of
from procedures.standards.kinds import part_problems, summary_of
from procedures.views.standards.common import draft_part_of, get_standard_draft_for, keys_of, page_of_codes
from sopdesk.lib.errors import InvalidTransition, Missing, Refused


@require_http_methods(["GET", "HEAD", "POST"])
def draft_parts(request: HttpRequest, code: str) -> HttpResponse:
    """The parts of a draft in their order, and the form that adds one."""
    revision = get_standard_draft_for(request.user, code)
    form = NewPartForm(request.POST or None)
    if form.is_valid():
        try:
            part = standards.add_part(revision, actor=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("“%(name)s” is begun.") % {"name": part.name})
            return redirect("draft-part", code=code, key=part.data["key"])
    parts = list(revision.standardparts.order_by("position"))
    rows = [
        {
            "part": part,
            "key": key,
            "summary": summary_of(standards.part_as_dict(part)),
            "is_ready": not part_problems(part.kind, part.data),
        }
        for key, part in zip(keys_of(parts), parts, strict=True)
    ]
    context = {"revision": revision, "form": form, "rows": rows}
    return render(request, "standards/draft_parts.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_part(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """The form of one part, and its saving."""
    if request.method != "POST":
        revision = get_standard_draft_for(request.user, code)
        part = draft_part_of(revision, key)
        return _show(request, revision, part, key, _form_of(revision, part))
    revision = get_draft_for(request.user, code)
    try:
        return _save(request, revision, draft_part_of(revision, key), key)
    except (InvalidTransition, Missing) as error:  # submitted or removed meanwhile: the text is given back
        texts = [
            (label, text) for form in dict.fromkeys(FORMS.values()) for label, text in posted_texts(form, request.POST)
        ]
        context = {"revision": revision, "message": error.message, "texts": list(dict.fromkeys(texts)), "removed": None}
        return render(request, "procedures/draft_closed.html", context, status=error.status)


def _save(request: HttpRequest, revision: Revision, part: StandardPart, key: str) -> HttpResponse:
    form = _form_of(revision, part, request.POST)
    if not form.is_valid():
        return _show(request, revision, part, key, form, status=422)
    try:
        standards.save_part(part, actor=request.user, version=form.cleaned_data["version"], fields=form.details)
    except EditConflict as conflict:
        return _conflict(request, revision, part, key, form, conflict)
    except Refused as error:
        form.add_error(None, error.message)
        return _show(request, revision, part, key, form, status=422)
    messages.success(request, _("Saved."))
    return redirect("draft-part", code=revision.procedure.code, key=key)


def _conflict(
    request: HttpRequest, revision: Revision, part: StandardPart, key: str, form: PartForm, conflict: EditConflict
) -> HttpResponse:
    """The sender's text stays in the form, the stored one stands beside it; the next save counts from the latter."""
    stored = conflict.stored
    assert isinstance(stored, StandardPart)  # nosec B101  what the action said
    theirs = _form_of(revision, stored)
    shown = [
        (theirs[name].label, shown_value(theirs[name]))
        for name, field in theirs.fields.items()
        if name != "version" and field.has_changed(theirs[name].initial, form[name].value())
    ]
    again = request.POST.copy()
    again["version"] = standards.version_of(stored)
    extra = {"theirs": shown, "editor_name": conflict.editor_name or _("Somebody")}
    return _show(request, revision, part, key, _form_of(revision, stored, again), status=409, **extra)


def _form_of(revision: Revision, part: StandardPart, data: Any = None) -> PartForm:
    form_class = FORMS[part.kind]
    roles = roles_to_choose(revision) if part.kind == StandardKind.STORAGE else []
    initial = form_class.initial_of(part, standards.version_of(part)) if data is None else None
    return form_class(data, initial=initial, roles=roles)


def _show(
    request: HttpRequest,
    revision: Revision,
    part: StandardPart,
    key: str,
    form: PartForm,
    *,
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    context: dict[str, Any] = {
        "revision": revision,
        "part": part,
        "key": key,
        "form": form,
        "count": revision.standardparts.count(),
        "problems": [problem.sentence for problem in part_problems(part.kind, part.data)],
        "try_address": reverse("revision-part", args=[revision.procedure.code, revision.number, key]),
        **extra,
    }
    if part.kind == StandardKind.CODES:
        context["page_obj"], context["words"], context["status"] = page_of_codes(codes_of(part.data), request.GET)
        context["total"] = len(codes_of(part.data))
    return render(request, "standards/draft_part.html", context, status=status)


@require_POST
def draft_part_move(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Put a part elsewhere in the order."""
    revision = get_standard_draft_for(request.user, code)
    part = draft_part_of(revision, key)
    form = PositionForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say as a number where the part goes."))
    moved = standards.move_part(part, actor=request.user, position=form.cleaned_data["position"])
    messages.success(
        request, _("“%(name)s” stands at place %(number)d now.") % {"name": moved.name, "number": moved.position}
    )
    return redirect("draft-parts", code=code)


@require_POST
def draft_part_remove(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """Take a part out of the draft."""
    revision = get_standard_draft_for(request.user, code)
    part = draft_part_of(revision, key)
    standards.remove_part(part, actor=request.user)
    messages.success(request, _("“%(name)s” was removed from the draft.") % {"name": part.name})
    return redirect("draft-parts", code=code)
