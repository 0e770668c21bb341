"""What one word would find, for those who keep the synonyms."""

from dataclasses import dataclass, field

from procedures.models import Revision
from procedures.permissions import library_revisions_for
from procedures.search import search
from procedures.search.parsing import parse
from roles.models import User
from roles.queries import today

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """What the library answers `words`: the terms that they are looked up by, the synonyms and the correction that
    come in, how many procedures have all words, how many are found, and the first of these."""

    words: str
    stems: list[str] = field(default_factory=list)
    synonyms: list[str] = field(default_factory=list)
    corrected: str = ""
    complete: int = 0
    total: int = 0
    first: list[Revision] = field(default_factory=list)


def tried(words: str, *, user: User, language: str) -> Tried:
    """What `user` would find by `words`, were `language` their own."""
    parsed = parse(words, language=language)
    readable = library_revisions_for(user, today())
    page = search(words, queryset=readable, limit=SHOWN, language=language, prefer=language)
    found = Revision.objects.select_related("procedure").in_bulk(page.hits)
    return Tried(
        words=parsed.text,
        stems=list(dict.fromkeys(term for unit in parsed.units for form in unit.exact for term in form.terms)),
        synonyms=list(dict.fromkeys(guess.shown for guess in parsed.synonyms)),
        corrected=page.corrected,
        complete=page.complete,
        total=page.total,
        first=[found[pk] for pk in page.hits if pk in found],
    )
