"""What the library holds for one person, in few columns: by department, category, role and letter.

Everything is made of one light list of what `library_revisions_for` answers, so every number on these pages is the
number of rows that follow. It is put in order here, since the two databases sort accents differently. Of a
translation set one text is listed, by the rule of `procedures.search.sets`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from procedures.models import Revision
from procedures.models.revision import RevisionQuerySet
from roles.models import Department
from sopdesk.lib.sorting import initial_of, sort_key

_SHOWN = (
    "id", "number", "title", "language", "purpose", "next_review_on", "emergency_until", "effective_on",
    "procedure__code", "procedure__kind", "procedure__owner__full_name", "procedure__owner__email",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spine:
    """As much of a listed text as one sees of it on a shelf."""

    pk: int
    procedure: int
    code: str
    title: str
    language: str
    department: int
    category: int | None
    original: int | None

    @property
    def initial(self) -> str:
        return initial_of(self.title)


def departments_named(pks: Iterable[int]) -> list[Department]:
    """The departments `pks` by name; one query."""
    return sorted(Department.objects.filter(pk__in=list(pks)), key=lambda row: sort_key(row.name))


def spines_of(readable: RevisionQuerySet, *, language: str) -> list[Spine]:
    """Everything in `readable` by title, a translation set once: in `language` if it can be, else the original, else
    the oldest; one query."""
    rows = readable.order_by().values_list(
        "pk", "procedure_id", "procedure__code", "title", "language", "procedure__department_id", "category_id",
        "procedure__translation_of_id",
    )  # fmt: skip
    spines = [Spine(*row) for row in rows]
    originals = {spine.original for spine in spines if spine.original}
    sets: dict[int, Spine] = {}
    alone = []
    for spine in spines:
        work = spine.original or (spine.procedure if spine.procedure in originals else None)
        if work is None:
            alone.append(spine)
        elif work not in sets or _before(spine, sets[work], language):
            sets[work] = spine
    return sorted([*alone, *sets.values()], key=lambda spine: (sort_key(spine.title), spine.code))


def _before(one: Spine, other: Spine, language: str) -> bool:
    """Whether `one` of a translation set is listed rather than `other`."""
    return _rank(one, language) < _rank(other, language)


def _rank(spine: Spine, language: str) -> tuple[bool, bool, int]:
    return (spine.language != language, spine.original is not None, spine.pk)


def per_department(spines: Iterable[Spine]) -> Counter[int]:
    return Counter(spine.department for spine in spines)


def per_category(spines: Iterable[Spine]) -> Counter[int | None]:
    return Counter(spine.category for spine in spines)


def by_letter(spines: Iterable[Spine]) -> Mapping[str, list[Spine]]:
    """The shelves of the alphabet that are not empty, in order; what begins with no letter comes last."""
    found: dict[str, list[Spine]] = defaultdict(list)
    for spine in spines:
        found[spine.initial].append(spine)
    return dict(sorted(found.items(), key=lambda item: (not item[0].isalpha(), item[0])))


def texts_of(readable: RevisionQuerySet, ids: Sequence[int]) -> list[Revision]:
    """The texts of `ids` that are still in `readable`, in that order, with owner and without their long texts; one
    query."""
    if not ids:
        return []
    found = readable.filter(pk__in=ids).select_related("procedure__owner").only(*_SHOWN).in_bulk()
    return [found[pk] for pk in ids if pk in found]
