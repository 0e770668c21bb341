"""The parent, the original, the variants and translations of a procedure, and who lags behind whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.core.cache import cache
from django.db.models import Q

from procedures.content import revision_content
from procedures.models import Procedure, Revision, Step
from procedures.permissions import in_audience, library_revisions_for
from procedures.relatives.comparing import Point, PointKind, StepRelation, lag, relations
from procedures.states import OPEN_STATES, State
from roles.models import User
from roles.queries import today

KEPT_SECONDS = 24 * 3600


def source_of(procedure: Procedure) -> int | None:
    """The id of the procedure whose text this one follows: its parent or its original."""
    return procedure.variant_of_id or procedure.translation_of_id


# The family --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Relatives:
    """The relatives of a procedure that one person may read, each by the revision that readers follow.

    `source` is the parent or original; None when there is none, or (`is_hidden`) none that this person may read.
    `translations` are all others of one set, the original among them.
    """

    source: Revision | None = None
    is_hidden: bool = False
    translations: list[Revision] = field(default_factory=list)
    variants: list[Revision] = field(default_factory=list)

    def in_language(self, language: str) -> Revision | None:
        """The text of the set in `language`."""
        return next((revision for revision in self.translations if revision.language == language), None)

    @property
    def marks(self) -> tuple[object, ...]:
        """What a page shows of them, as a value that changes when it would."""
        rows = [self.source, *self.translations, *self.variants]
        shown = tuple((row.pk, row.title, str(row.procedure.department)) for row in rows if row)
        return (shown, self.is_hidden)


def relatives_of(user: User, procedure: Procedure) -> Relatives:
    """The relatives of `procedure` that `user` may read; one query."""
    original = procedure.translation_of_id or procedure.pk
    family = (
        Q(procedure__translation_of=original) | Q(procedure__variant_of=procedure.pk)
        | Q(procedure__in=[pk for pk in (procedure.variant_of_id, procedure.translation_of_id) if pk])
    )  # fmt: skip
    readable = Revision.objects.lasting(today()) | Revision.objects.filter(state=State.WITHDRAWN)
    found = list(
        readable.filter(family, in_audience(user, today()))
        .exclude(procedure=procedure.pk)
        .select_related("procedure__department")
        .only(
            "number", "title", "language", "state", "content_hash", "procedure__code", "procedure__variant_of",
            "procedure__translation_of", "procedure__department__code", "procedure__department__name",
        )
        .order_by("procedure__code")
    )  # fmt: skip
    source = next((row for row in found if row.procedure_id == source_of(procedure)), None)
    living = [row for row in found if row.state != State.WITHDRAWN]
    return Relatives(
        source=source,
        is_hidden=source is None and source_of(procedure) is not None,
        translations=[row for row in living if original in (row.procedure_id, row.procedure.translation_of_id)],
        variants=[row for row in living if row.procedure.variant_of_id == procedure.pk],
    )


def content_of_source(revision: Revision) -> dict | None:
    """The content that `revision` takes into account, of its parent or original."""
    return revision_content(revision.source) if revision.source else None


# Lagging behind ----------------------------------------------------------------------------------------------


@dataclass
class Following:
    """A text that follows another one: `revision` its working revision, `source` the one in force of the other.

    `hashes`: uid → source_hash of the steps of `revision`, in their order.
    """

    revision: Revision
    source: Revision
    hashes: dict[str, str]

    @cached_property
    def source_content(self) -> dict:
        return revision_content(self.source)

    @cached_property
    def base_content(self) -> dict:
        """What the text took into account as a whole."""
        return content_of_source(self.revision) or self.source_content

    @cached_property
    def content(self) -> dict:
        return revision_content(self.revision)

    @cached_property
    def points(self) -> list[Point]:
        settled = self.revision.source_notes.get("settled", {})
        return lag(self.source_content, self.base_content, self.hashes, settled)

    @property
    def is_translation(self) -> bool:
        return self.revision.procedure.translation_of_id is not None

    @cached_property
    def relations(self) -> list[StepRelation]:
        return relations(self.source_content, self.content)

    @cached_property
    def versions(self) -> dict[str, int]:
        """uid → version of the own steps."""
        rows = Step.objects.filter(revision=self.revision).values_list("uid", "version")
        return {str(uid): version for uid, version in rows}

    def point(self, kind: str, key: str) -> Point | None:
        return next((point for point in self.points if point.kind == kind and point.key == key), None)

    @property
    def has_moved_on(self) -> bool:
        """Whether the source has a newer text than the one taken into account as a whole."""
        return self.revision.source_id != self.source.pk


def hashes_of(revisions: Iterable[Revision]) -> dict[int, dict[str, str]]:
    """Id of the revision → uid → source_hash of its steps in their order; one query."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    steps = Step.objects.filter(revision__in=[row.pk for row in revisions]).order_by("position")
    for pk, uid, digest in steps.values_list("revision_id", "uid", "source_hash"):
        found[pk][str(uid)] = digest
    return found


def following_of(revision: Revision, source: Revision) -> Following:
    """How `revision` stands to `source`, the revision in force of its parent or original."""
    return Following(revision, source, hashes_of([revision])[revision.pk])


def followings_of(procedures: Iterable[Procedure], sources: Iterable[Revision]) -> list[Following]:
    """How the working revisions (the open one, else the published) of `procedures` stand to those of `sources` that
    they follow, where these have moved on; three queries whatever their number."""
    in_force = {source.procedure_id: source for source in sources}
    known = {procedure.pk: procedure for procedure in procedures if source_of(procedure) in in_force}
    working: dict[int, Revision] = {}
    states = [*OPEN_STATES, State.PUBLISHED]
    candidates = Revision.objects.filter(procedure__in=known, state__in=states).select_related("source__procedure")
    for row in candidates.order_by("number"):
        row.procedure = known[row.procedure_id]
        working[row.procedure_id] = row
    pairs = [(row, in_force[pk]) for row in working.values() if (pk := source_of(row.procedure))]
    behind = [(row, source) for row, source in pairs if row.source_id and row.source_id != source.pk]
    hashes = hashes_of([row for row, _source in behind]) if behind else {}
    return [Following(row, source, hashes.get(row.pk, {})) for row, source in behind]


@dataclass(frozen=True, slots=True)
class Task:
    """What the owner of a variant or translation has to look at: `count` points of `source` are open."""

    procedure: Procedure
    revision: Revision
    source: Revision
    count: int


def tasks_of(user: User) -> list[Task]:
    """The variants and translations that `user` owns whose parent or original has changed since; one query when
    there are none, five at most."""
    owned = list(Procedure.objects.filter(Q(variant_of__isnull=False) | Q(translation_of__isnull=False), owner=user))
    if not owned:
        return []
    sources = library_revisions_for(user).filter(procedure__in=[source_of(row) for row in owned])
    followings = followings_of(owned, sources.select_related("procedure"))
    return [Task(row.revision.procedure, row.revision, row.source, len(row.points)) for row in followings if row.points]


def lags_in_force(revision: Revision, source: Revision) -> bool:
    """Whether the frozen `revision` lags behind `source` in the text of a step or a detail; kept, since neither of
    the two changes any more."""
    if revision.source_id in (None, source.pk):
        return False
    key = f"lags:{revision.pk}:{revision.content_hash}:{source.pk}:{source.content_hash}"
    lags = cache.get(key)
    if lags is None:
        following = following_of(
            Revision.objects.select_related("source__procedure", "procedure").get(pk=revision.pk),
            Revision.objects.select_related("procedure").get(pk=source.pk),
        )
        lags = any(point.kind != PointKind.ORDER for point in following.points)
        cache.set(key, lags, KEPT_SECONDS)
    return lags
