"""Drafts and texts in review, for those who may read them and ask for them.

The index holds what readers follow. What is on its way changes with every save and is read by few, so it is compared
with the words here, newest first and some at a time, instead of being indexed anew each time.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from procedures.models import Revision
from procedures.models.revision import RevisionQuerySet
from procedures.search.analysis import code_terms, fold, plain, stem, words
from procedures.search.facets import Chosen, Facet
from procedures.search.listing import narrowed
from procedures.search.parsing import parse
from procedures.search.terms import Unit

LOOKED_AT = 300
SHOWN = 20

_FIELDS = (
    "id", "number", "title", "language", "state", "tags", "purpose", "category__name", "procedure__code",
    "procedure__kind", "procedure__owner__full_name", "procedure__owner__email",
)  # fmt: skip
_FILTERS = (Facet.DEPARTMENT, Facet.CATEGORY, Facet.KIND, Facet.LANGUAGE)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What fits of the drafts and reviews that were looked at: `best` are shown, `others` fit as well.

    `older` leads on when there are some that nobody has looked at yet: what `before` is to be for them.
    """

    best: tuple[Revision, ...] = ()
    others: tuple[Revision, ...] = ()
    older: int | None = None

    def __len__(self) -> int:
        return len(self.best) + len(self.others)


def find_unfinished(
    visible: RevisionQuerySet, *, query: str, chosen: Chosen, language: str, before: int | None = None
) -> Unfinished:
    """What of `visible` is on its way and has all words of `query` in title, code, category, tags, purpose or titles
    of steps; with titles that have most of them first, else the newest. Three queries at most.

    Looks at the newest LOOKED_AT, or at as many that are older than the revision `before` (an id): however many there
    are, a page costs the same, and the pages after it reach them all. Without words each page shows its own.
    """
    wanted = narrowed(visible, {facet: values for facet, values in chosen.items() if facet in _FILTERS}).open()
    if before is not None:
        wanted = wanted.filter(pk__lt=before)
    newest = wanted.order_by("-pk").select_related("category", "procedure__owner").only(*_FIELDS)
    has_words = bool(query.strip())
    most = LOOKED_AT if has_words else SHOWN
    looked_at = list((newest.prefetch_related("steps") if has_words else newest)[: most + 1])
    older = looked_at[most - 1].pk if len(looked_at) > most else None
    fits = _fitting(looked_at[:most], query, language) if has_words else looked_at[:most]
    return Unfinished(tuple(fits[:SHOWN]), tuple(fits[SHOWN:]), older)


def _fitting(revisions: Iterable[Revision], query: str, language: str) -> list[Revision]:
    units = parse(query, language=language).units
    found = []
    for revision in revisions:
        title = _terms(f"{revision.procedure.code} {revision.title}", revision.language)
        every = title | _terms(_rest_of(revision), revision.language)
        if units and all(_has(every, unit, revision.language) for unit in units):
            found.append((-sum(_has(title, unit, revision.language) for unit in units), -revision.pk, revision))
    return [revision for _, _, revision in sorted(found, key=lambda each: each[:2])]


def _rest_of(revision: Revision) -> str:
    steps = [step.title for step in revision.steps.all()]
    category = revision.category.name if revision.category else ""
    return "\n".join([category, *revision.tags, plain(revision.purpose), *steps])


def _terms(text: str, language: str) -> set[str]:
    spelt = words(text, with_ends=True)
    return {stem(word, language) for word in spelt} | {fold(word) for word in spelt} | set(code_terms(text))


def _has(terms: set[str], unit: Unit, language: str) -> bool:
    """Whether `terms` satisfy `unit`, also with a word that no text in force has."""
    counting = [row for row in unit.alternatives if row.language in ("", language.split("-")[0])]
    if any(terms.issuperset(alternative.terms) for alternative in counting):
        return True
    return all(stem(word, language) in terms for word in words(unit.typed))
