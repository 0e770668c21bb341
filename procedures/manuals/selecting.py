"""What a manual is to hold: a question to the library, or codes; answered for one person on one day."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from procedures.browsing.marks import asker_of
from procedures.models import Category, Kind, ManualItem, Revision
from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for
from procedures.search import Facet
from procedures.search.listing import select_all
from procedures.search.names import value_name
from roles.models import Department, Role, User
from roles.queries import today

CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+")
NUMBERED = re.compile(r"\w*\d\w*")
MOST = 75
"""Procedures in one manual: what the memory of the process that makes it has room for."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Words and filters of the library, or, when there are any, codes instead."""

    words: str
    chosen: dict[Facet, tuple[str, ...]]
    codes: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: dict) -> "Selection":
        chosen = {Facet(name): tuple(values) for name, values in value["chosen"].items()}
        return cls(value["words"], chosen, tuple(value["codes"]))

    def as_json(self) -> dict:
        chosen = {facet.value: list(values) for facet, values in self.chosen.items()}
        return {"words": self.words, "chosen": chosen, "codes": list(self.codes)}


def codes_in(text: str) -> tuple[str, ...]:
    """The codes in what somebody typed, in capitals, each once."""
    return tuple(dict.fromkeys(code.upper() for code in CODE.findall(text)))


def slips_in(text: str) -> tuple[str, ...]:
    """What was perhaps meant as a code and is none: FIN001, FIN 001. Titles and other words may stand beside codes."""
    return tuple(dict.fromkeys(NUMBERED.findall(CODE.sub(" ", text))))


def select(user: User, selection: Selection) -> RevisionQuerySet:
    """What `selection` has for `user` today, in force and readable, in the order of codes. Of a translation set there
    is one text, as in the library, unless codes name them."""
    readable = library_revisions_for(user)
    if selection.codes:
        found = readable.filter(procedure__code__in=selection.codes)
    else:
        seen = select_all(
            readable,
            query=selection.words,
            chosen=selection.chosen,
            language=user.language,
            asker=asker_of(user),
        )
        found = readable.filter(pk__in=seen.ids)
    return found.order_by("procedure__code")


def outdated(items: Sequence[ManualItem]) -> list[ManualItem]:
    """Those of `items` whose text is no longer what readers follow; one query, none without items."""
    pks = [item.revision_id for item in items]
    current = set(Revision.objects.in_force(today()).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()
    return [item for item in items if item.revision_id not in current]


def in_words(selection: Selection) -> list[str]:
    """What was selected, as people read it, in the language that is active."""
    if selection.codes:
        return [_("Codes: %(codes)s") % {"codes": ", ".join(selection.codes)}]
    parts = [_("Words: “%(words)s”") % {"words": selection.words}] if selection.words else []
    return [*parts, *_filters(selection)] or [_("The whole library")]


def _filters(selection: Selection) -> Iterator[str]:
    for facet, values in selection.chosen.items():
        match facet:
            case Facet.DEPARTMENT:
                departments = Department.objects.filter(code__in=values).values_list("name", flat=True)
                yield _("Department: %(names)s") % {"names": ", ".join(departments or values)}
            case Facet.CATEGORY:
                categories = Category.objects.filter(pk__in=values).values_list("name", flat=True)
                yield _("Category: %(names)s") % {"names": ", ".join(categories or values)}
            case Facet.ROLE:
                roles = Role.objects.filter(pk__in=values).values_list("name", flat=True)
                yield _("Role: %(names)s") % {"names": ", ".join(roles or values)}
            case Facet.KIND:
                kinds = [str(Kind(value).label) for value in values if value in Kind.values]
                yield _("Kind: %(names)s") % {"names": ", ".join(kinds)}
            case Facet.LANGUAGE:
                yield _("Language: %(names)s") % {"names": ", ".join(map(_language, values))}
            case _:
                yield ", ".join(value_name(facet, value) for value in values)


def _language(code: str) -> str:
    try:
        return get_language_info(code)["name_translated"]
    except KeyError:
        return code
