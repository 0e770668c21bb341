"""What the trail says about a task, in words for its page."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit import names, trail
from procedures.inventory.permissions import covers_for
from procedures.models import InventoryTask, Procedure
from roles.history import Event, events_of
from roles.models import User

WORDS: dict[str, str | Promise] = {
    names.TASK_ADD: pgettext_lazy("task", "Added"),
    names.TASK_CHANGE: pgettext_lazy("task", "Changed"),
    names.TASK_RULE_OUT: _("Marked as not needed"),
    names.TASK_BRING_BACK: _("Needed after all"),
    names.TASK_LINK: _("Procedure linked"),
    names.TASK_UNLINK: _("Procedure unlinked"),
}


def history_of(user: User, task: InventoryTask) -> list[Event]:
    """The latest events of `task`, newest first. Codes are shown when `user` may read every procedure among them."""
    codes = set(_codes(task))
    ids = Procedure.objects.filter(code__in=codes).values_list("pk", flat=True) if codes else []
    readable = {cover.code for cover in covers_for(user, ids).values()}
    return events_of(task, words=WORDS, unseen=("file",) if codes <= readable else ("file", "procedure"))


def _codes(task: InventoryTask) -> Iterable[str]:
    """Every code that the trail of `task` names."""
    for data in trail.entries_for(task).values_list("data", flat=True):
        value = data.get("procedure")
        found = value.values() if isinstance(value, dict) else [value]
        yield from (str(code) for code in found if code)
