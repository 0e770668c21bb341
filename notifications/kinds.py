"""The kinds of notices: how they read in the list.

Every kind has `templates/emails/<kind>-subject.txt`, `-body.txt` and `-body.html`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Kind:
    icon: str
    what: str | Promise


KINDS: dict[str, Kind] = {
    "revision-submitted": Kind("eye", _("Waits for your decision")),
    "revision-returned": Kind("undo", _("Returned to you with a reason")),
    "revision-approved": Kind("check", _("Approved")),
    "revision-revoked": Kind("stop", _("Approval revoked")),
    "revision-published": Kind("check-circle", _("Published")),
    "revision-emergency": Kind("alert", _("Emergency issue")),
    "emergency-ended": Kind("clock", _("Emergency issue has run out")),
    "deviation-asked": Kind("eye", _("A temporary deviation waits for your decision")),
    "deviation-approved": Kind("clock", _("Temporary deviation approved")),
    "deviation-refused": Kind("undo", _("Temporary deviation refused")),
    "deviation-ended": Kind("clock", _("Temporary deviation over")),
    "revision-confirmed": Kind("check-circle", _("Reviewed, still valid")),
    "revision-withdrawn": Kind("archive", _("Withdrawn")),
    "watched-published": Kind("bell", _("Published, and watched by you")),
    "watched-withdrawn": Kind("bell", _("Withdrawn, and watched by you")),
    "watched-confirmed": Kind("bell", _("Still valid, and watched by you")),
    "watched-emergency": Kind("bell", _("Emergency issue of what you watch")),
    "watched-emergency-ended": Kind("bell", _("Emergency issue of what you watch has run out")),
    "reading-changed": Kind("compare", _("Changed since you confirmed it")),
    "parent-changed": Kind("compare", _("The parent of your variant has changed")),
    "original-changed": Kind("compare", _("The original of your translation has changed")),
    "revision-reminded": Kind("clock", _("Still waits for your decision")),
    "round-overdue": Kind("clock", _("A decision is late")),
    "round-stuck": Kind("alert", _("Somebody is missing to decide")),
    "slot-reassigned": Kind("person", _("Somebody else decides")),
    "absence-set": Kind("person", _("Your absence")),
    "deputy-named": Kind("person", _("You stand in for somebody")),
    "deputy-ended": Kind("person", _("You stand in no longer")),
    "person-added": Kind("person", _("Your account is ready")),
    "signing-locked": Kind("lock", _("Signing locked")),
    "manual-ready": Kind("library", _("Your manual is ready")),
    "manual-failed": Kind("alert", _("Your manual could not be made")),
    "verification-failed": Kind("stop", _("Integrity alarm")),
    "comment-added": Kind("comment", _("New comment")),
    "remark-added": Kind("flag", _("A change is suggested")),
    "remark-answered": Kind("flag", _("Your suggestion is answered")),
    "remark-solved": Kind("check-circle", _("Changed as you suggested")),
    "remark-closed": Kind("archive", _("Your suggestion is closed")),
    "link-shared": Kind("link", _("Shared by link")),
    "review-invited": Kind("comment", _("You are asked for comments")),
}

GATHERED = tuple(kind for kind in KINDS if kind.startswith("watched-"))
"""Kinds that people may have mailed once a day, all in one (`User.watch_mail`)."""

StillFor = Callable[[int, dict[str, object]], bool]
"""Whether a notice is still for its recipient (by id), by what its context says."""

SENT_IF: dict[str, StillFor] = {}
"""Kinds whose mail is asked about once more just before it goes out; apps above put their rule here when they load."""
