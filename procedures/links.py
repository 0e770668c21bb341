"""Who refers to a procedure by its code, and which references lead nowhere."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from django.utils.translation import gettext as _

from procedures.models import CodeLink, Procedure, Revision, Step, StepKind
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for, reads_everything
from procedures.states import State
from roles.models import User
from roles.queries import today

MAX_LISTED = 500
MAX_CIRCLES = 50


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


def links_from(user: User, procedure: Procedure) -> list[Revision]:
    """The texts in force that the one of `procedure` refers to or has carried out as a step, as far as `user` may read
    them, by code; two queries."""
    in_force = library_revisions_for(user, today()).filter(procedure=procedure).order_by().values("pk")
    referred = CodeLink.objects.filter(revision__in=in_force).values_list("code")
    carried_out = Step.objects.filter(revision__in=in_force, subprocedure__isnull=False).order_by()
    codes = {code for (code,) in referred.order_by().union(carried_out.values_list("subprocedure__code"))}
    return _texts(library_revisions_for(user, today()).filter(procedure__code__in=codes - {procedure.code}))


def users_of(user: User, procedure: Procedure) -> list[LinkingText]:
    """The texts in force that have `procedure` carried out as a step, as far as `user` may read them, by code; two
    queries."""
    readable = library_revisions_for(user, today())
    steps = Step.objects.filter(subprocedure=procedure, revision__in=readable.order_by().values("pk"))
    numbers: dict[int, list[int]] = defaultdict(list)
    for revision, position in steps.order_by("position").values_list("revision_id", "position")[:MAX_LISTED]:
        numbers[revision].append(position)
    texts = _texts(Revision.objects.filter(pk__in=numbers)) if numbers else []
    return [LinkingText(text, numbers[text.pk], is_around=False) for text in texts]


def _texts(revisions: RevisionQuerySet) -> list[Revision]:
    shown = revisions.select_related("procedure").defer("content", "rendered").order_by("procedure__code")
    return list(shown[:MAX_LISTED])


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
    numbers = {uid: number for uid, number in positions_of([(pk, uid) for pk, uid, _code in rows])}
    return [
        BrokenLink(revisions[pk], code, why[code], sorted(numbers[row] for row in found if row in numbers))
        for (pk, code), found in by_text.items()
        if code in why
    ]


@dataclass(frozen=True, slots=True)
class Circle:
    """Texts in force of which each leads to the next one, and the last one to the first. `is_endless`: each carries
    the next one out as a step, so that nobody who works by them comes to an end."""

    members: list[Revision]
    is_endless: bool


def circles(user: User) -> list[Circle]:
    """The circles of references that touch a text whose links `user` is told, through texts that they may read;
    endless ones first, each link in one circle. Five queries."""
    readable = library_revisions_for(user, today()).order_by()
    noted = CodeLink.objects.filter(revision__in=readable).order_by().values_list("revision_id", "code")
    linked = readable.filter(procedure__code__in=CodeLink.objects.values("code"))
    by_code = dict(linked.values_list("procedure__code", "pk"))
    carried = Step.objects.filter(revision__in=readable, kind=StepKind.SUBPROCEDURE, subprocedure__isnull=False)
    rows = carried.order_by().values_list("revision_id", "subprocedure__code")
    endless = _round_trips({(source, by_code[code]) for source, code in rows if code in by_code})
    pairs = {(source, by_code[code]) for source, code in noted if by_code.get(code, source) != source}
    mutual = _round_trips(pairs - {pair for trip in endless for pair in _pairs(trip)})
    concerned = set(revisions_reported_to(user).filter(pk__in=by_code.values()).values_list("pk", flat=True))
    trips = [(trip, True) for trip in endless] + [(trip, False) for trip in mutual]
    told = [(trip, is_endless) for trip, is_endless in trips if concerned.intersection(trip)][:MAX_LISTED]
    shown = Revision.objects.select_related("procedure").only("title", "language", "number", "procedure__code")
    texts = shown.in_bulk({pk for trip, _is_endless in told for pk in trip})
    return [Circle([texts[pk] for pk in trip], is_endless) for trip, is_endless in told]


def _round_trips(pairs: set[tuple[int, int]]) -> list[list[int]]:
    """Circles in a graph of (from, to), `MAX_CIRCLES` beyond those of two: one is looked for and its links are taken
    out, until there is none."""
    loops = [[source] for source, target in sorted(pairs) if source == target]
    twos = [[source, target] for source, target in sorted(pairs) if source < target and (target, source) in pairs]
    graph: dict[int, set[int]] = defaultdict(set)
    for source, target in pairs:
        if (target, source) not in pairs:
            graph[source].add(target)
    longer: list[list[int]] = []
    while len(longer) < MAX_CIRCLES:
        try:
            TopologicalSorter({source: sorted(graph[source]) for source in sorted(graph)}).prepare()
        except CycleError as error:
            trip = error.args[1][:0:-1]  # the sorter's graph says what comes before, so it reads from behind
            longer.append(trip)
            for source, target in _pairs(trip):
                graph[source].discard(target)
        else:
            break
    return loops + twos + longer


def _pairs(trip: list[int]) -> list[tuple[int, int]]:
    return list(zip(trip, [*trip[1:], trip[0]], strict=True))


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
    for (pk, _uid), position in positions_of(rows):
        numbers[pk].append(position)
    return defaultdict(list, {pk: sorted(found) for pk, found in numbers.items()})


def positions_of(rows: list[tuple]) -> list[tuple[tuple, int]]:
    """The places of the steps in `rows` of (revision, uid), where uid may be None; one query."""
    wanted = {row for row in rows if row[1] is not None}
    steps = Step.objects.filter(revision_id__in={pk for pk, _uid in wanted}, uid__in={uid for _pk, uid in wanted})
    found = steps.order_by().values_list("revision_id", "uid", "position") if wanted else []
    return [((pk, uid), position) for pk, uid, position in found if (pk, uid) in wanted]
