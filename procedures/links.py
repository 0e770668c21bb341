"""Who refers to a procedure by its code, and which references lead nowhere."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from procedures.models import CodeLink, Procedure, Revision, Step
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for, reads_everything
from procedures.states import State
from roles.models import User
from roles.queries import today

MAX_LISTED = 500


class Broken(StrEnum):
    """Why a reference leads nowhere."""

    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True)
class LinkingText:
    """A revision in force that refers to a code: in the steps `numbers`, and (`is_around`) before or after them."""

    revision: Revision
    numbers: list[int]
    is_around: bool


@dataclass(slots=True)
class BrokenLink:
    """A code that a revision in force refers to in vain."""

    revision: Revision
    code: str
    why: Broken
    numbers: list[int] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        return sentence_of(self.code, self.why)


def sentence_of(code: str, why: Broken) -> str:
    """Why the reference to `code` is broken, in words."""
    match why:
        case Broken.MISSING:
            return _("%(code)s does not exist.") % {"code": code}
        case Broken.WITHDRAWN:
            return _("%(code)s was withdrawn.") % {"code": code}
        case _:
            return _("%(code)s is not in force yet.") % {"code": code}


def links_to(user: User, code: str) -> list[LinkingText]:
    """The texts in force that refer to `code` and that `user` may read, by code; three queries."""
    found = CodeLink.objects.filter(code=code, revision__in=library_revisions_for(user, today()))
    rows = list(found.values_list("revision_id", "step_uid")[:MAX_LISTED])
    revisions = (
        Revision.objects.filter(pk__in={pk for pk, _uid in rows})
        .select_related("procedure")
        .defer("content", "rendered")
        .order_by("procedure__code")
    )
    numbers = _numbers_of(rows)
    around = {pk for pk, uid in rows if uid is None}
    return [LinkingText(revision, numbers[revision.pk], revision.pk in around) for revision in revisions]


def sees_broken_links(user: User) -> bool:
    """Whether the report of broken links is for `user`: authors, auditors and administrators."""
    return user.is_active and (user.is_author or reads_everything(user))


def revisions_reported_to(user: User) -> RevisionQuerySet:
    """The texts in force whose broken links `user` is told: an author those of the own department, auditors and
    administrators all."""
    in_force = Revision.objects.in_force(today())
    if reads_everything(user):
        return in_force
    if user.is_author and user.department_id:
        return in_force.filter(procedure__department_id=user.department_id)
    return in_force.none()


def broken_links(user: User) -> list[BrokenLink]:
    """The references in texts in force that lead nowhere, as far as they concern `user`; five queries at most."""
    in_force = Revision.objects.in_force(today())
    rows = list(
        CodeLink.objects.filter(revision__in=revisions_reported_to(user))
        .exclude(code__in=in_force.values("procedure__code"))
        .order_by("code", "revision_id")
        .values_list("revision_id", "step_uid", "code")[:MAX_LISTED]
    )
    if not rows:
        return []
    why = why_broken({code for _pk, _uid, code in rows})
    revisions = (
        Revision.objects.select_related("procedure__owner", "procedure__department")
        .defer("content", "rendered")
        .in_bulk({pk for pk, _uid, _code in rows})
    )
    by_text: dict[tuple[int, str], list] = defaultdict(list)
    for pk, uid, code in rows:
        by_text[pk, code].append((pk, uid))
    numbers = {uid: number for uid, number in _positions([(pk, uid) for pk, uid, _code in rows])}
    return [
        BrokenLink(revisions[pk], code, why[code], sorted(numbers[row] for row in found if row in numbers))
        for (pk, code), found in by_text.items()
        if code in why
    ]


def why_broken(codes: Iterable[str]) -> dict[str, Broken]:
    """The codes among `codes` under which nothing is in force, and why; two queries, none without codes."""
    wanted = set(codes)
    if not wanted:
        return {}
    known = set(Procedure.objects.filter(code__in=wanted).values_list("code", flat=True))
    in_force = Revision.objects.in_force(today()).filter(procedure__code__in=wanted).order_by()
    live = set(in_force.values_list("procedure__code", flat=True))
    lost = known - live
    gone: set[str] = set()
    if lost:
        withdrawn = Revision.objects.filter(procedure__code__in=lost, state=State.WITHDRAWN).order_by()
        gone = set(withdrawn.values_list("procedure__code", flat=True))
    return {
        code: Broken.MISSING if code not in known else Broken.WITHDRAWN if code in gone else Broken.NOT_IN_FORCE
        for code in wanted - live
    }


def _numbers_of(rows: list[tuple]) -> dict[int, list[int]]:
    """The places of the steps in `rows` (revision, uid), by revision."""
    numbers = defaultdict(list)
    for (pk, _uid), position in _positions(rows):
        numbers[pk].append(position)
    return defaultdict(list, {pk: sorted(found) for pk, found in numbers.items()})


def _positions(rows: list[tuple]) -> list[tuple[tuple, int]]:
    wanted = {row for row in rows if row[1] is not None}
    steps = Step.objects.filter(revision_id__in={pk for pk, _uid in wanted}, uid__in={uid for _pk, uid in wanted})
    found = steps.order_by().values_list("revision_id", "uid", "position") if wanted else []
    return [((pk, uid), position) for pk, uid, position in found if (pk, uid) in wanted]
