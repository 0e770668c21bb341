"""The columns of the inventory's tables: how their headers and values are written, in English and in French.

A table from the other language is understood too: what a firm's assessment was written in does not follow the
language that somebody has chosen for the pages.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from procedures.models import Frequency

HEADERS: Mapping[str, str | Promise] = {
    "department": _("Department"),
    "title": _("Task"),
    "description": _("What it is about"),
    "frequency": _("Frequency"),
    "owner_role": _("Role that does it"),
    "pain_points": _("Pain points"),
    "impact": _("Impact"),
    "feasibility": _("Feasibility"),
    "priority": _("Priority"),
    "status": _("Status"),
    "procedure": _("Covered by"),
    "not_needed_reason": _("Why none is needed"),
}

COMPUTED = ("priority", "status")
"""Shown and exported; when they come back they are not read, since they follow from the rest."""

UNSEEN: str | Promise = _("Covered")
"""Stands for a procedure that the person may not read, on the page and in exports."""

LANGUAGES = ("en", "fr")

ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "department": ("département", "service", "dept", "unit", "area"),
    "title": ("tâche", "name", "nom", "title", "titre", "intitulé", "activity", "activité", "process", "processus"),
    "description": ("description", "about", "details", "détails", "de quoi il s’agit", "objet"),
    "frequency": ("fréquence", "how often", "périodicité"),
    "owner_role": ("role", "rôle", "owner", "owner role", "responsible", "responsable", "rôle qui l’exécute"),
    "pain_points": ("points faibles", "points douloureux", "irritants", "difficultés", "problems", "problèmes"),
    "impact": ("enjeu", "importance"),
    "feasibility": ("faisabilité", "ease", "facilité"),
    "priority": ("priorité", "score"),
    "status": ("statut", "état", "state", "coverage", "couverture"),
    "procedure": ("procedure", "procédure", "code", "couverte par", "procedure code"),
    "not_needed_reason": (
        "reason", "raison", "motif", "not needed because", "non nécessaire car", "why not needed", "pourquoi aucune",
    ),
}  # fmt: skip

FREQUENCY_ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    Frequency.ON_DEMAND: ("on demand", "as needed", "when needed", "ad hoc", "à la demande", "au besoin"),
    Frequency.DAILY: ("every day", "day", "quotidien", "quotidienne", "tous les jours", "chaque jour"),
    Frequency.WEEKLY: ("every week", "week", "hebdomadaire", "chaque semaine"),
    Frequency.MONTHLY: ("every month", "month", "mensuel", "mensuelle", "chaque mois"),
    Frequency.QUARTERLY: ("every quarter", "quarter", "trimestriel", "trimestrielle", "chaque trimestre"),
    Frequency.YEARLY: ("annual", "annually", "every year", "year", "annuel", "annuelle", "chaque année", "chaque an"),
}


def plain(text: str) -> str:
    """`text` as it is compared: without case, accents, punctuation and double spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(kept.split())


def column_called(header: str) -> str:
    """The column that `header` names; empty when it names none."""
    return _columns().get(plain(header), "")


def frequency_called(text: str) -> str:
    """The frequency that `text` names; empty when it names none."""
    return _frequencies().get(plain(text), "")


@cache
def _columns() -> dict[str, str]:
    return _names(HEADERS, ALSO_CALLED)


@cache
def _frequencies() -> dict[str, str]:
    return _names(dict(Frequency.choices), FREQUENCY_ALSO_CALLED)


def is_unseen(text: str) -> bool:
    """Whether a cell holds the word for a procedure that somebody was not shown."""
    return plain(text) in {plain(word) for word in _in_every_language(UNSEEN)}


def _names(labels: Mapping[str, object], others: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for key, label in labels.items():
        for name in (key.replace("_", " "), *_in_every_language(label), *others[key]):
            names.setdefault(plain(name), key)
    return names


def _in_every_language(label: object) -> list[str]:
    words = []
    for language in LANGUAGES:
        with override(language):
            words.append(str(label))
    return words
