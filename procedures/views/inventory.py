"""The task inventory: the list with the picture of its coverage, and tables in and out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from procedures.actions.inventory import import_tasks
from procedures.forms.inventory import AgreeSheetForm, SheetForm, TaskFilterForm, packed
from procedures.inventory.coverage import FREQUENCIES, coverage_of
from procedures.inventory.listing import rows_of, tasks_matching
from procedures.inventory.permissions import check_sees_inventory, departments_to_list_for, tasks_visible_to
from procedures.inventory.sheet import Plan, plan_of, sample_table, table_of
from procedures.inventory.status import FREQUENCY_WEIGHT, GAP_WEIGHT, HIGHEST, TaskStatus, factor
from procedures.models import Frequency
from roles.models import Department
from roles.queries import today
from roles.views.common import page_of
from sopdesk.lib.errors import NotPermitted, Refused
from sopdesk.lib.sheets import CSV_TYPE, XLSX_TYPE, Value, write_csv, write_xlsx

FAULTS_SHOWN = 100


@require_safe
def inventory(request: HttpRequest) -> HttpResponse:
    """Coverage of all departments, and the tasks that fit the filters, most urgent first."""
    check_sees_inventory(request.user)
    form = TaskFilterForm(request.GET)
    page = page_of(request, tasks_matching(request.user, **form.criteria()))
    page.object_list = list(rows_of(request.user, page.object_list))
    filters = [name for name in form.fields if name != "order"]
    context = {
        "form": form,
        "page": page,
        "is_filtered": any(request.GET.get(name) for name in filters),
        "coverage": coverage_of(tasks_visible_to(request.user), Department.objects.all(), today()),
        "frequencies": FREQUENCIES,
        "statuses": TaskStatus,
        "may_write": departments_to_list_for(request.user).exists(),
        "query": request.GET.urlencode(),
        "highest": HIGHEST,
        "frequency_weights": [(Frequency(name).label, factor(weight)) for name, weight in FREQUENCY_WEIGHT.items()],
        "gap_weights": [(TaskStatus(name).label, factor(weight)) for name, weight in GAP_WEIGHT.items()],
    }
    return render(request, "procedures/inventory.html", context)


@require_safe
def inventory_export(request: HttpRequest, format: str) -> HttpResponse:
    """The tasks that fit the filters, in the order of the page, as CSV or XLSX."""
    check_sees_inventory(request.user)
    tasks = tasks_matching(request.user, **TaskFilterForm(request.GET).criteria())
    return _file(list(table_of(rows_of(request.user, tasks))), format, name=_("task-inventory"))


@require_safe
def inventory_sample(request: HttpRequest, format: str) -> HttpResponse:
    """A table to fill in and import."""
    check_sees_inventory(request.user)
    return _file(sample_table(), format, name=_("task-inventory-sample"))


@require_http_methods(["GET", "HEAD", "POST"])
def inventory_import(request: HttpRequest) -> HttpResponse:
    """The first POST brings a table and is answered by what would change, the second agrees to it."""
    check_sees_inventory(request.user)
    if not departments_to_list_for(request.user).exists():
        raise NotPermitted(_("Only authors and administrators import tasks."))
    if "rows" in request.POST:
        return _agree(request, AgreeSheetForm(request.POST))
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if not form.is_valid():
        return render(request, "procedures/inventory_import.html", {"form": form}, status=422 if form.is_bound else 200)
    agree = AgreeSheetForm(initial={"filename": form.cleaned_data["file"].name, "rows": packed(form.lines)})
    return _preview(request, agree, plan_of(form.lines, actor=request.user))


def _agree(request: HttpRequest, form: AgreeSheetForm) -> HttpResponse:
    if not form.is_valid():
        raise Refused(_("The table did not come through. Choose the file again."))
    try:
        plan = import_tasks(form.lines, actor=request.user, filename=form.cleaned_data["filename"])
    except Refused as error:
        form.add_error(None, error.message)
        return _preview(request, form, plan_of(form.lines, actor=request.user))
    added, changed = len(plan.new), len(plan.changed)
    sentences = [
        ngettext("%(number)d task was added.", "%(number)d tasks were added.", added) % {"number": added},
        ngettext("%(number)d task was changed.", "%(number)d tasks were changed.", changed) % {"number": changed},
    ]
    messages.success(request, " ".join(sentences))
    return redirect("inventory")


def _preview(request: HttpRequest, form: AgreeSheetForm, plan: Plan) -> HttpResponse:
    context = {
        "form": form,
        "plan": plan,
        "faults": plan.faults[:FAULTS_SHOWN],
        "more_faults": max(0, len(plan.faults) - FAULTS_SHOWN),
        "filename": form["filename"].value(),
    }
    status = 422 if plan.faults or form.errors else 200
    return render(request, "procedures/inventory_preview.html", context, status=status)


def _file(table: list[list[Value]], format: str, *, name: str) -> HttpResponse:
    if format == "xlsx":
        response = HttpResponse(write_xlsx(table, title=_("Task inventory")), content_type=XLSX_TYPE)
    else:
        response = HttpResponse(write_csv(table), content_type=CSV_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.{format}"'
    return response
