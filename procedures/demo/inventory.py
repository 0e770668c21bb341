"""The task inventory of the demo firm: listed first, and settled once the procedures are there."""

from procedures.actions import inventory as actions
from procedures.models import InventoryTask, Origin, Procedure
from roles.models import Role, User


def list_tasks(rows: list[dict]) -> None:
    """Every author lists what their department does."""
    roles = {role.name: role for role in Role.objects.all()}
    for row in rows:
        author = User.objects.select_related("department").get(email=row["by"])
        fields = {name: row[name] for name in ("description", "frequency", "pain_points", "impact", "feasibility")
                  if name in row}  # fmt: skip
        actions.add_task(
            actor=author,
            department=author.department,
            title=row["title"],
            fields={**fields, "owner_role": roles.get(row.get("role", ""))},
            origin=Origin.SEARCH if "search" in row else Origin.MANUAL,
            search_words=row.get("search", ""),
        )


def settle_tasks(rows: list[dict]) -> None:
    """Say which procedure covers a task, or why none is needed."""
    for row in rows:
        author = User.objects.select_related("department").get(email=row["by"])
        task = InventoryTask.objects.get(department=author.department, title=row["title"])
        if "covered_by" in row:
            actions.link_task(task, actor=author, procedure=Procedure.objects.get(code=row["covered_by"]))
        elif "not_needed" in row:
            actions.rule_out_task(task, actor=author, reason=row["not_needed"])
