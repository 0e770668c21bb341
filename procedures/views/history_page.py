"""The trail on the history page, in words. The revisions above it are `procedures.timeline`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from audit import names, trail

ENTRIES_PER_PAGE = 50

TRAIL_WORDS = {
    names.PROCEDURE_ADD: gettext_lazy("Procedure begun"),
    names.PROCEDURE_CHANGE: gettext_lazy("Settings changed"),
    names.REVISION_START: gettext_lazy("Draft begun"),
    names.REVISION_SUBMIT: gettext_lazy("Submitted for approval"),
    names.REVISION_RECALL: gettext_lazy("Recalled"),
    names.REVISION_RETURN: gettext_lazy("Changes requested"),
    names.REVISION_APPROVE: gettext_lazy("Approved"),
    names.REVISION_REVOKE: gettext_lazy("Approval revoked"),
    names.REVISION_PUBLISH: gettext_lazy("Published"),
    names.REVISION_SUPERSEDE: gettext_lazy("Superseded"),
    names.REVISION_EMERGENCY: gettext_lazy("Emergency issue"),
    names.REVISION_EMERGENCY_END: gettext_lazy("Emergency issue has run out"),
    names.REVISION_CONFIRM: gettext_lazy("Reviewed, still valid"),
    names.DEVIATION_ASK: gettext_lazy("Temporary deviation asked for"),
    names.DEVIATION_APPROVE: gettext_lazy("Temporary deviation approved"),
    names.DEVIATION_REFUSE: gettext_lazy("Temporary deviation refused"),
    names.DEVIATION_RECALL: gettext_lazy("Temporary deviation taken back"),
    names.DEVIATION_END: gettext_lazy("Temporary deviation over"),
    names.REVISION_WITHDRAW: gettext_lazy("Withdrawn"),
    names.REVISION_DISCARD: gettext_lazy("Draft discarded"),
    names.ROUND_REMIND: gettext_lazy("Reminder sent"),
    names.ROUND_ESCALATE: gettext_lazy("Told who is above that a decision is late"),
    names.ROUND_STUCK: gettext_lazy("Told that nobody can decide"),
    names.SLOT_REASSIGN: gettext_lazy("Somebody else put into a place"),
    names.REVISION_ACKNOWLEDGE: gettext_lazy("Read and understood"),
    names.REMARK_ADD: gettext_lazy("Change suggested"),
    names.REMARK_ANSWER: gettext_lazy("Suggestion answered"),
    names.REMARK_POSTPONE: gettext_lazy("Suggestion left for a later revision"),
    names.REMARK_SOLVE: gettext_lazy("Changed as suggested"),
    names.REMARK_UNSOLVE: gettext_lazy("Change that was suggested is no longer in force"),
    names.REMARK_REOPEN: gettext_lazy("Suggestion open again"),
    names.REMARK_CLOSE: gettext_lazy("Suggestion closed"),
    names.REVISION_IMPORT: gettext_lazy("Imported"),
    names.COMMENT_ADD: gettext_lazy("Comment written"),
    names.COMMENT_RESOLVE: gettext_lazy("Comment resolved"),
    names.COMMENT_REOPEN: gettext_lazy("Comment opened again"),
    names.COMMENT_DELETE: gettext_lazy("Comment taken back"),
    names.REVISION_FOLLOW: gettext_lazy("Changes of the source settled"),
    names.GUEST_INVITE: gettext_lazy("Somebody invited to comment"),
    names.GUEST_REMOVE: gettext_lazy("Invitation to comment taken back"),
    names.SHARE_ADD: gettext_lazy("Shared by link"),
    names.SHARE_OPEN: gettext_lazy("Link opened for the first time"),
    names.SHARE_REVOKE: gettext_lazy("Link revoked"),
    names.SHARE_END: gettext_lazy("Link ended"),
    names.TASK_LINK: gettext_lazy("Linked to a task of the inventory"),
    names.TASK_UNLINK: gettext_lazy("Task of the inventory unlinked"),
    names.REVISION_FILL: gettext_lazy("Draft filled"),
    names.PROCEDURE_PACK: gettext_lazy("Auditor’s pack taken"),
}


@dataclass(frozen=True, slots=True)
class TrailRow:
    """An entry of the trail in words. `is_intact` says whether it is as it was written."""

    entry: Any
    what: str
    is_intact: bool

    @property
    def number(self) -> int | None:
        """The revision that it tells of."""
        return self.entry.data.get("number")


def trail_rows(entries: Iterable[Any]) -> list[TrailRow]:
    return [
        TrailRow(entry, TRAIL_WORDS.get(entry.name, entry.name), trail.entry_hash(entry) == entry.hash)
        for entry in entries
    ]
