"""Drafts and texts in review, for those who may read them and ask for them.

The index holds what readers follow. What is on its way changes with every save and is read by few, so it is compared
with the words here, newest first and up to a limit, instead of being indexed anew each time.
"""

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


def find_unfinished(visible: RevisionQuerySet, *, query: str, chosen: Chosen, language: str) -> list[Revision]:
    """What of `visible` is on its way and has all words of `query` in title, code, category, tags, purpose or titles
    of steps; with titles that have most of them first, else the newest. Three queries at most."""
    wanted = narrowed(visible, {facet: values for facet, values in chosen.items() if facet in _FILTERS})
    newest = wanted.open().order_by("-pk").select_related("category", "procedure__owner").only(*_FIELDS)[:LOOKED_AT]
    if not query.strip():
        return list(newest[:SHOWN])
    units = parse(query, language=language).units
    found = []
    for revision in newest.prefetch_related("steps"):
        title = _terms(f"{revision.procedure.code} {revision.title}", revision.language)
        every = title | _terms(_rest_of(revision), revision.language)
        if units and all(_has(every, unit, revision.language) for unit in units):
            found.append((-sum(_has(title, unit, revision.language) for unit in units), -revision.pk, revision))
    return [revision for _, _, revision in sorted(found, key=lambda each: each[:2])[:SHOWN]]


def _rest_of(revision: Revision) -> str:
    steps = [step.title for step in revision.steps.all()]
    category = revision.category.name if revision.category else ""
    return "\n".join([category, *revision.tags, plain(revision.purpose), *steps])


def _terms(text: str, language: str) -> set[str]:
    spelt = words(text, with_ends=True)
    return {stem(word, language) for word in spelt} | {fold(word) for word in spelt} | set(code_terms(text))


def _has(terms: set[str], unit: Unit, language: str) -> bool:
    """Whether `terms` satisfy `unit`, also with a word that no text in force has."""
    if any(terms.issuperset(alternative.terms) for alternative in unit.alternatives):
        return True
    return all(stem(word, language) in terms for word in words(unit.typed))
