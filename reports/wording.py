"""Entries of the trail in words: what happened, to what, and which values were old and new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import names, trail
from audit.trail import Entry
from procedures.deviations.permissions import deviations_visible_to
from procedures.inventory.history import WORDS as TASK_WORDS
from procedures.permissions import revisions_visible_to
from procedures.routes.history import WORDS as ROUTE_WORDS
from procedures.routes.permissions import routes_visible_to
from procedures.routes.specs import stage_in_words
from procedures.views.history_page import TRAIL_WORDS
from roles.history import WORDS as PEOPLE_WORDS
from roles.models import User
from roles.permissions import sees_people
from sopdesk.lib.punctuation import labelled

WORDS: dict[str, str | Promise] = {
    **TASK_WORDS,
    **PEOPLE_WORDS,
    **ROUTE_WORDS,
    **TRAIL_WORDS,
    names.REVISION_FILL: _("Draft filled"),
    names.TEMPLATE_ADD: _("Template added"),
    names.TEMPLATE_CHANGE: _("Template changed"),
    names.TEMPLATE_REPLACE: _("Template replaced"),
    names.MANUAL_REQUEST: _("Manual asked for"),
    names.MANUAL_FINISH: _("Manual made"),
    names.MANUAL_FAIL: _("Manual could not be made"),
    names.MANUAL_CANCEL: _("Manual cancelled"),
    names.MANUAL_RETRY: _("Manual begun again"),
    names.MANUAL_EXPIRE: _("Manual removed after its days"),
    names.MANUAL_DELETE: _("Manual deleted by who had asked for it"),
    names.TASK_DELETE: _("Task deleted"),
    names.GLOSSARY_ADD: _("Word added to the glossary"),
    names.GLOSSARY_CHANGE: _("Word of the glossary changed"),
    names.GLOSSARY_REMOVE: _("Word removed from the glossary"),
    names.LINKS_CHECK: _("Links to other sites checked"),
    names.CATEGORY_ADD: _("Category added"),
    names.CATEGORY_CHANGE: _("Category changed"),
    names.CATEGORY_MERGE: _("Category merged"),
    names.CATEGORY_REMOVE: _("Category removed"),
    names.SYNONYMS_ADD: _("Synonyms added"),
    names.SYNONYMS_CHANGE: _("Synonyms changed"),
    names.SYNONYMS_REMOVE: _("Synonyms removed"),
    names.SYNONYMS_RESTORE: _("Starter list of synonyms brought back"),
    names.SYNONYMS_IMPORT: _("Synonyms imported"),
    names.SEARCH_IGNORE: _("Search left out of the report"),
    names.SEARCH_HEED: _("Search back in the report"),
    names.TRAIL_EXPORT: _("Trail exported"),
    names.TRAIL_REVIEW: _("Trail reviewed"),
    names.TRAIL_VERIFY: _("Everything verified"),
    names.PROCEDURE_PACK: _("Auditor’s pack taken"),
}

LABELS: dict[str, str | Promise] = {
    "access": _("Access"),
    "access_ends": _("Access ends"),
    "access_on": _("Access on"),
    "after": _("After entry"),
    "answer": _("The answer"),
    "asked_hash": _("Hash of the request"),
    "by": _("By revision"),
    "capacity": _("As"),
    "cause": _("Cause"),
    "code": _("Code"),
    "content_hash": _("Hash of the text"),
    "department": _("Department"),
    "deviation": _("Deviation"),
    "effective_on": _("Effective from"),
    "email": _("E-mail"),
    "ends": _("Last day"),
    "entries": _("Entries"),
    "faults": _("Faults"),
    "file": _("File"),
    "filters": _("Filters"),
    "first": _("First fault"),
    "format": _("Format"),
    "full_name": _("Name"),
    "groups": _("Groups"),
    "hash": _("Hash"),
    "head": _("Head"),
    "is_active": _("Active"),
    "into": _("Into"),
    "kind": _("Kind"),
    "language": _("Language"),
    "last_day": _("Last day"),
    "link": _("Share link"),
    "pinned": _("Revision that it is tied to"),
    "recipient": _("For whom"),
    "remark": _("Suggestion"),
    "solved_by": _("Changed in revision"),
    "has_password": _("With a password"),
    "manifest": _("Hash of the manifest"),
    "meaning": _("Meaning"),
    "method": _("Signed with"),
    "name": _("Name"),
    "next_review_on": _("Next review"),
    "number": _("Revision"),
    "outcome": _("Outcome"),
    "owner": _("Owner"),
    "parent": _("Below"),
    "place": _("Place"),
    "phrases": _("Words and phrases"),
    "procedure": _("Procedure"),
    "rendered_hash": _("Hash of the page"),
    "revisions": _("Revisions"),
    "risk": _("Risk"),
    "role": _("Role"),
    "round": _("Round"),
    "route": _("Route"),
    "route_version": _("Version of the route"),
    "seal": _("Seal"),
    "search": _("Searched for"),
    "sites": _("Sites"),
    "stage": _("Stage"),
    "step": _("Step"),
    "stages": _("Stages"),
    "starts": _("First day"),
    "title": _("Title"),
    "upto": _("Up to entry"),
    "version": _("Version"),
}


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Every event by its area, for a select."""
    rows = sorted((name.split(".")[1], str(word_of(name)), name) for name in names.ALL)
    groups = {"person": _("People"), "department": _("Departments"), "role": _("Roles"), "holding": _("Roles held"),
              "procedure": _("Procedures"), "revision": _("Revisions"), "deviation": _("Temporary deviations"),
              "template": _("Templates"),
              "task": _("Task inventory"), "glossary": _("Glossary"), "category": _("Categories"),
              "search": _("Search"), "comment": _("Comments"), "route": _("Approval routes"), "links": _("Links"),
              "share": _("Share links"), "remark": _("Suggestions"),
              "trail": _("Audit trail")}  # fmt: skip
    return [
        (str(groups.get(area, area)), [(name, word) for _area, word, name in found])
        for area, found in groupby(rows, key=lambda row: row[0])
    ]


def word_of(name: str) -> str | Promise:
    """What an event is called; its own name when nobody has given it words."""
    return WORDS.get(name, name)


@dataclass(frozen=True, slots=True)
class Detail:
    """One value of an entry: `new` alone when it was set, `old` and `new` when it was changed."""

    label: str
    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry for the page. `is_intact` says whether it is as it was written; `url` is empty for a subject that is
    gone or not for this person."""

    entry: Entry
    what: str | Promise
    details: list[Detail]
    is_intact: bool
    about: str
    url: str


def rows_for(user: User, entries: Iterable[Entry]) -> list[Row]:
    """The rows of a page; a query for the links to texts and one for those to routes, whatever their number."""
    entries = list(entries)
    links = _links(user, entries)
    return [
        Row(
            entry=entry,
            what=word_of(entry.name),
            details=details_of(entry.data),
            is_intact=trail.entry_hash(entry) == entry.hash,
            about=about(entry),
            url=links.get((entry.subject_type, entry.subject_id), ""),
        )
        for entry in entries
    ]


ABOUT: dict[str, str | Promise] = {
    "roles.department": _("department %(label)s"),
    "roles.role": _("role %(label)s"),
    "procedures.category": _("category %(label)s"),
    "procedures.route": _("route %(label)s"),
}


def about(entry: Entry) -> str:
    """What an entry is about: the label that it keeps of its subject, with the word for what that is where the label
    does not show it."""
    label = entry.subject_label
    if entry.subject_type == "procedures.deviation" and label.count(", ") >= 2:
        revision, step, department = label.rsplit(", ", 2)
        return gettext("%(revision)s, step %(step)s, department %(department)s") % {
            "revision": revision,
            "step": step,
            "department": department,
        }
    words = ABOUT.get(entry.subject_type)
    return str(words) % {"label": label} if words else label


def details_of(data: Mapping[str, Any]) -> list[Detail]:
    """The values of an entry, those that were changed with both texts."""
    found = []
    for name, value in data.items():
        label = str(LABELS.get(name, name))
        if isinstance(value, Mapping) and value.keys() == {"old", "new"}:
            found.append(Detail(label, _plain(value["new"]), _plain(value["old"])))
        elif value not in (None, "", [], {}):
            found.append(Detail(label, _plain(value)))
    return found


def _plain(value: Any) -> str:
    """A value as people read it."""
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, Mapping) and value.keys() >= {"slots", "rule"}:
        return stage_in_words(value)
    if isinstance(value, Mapping):
        return ", ".join(labelled(LABELS.get(key, key), _plain(item)) for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    return str(value)


PLACES = {"roles.user": "person", "roles.department": "department", "roles.role": "role"}


def _links(user: User, entries: list[Entry]) -> dict[tuple[str, str], str]:
    """Addresses of those subjects that `user` may see."""
    subjects = {(entry.subject_type, entry.subject_id) for entry in entries}
    links = {}
    if sees_people(user):
        links = {
            subject: reverse(PLACES[subject[0]], args=[subject[1]]) for subject in subjects if subject[0] in PLACES
        }
    routes = [int(pk) for kind, pk in subjects if kind == "procedures.route"]
    for pk in routes_visible_to(user).filter(pk__in=routes).values_list("pk", flat=True) if routes else ():
        links["procedures.route", str(pk)] = reverse("route", args=[pk])
    deviations = [int(pk) for kind, pk in subjects if kind == "procedures.deviation"]
    if deviations:
        seen = deviations_visible_to(user).filter(pk__in=deviations).order_by()
        for pk, code in seen.values_list("pk", "revision__procedure__code"):
            links["procedures.deviation", str(pk)] = reverse("deviation", args=[code, pk])
    revisions = [int(pk) for kind, pk in subjects if kind == "procedures.revision" and pk.isdigit()]
    procedures = [int(pk) for kind, pk in subjects if kind == "procedures.procedure" and pk.isdigit()]
    if revisions or procedures:
        visible = revisions_visible_to(user)
        found = (visible.filter(pk__in=revisions) | visible.filter(procedure__in=procedures)).order_by()
        for pk, number, procedure, code in found.values_list("pk", "number", "procedure_id", "procedure__code"):
            if pk in revisions:
                links["procedures.revision", str(pk)] = reverse("revision", args=[code, number])
            if procedure in procedures:
                links["procedures.procedure", str(procedure)] = reverse("history", args=[code])
    return links
