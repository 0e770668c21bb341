"""Variants and translations: starting one, what differs from the parent, and what the source has changed since."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from procedures.actions import relatives as actions
from procedures.comparing import ADDED, CHANGED, REMOVED, Comparison, Fold, compare
from procedures.forms.relatives import ReasonForm, SettleForm, TranslationForm, VariantForm
from procedures.models import Procedure, Revision
from procedures.permissions import (
    can_edit,
    can_write_for,
    departments_to_author,
    get_current_for,
    get_draft_for,
    get_open_for,
    get_procedure_for,
    get_source_for,
    sees_trail,
)
from procedures.queries import revision_in_force
from procedures.redline.fields import DETAIL_LABELS, Part, detail_parts, redline_parts, step_parts
from procedures.relatives import (
    Following,
    Point,
    PointKind,
    Relation,
    content_of_source,
    following_of,
    relations,
    says_the_same,
)
from procedures.states import State
from procedures.views.comparison import CLEAN, SIDE, VIEWS, ShownRow, choices, chosen, named_step, shown_rows
from roles.models import Department, User
from sopdesk.lib.errors import Missing, NotPermitted, Refused

# Starting ----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def variant_new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for what a variant begins with, and open its draft."""
    source = get_current_for(request.user, code)
    form = VariantForm(request.POST or None, source=source, departments=_departments(request.user), owner=request.user)
    if form.is_valid():
        try:
            draft = actions.make_variant(source, actor=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error("code", error.message)
        else:
            messages.success(
                request, _("%(code)s is begun. Change, add or leave out steps.") % {"code": draft.procedure}
            )
            return redirect("draft", code=draft.procedure.code)
    return _show_start(request, "procedures/variant_new.html", form, source)


@require_http_methods(["GET", "HEAD", "POST"])
def translation_new(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for what a translation begins with, and open the translation editor."""
    source = get_current_for(request.user, code)
    departments = _departments(request.user)
    if source.procedure.translation_of_id:
        raise NotPermitted(_("This is a translation itself. Translate the original."))
    taken = actions.languages_of(source.procedure)
    form = TranslationForm(
        request.POST or None, source=source, departments=departments, owner=request.user, taken=taken
    )
    if form.is_valid():
        try:
            draft = actions.start_translation(source, actor=request.user, **form.cleaned_data)
        except Refused as error:
            form.add_error("code", error.message)
        else:
            messages.success(request, _("%(code)s is begun. Translate it step by step.") % {"code": draft.procedure})
            return redirect("translate", code=draft.procedure.code)
    return _show_start(request, "procedures/translation_new.html", form, source)


def _departments(user: User) -> list[Department]:
    departments = list(departments_to_author(user))
    if not departments:
        raise NotPermitted(_("Only authors start procedures, for their own department."))
    return departments


def _show_start(
    request: HttpRequest, template: str, form: VariantForm | TranslationForm, source: Revision
) -> HttpResponse:
    context = {"form": form, "source": source}
    return render(request, template, context, status=422 if form.is_bound else 200)


# Differences -------------------------------------------------------------------------------------------------


SIDE_BY_SIDE = {name: label for name, label in VIEWS.items() if name != CLEAN}
RELATION_OF = {ADDED: Relation.ADDED, REMOVED: Relation.LEFT_OUT, CHANGED: Relation.REPLACED}


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A step or fold of the comparison with the parent: what the step is to the parent's, "" where that is moved or
    as it was, and why it was left out."""

    shown: ShownRow
    relation: str = ""
    reason: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def differences(request: HttpRequest, code: str) -> HttpResponse:
    """What a variant says otherwise than its parent; `?draft` asks for the one that is being written, where a writer
    says why a step is left out."""
    if request.method == "POST":
        return _explain(request, code)
    is_draft = "draft" in request.GET
    revision = get_open_for(request.user, code) if is_draft else get_current_for(request.user, code)
    source = get_source_for(request.user, revision.procedure)
    base = content_of_source(revision)
    if base is None or revision.procedure.variant_of_id is None:
        raise Missing()
    own = following_of(revision, source).content
    comparison = compare(base, own, says_the_same=says_the_same)
    found = relations(base, own)
    view = chosen(request, "view", SIDE_BY_SIDE)
    context = {
        "revision": revision,
        "procedure": revision.procedure,
        "source": source,
        "base": revision.source,
        "may_explain": revision.is_editable and can_edit(request.user, revision),
        "language": own["language"],
        "comparison": comparison,
        "rows": _difference_rows(comparison, revision.source_notes.get("left_out", {})),
        "counts": [(relation, sum(row.relation == relation for row in found)) for relation in Relation],
        "side": view == SIDE,
        "views": choices(request, request.path, "view", SIDE_BY_SIDE, view),
    }
    return render(request, "procedures/differences.html", context)


def _explain(request: HttpRequest, code: str) -> HttpResponse:
    draft = get_draft_for(request.user, code)
    get_source_for(request.user, draft.procedure)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refused(_("This reason was not understood. Nothing was changed."))
    actions.explain_left_out(
        draft, actor=request.user, uid=str(form.cleaned_data["uid"]), reason=form.cleaned_data["reason"]
    )
    messages.success(request, _("The reason is saved."))
    return redirect(f"{reverse('differences', args=[code])}?draft=1")


def _difference_rows(comparison: Comparison, reasons: dict[str, str]) -> list[DifferenceRow]:
    return [
        DifferenceRow(shown)
        if isinstance(shown.row, Fold)
        else DifferenceRow(shown, RELATION_OF.get(shown.row.kind, ""), reasons.get(shown.row.step["uid"], ""))
        for shown in shown_rows(comparison)
    ]


# Changes of the source ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One open point: what changed in the source beside what the own text says, and the two ways to settle it.

    `take` is empty where the words cannot be taken over. `version` is that of the own step.
    """

    point: Point
    title: str
    state: str
    changed: list[Part]
    ours: list[Part]
    take: str
    keep: str
    asks_reason: bool = False
    version: int | None = None


STATES = {
    PointKind.CHANGED: "changed", PointKind.NEW: "added", PointKind.REMOVED: "removed", PointKind.DETAIL: "changed",
    PointKind.ORDER: "moved",
}  # fmt: skip
TAKE: dict[PointKind, str | Promise] = {
    PointKind.CHANGED: gettext_lazy("Take over the parent’s text"),
    PointKind.NEW: gettext_lazy("Add the step here"),
    PointKind.REMOVED: gettext_lazy("Remove it here too"),
    PointKind.DETAIL: gettext_lazy("Take over the parent’s text"),
}
KEEP: dict[PointKind, str | Promise] = {
    PointKind.CHANGED: gettext_lazy("Keep ours"),
    PointKind.NEW: gettext_lazy("Leave it out"),
    PointKind.REMOVED: gettext_lazy("Keep it as our own step"),
    PointKind.DETAIL: gettext_lazy("Keep ours"),
    PointKind.ORDER: gettext_lazy("The order here is right"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def source_changes(request: HttpRequest, code: str) -> HttpResponse:
    """What the parent or original has changed since it was taken into account, and a decision on one of the points."""
    procedure = get_procedure_for(request.user, code)
    source = get_source_for(request.user, procedure)
    if not sees_trail(request.user, procedure):
        raise NotPermitted(_("Only those who look after the procedure settle this."))
    if request.method == "POST":
        _settle(request, procedure)
        return redirect("source-changes", code=code)
    working = procedure.revisions.open().first() or revision_in_force(procedure)
    if working is None:
        raise Missing()
    working.procedure = procedure
    following = following_of(working, source)
    context = {
        "procedure": procedure,
        "revision": working,
        "following": following,
        "source": source,
        "rows": [_change_row(point, following) for point in following.points],
        "may_settle": can_write_for(request.user, procedure) and working.state in (State.DRAFT, State.PUBLISHED),
        "starts_draft": working.state == State.PUBLISHED,
        "language": following.content["language"],
        "source_language": following.source_content["language"],
    }
    return render(request, "procedures/source_changes.html", context)


def _settle(request: HttpRequest, procedure: Procedure) -> None:
    form = SettleForm(request.POST)
    if not form.is_valid():
        raise Refused(_("This decision was not understood. Nothing was changed."))
    data = form.cleaned_data
    if data["choice"] == "note":
        actions.note_source(procedure, actor=request.user, number=data["number"])
        messages.success(request, _("Revision %(number)d is noted as taken into account.") % {"number": data["number"]})
        return
    draft = actions.settle_point(
        procedure,
        actor=request.user,
        number=data["number"],
        kind=data["kind"],
        key=data["key"],
        take=data["choice"] == "take",
        version=data["version"],
        reason=data["reason"],
    )
    if draft.source and draft.source.number == data["number"]:
        messages.success(request, _("Everything is settled. The draft takes revision %(number)d into account.") % data)
    else:
        messages.success(request, _("Settled."))


def _change_row(point: Point, following: Following) -> ChangeRow:
    source, base, own = following.source_content, following.base_content, following.content
    step, old, ours = (
        next((step for step in content["steps"] if step["uid"] == point.key), None) for content in (source, base, own)
    )
    take = str(TAKE.get(point.kind, ""))
    if following.is_translation and point.kind in (PointKind.CHANGED, PointKind.DETAIL):
        take = ""
    common: dict[str, Any] = {"point": point, "state": STATES[point.kind], "take": take, "keep": str(KEEP[point.kind])}
    if point.kind == PointKind.DETAIL:
        return ChangeRow(
            title=str(DETAIL_LABELS[point.key]),
            changed=_only(point.key, redline_parts(detail_parts(base), detail_parts(source))),
            ours=_only(point.key, detail_parts(own)),
            **common,
        )
    if point.kind == PointKind.ORDER:
        return ChangeRow(title=_("Order of the steps"), changed=[], ours=[], **common)
    shown = step or old or ours or {}
    changed = _changed_parts(step, old, source, base)
    names = {part.name for part in changed}
    return ChangeRow(
        title=named_step(shown, (source if step else base if old else own)["language"]),
        changed=changed,
        ours=[part for part in step_parts(ours, own) if part.name in names] if ours else [],
        asks_reason=point.kind == PointKind.NEW,
        version=following.versions.get(point.key),
        **common,
    )


def _changed_parts(step: dict | None, old: dict | None, source: dict, base: dict) -> list[Part]:
    """What the source says now, against what it said when it was taken into account."""
    if step is None:
        return step_parts(old, base) if old else []
    if old is None:
        return step_parts(step, source)
    return redline_parts(step_parts(old, base), step_parts(step, source)) or step_parts(step, source)


def _only(name: str, parts: list[Part]) -> list[Part]:
    return [part for part in parts if part.name == name]
