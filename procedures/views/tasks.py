"""One task of the inventory: its page, and each thing that can be done with it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import inventory as actions
from procedures.forms.inventory import CoverForm, RuleOutForm, TaskForm
from procedures.inventory.covering import procedure_called, that_may_cover
from procedures.inventory.history import history_of
from procedures.inventory.listing import row_for
from procedures.inventory.permissions import (
    can_write_task,
    check_sees_inventory,
    departments_to_list_for,
    get_task_for,
    get_task_to_write,
)
from procedures.inventory.status import HIGHEST, TaskStatus
from procedures.models import InventoryTask, Origin
from roles.forms import ActionForm
from roles.views.common import done, posted
from sopdesk.lib.errors import NotPermitted

MAX_WORDS = 300


@require_http_methods(["GET", "HEAD", "POST"])
def task_new(request: HttpRequest) -> HttpResponse:
    """Add a task, empty or from the words of a search that found nothing (`?words=`)."""
    check_sees_inventory(request.user)
    departments = departments_to_list_for(request.user)
    if not departments.exists():
        raise NotPermitted(_("Only authors and administrators add tasks."))
    words = " ".join(request.GET.get("words", "").replace("\x00", "").split())[:MAX_WORDS]
    initial = {
        "title": capfirst(words)[: actions.TITLE_LENGTH],
        "search_words": words,
        "department": departments.first(),
    }
    form = TaskForm(posted(request), departments=departments, initial=initial)
    if request.method == "POST":
        task = done(form, lambda: _add(request, form))
        if task:
            messages.success(request, _("“%(name)s” was added to the inventory.") % {"name": task})
            return redirect("task", task.pk)
    context = {"form": form, "words": form["search_words"].value()}
    return render(request, "procedures/task_new.html", context, status=form.status)


def _add(request: HttpRequest, form: TaskForm) -> InventoryTask:
    words = form.cleaned_data["search_words"]
    return actions.add_task(
        actor=request.user,
        department=form.cleaned_data["department"],
        title=form.cleaned_data["title"],
        fields=form.task_fields,
        origin=Origin.SEARCH if words else Origin.MANUAL,
        search_words=words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a task, what covers it, and its history; those who may change it do so here."""
    task = get_task_for(request.user, pk)
    if request.method == "POST":
        task = get_task_to_write(request.user, pk)
        form = TaskForm(request.POST, instance=task, departments=departments_to_list_for(request.user))
        if done(form, lambda: actions.change_task(task, actor=request.user, fields=form.offered, base=form.began)):
            messages.success(request, _("%(name)s was saved.") % {"name": task})
            return redirect("task", pk)
        return _page(request, task, form=form)
    return _page(request, task)


@require_POST
def task_rule_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that no procedure is needed, and why."""
    task = get_task_to_write(request.user, pk)
    form = RuleOutForm(request.POST)

    def rule_out() -> InventoryTask:
        return actions.rule_out_task(task, actor=request.user, reason=form.cleaned_data["reason"])

    return _answer(request, task, form, rule_out, _("Marked as not needed."), rule_out=form)


@require_POST
def task_bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that no procedure is needed."""
    actions.bring_back_task(get_task_to_write(request.user, pk), actor=request.user)
    messages.success(request, _("The task counts as needed again."))
    return redirect("task", pk)


@require_POST
def task_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which procedure covers the task."""
    task = get_task_to_write(request.user, pk)
    form = CoverForm(request.POST)

    def link() -> InventoryTask:
        procedure = procedure_called(request.user, form.cleaned_data["code"])
        return actions.link_task(task, actor=request.user, procedure=procedure)

    return _answer(request, task, form, link, _("The procedure was linked."), cover=form)


@require_POST
def task_unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back which procedure covers the task."""
    actions.unlink_task(get_task_to_write(request.user, pk), actor=request.user)
    messages.success(request, _("The procedure was unlinked."))
    return redirect("task", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def task_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove a task that never had a procedure."""
    task = get_task_to_write(request.user, pk)
    if request.method == "POST":
        actions.delete_task(task, actor=request.user)
        messages.success(request, _("“%(name)s” was removed from the inventory.") % {"name": task})
        return redirect("inventory")
    return render(request, "procedures/task_delete.html", {"task": task, "is_unused": actions.is_unused(task)})


def _answer(
    request: HttpRequest,
    task: InventoryTask,
    form: ActionForm,
    act: Callable[[], InventoryTask],
    message: str,
    **shown: ActionForm,
) -> HttpResponse:
    """Act on the small `form`; the page comes back with it when something is wrong."""
    if done(form, act):
        messages.success(request, message)
        return redirect("task", task.pk)
    return _page(request, task, **shown)


def _page(
    request: HttpRequest,
    task: InventoryTask,
    *,
    form: TaskForm | None = None,
    cover: ActionForm | None = None,
    rule_out: ActionForm | None = None,
) -> HttpResponse:
    may_write = can_write_task(request.user, task)
    row = row_for(request.user, task)
    departments = departments_to_list_for(request.user)
    is_open = may_write and row.status == TaskStatus.NOT_WRITTEN
    context = {
        "task": task,
        "row": row,
        "highest": HIGHEST,
        "may_write": may_write,
        "form": form or (TaskForm(instance=task, departments=departments) if may_write else None),
        "cover_form": cover or CoverForm(),
        "rule_out_form": rule_out or RuleOutForm(),
        "candidates": that_may_cover(request.user, task) if is_open else [],
        "may_delete": may_write and actions.is_unused(task),
        "events": history_of(request.user, task),
    }
    sent = form or cover or rule_out
    return render(request, "procedures/task.html", context, status=sent.status if sent else 200)
