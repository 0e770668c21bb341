"""The four kinds of parts under one roof: what is wrong with a part, its address within the standard, what changed."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.standards.blanks import fields_of, form_problems
from procedures.standards.codes import codes_of, codes_problems, is_deprecated
from procedures.standards.naming import naming_problems
from procedures.standards.problems import Problem, rows_of
from procedures.standards.storing import storage_problems, storage_rows_of
from sopdesk.lib.canonical import canonical_json, sha256_hex

NAMING, CODES, FORM, STORAGE = "naming", "codes", "form", "storage"
KEY = "key"
"""Where a part's data holds the slug by which it is known in addresses, from revision to revision."""

MAX_KEY = 40

PROBLEMS: dict[str, Callable[[dict], list[Problem]]] = {
    NAMING: naming_problems, CODES: codes_problems, FORM: form_problems, STORAGE: storage_problems,
}  # fmt: skip
EMPTY: dict[str, dict] = {
    NAMING: {"parts": [], "examples": []}, CODES: {"codes": []}, FORM: {"fields": []}, STORAGE: {"rules": []},
}  # fmt: skip


def part_problems(kind: str, data: object) -> list[Problem]:
    """What stands in the way of using a part of `kind`; an unknown kind is a problem of its own."""
    if kind not in PROBLEMS or not isinstance(data, dict):
        return [Problem("kind", _("This is no part of a standard."))]
    return PROBLEMS[kind](data)


def keyed(parts: Iterable[Mapping]) -> dict[str, Mapping]:
    """Key → part, in order. A part without a key of its own goes by its name, a second one of a name by a number."""
    result: dict[str, Mapping] = {}
    for part in parts:
        data = part["data"] if isinstance(part["data"], dict) else {}
        key = data.get(KEY)
        usable = isinstance(key, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key) and len(key) <= MAX_KEY
        result[free_key(str(key) if usable else slug(part["name"]), result)] = part
    return result


def slug(name: str) -> str:
    """`name` in small letters and digits with dashes, for an address."""
    plain = "".join(character for character in unicodedata.normalize("NFKD", name) if character.isascii())
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:MAX_KEY].strip("-") or "part"


def free_key(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with a number behind it when it is taken."""
    taken = set(taken)
    number, key = 1, wanted
    while key in taken:
        number += 1
        key = f"{wanted[: MAX_KEY - 4].rstrip('-')}-{number}"
    return key


def fingerprint(part: Mapping) -> str:
    """A value that changes with everything a part says."""
    return sha256_hex(canonical_json({name: part[name] for name in ("kind", "name", "note", "data")}))


def summary_of(part: Mapping) -> str:
    """What is in a part, in a few words: "62 codes, 3 deprecated"."""
    data = part["data"] if isinstance(part["data"], dict) else {}
    match part["kind"]:
        case "naming":
            count = len(rows_of(data, "parts"))
            return ngettext("%(count)d part", "%(count)d parts", count) % {"count": count}
        case "codes":
            codes = codes_of(data)
            words = ngettext("%(count)d code", "%(count)d codes", len(codes)) % {"count": len(codes)}
            old = sum(map(is_deprecated, codes))
            return _("%(codes)s, %(old)d deprecated") % {"codes": words, "old": old} if old else words
        case "form":
            count = len(fields_of(data))
            return ngettext("%(count)d field", "%(count)d fields", count) % {"count": count}
        case _:
            count = len(storage_rows_of(data))
            return ngettext("%(count)d rule", "%(count)d rules", count) % {"count": count}


def texts_of_part(part: Mapping) -> Iterator[str]:
    """What people may look for in a part, one text per row: its name and note, codes with their names, fields."""
    yield f"{part['name']}. {part['note']}"
    data = part["data"] if isinstance(part["data"], dict) else {}
    columns = {NAMING: ("label",), CODES: ("code", "name", "note"), FORM: ("name", "note"), STORAGE: ("what", "where")}
    for row in rows_of(data, ROWS[part["kind"]]):
        yield " ".join(str(row[column]) for column in columns[part["kind"]] if row.get(column))


# What changed ------------------------------------------------------------------------------------------------

ROWS = {NAMING: "parts", CODES: "codes", FORM: "fields", STORAGE: "rules"}
IDENTITY = {NAMING: "label", CODES: "code", FORM: "name", STORAGE: "what"}


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part that is not as it was: `kind` is added, removed or changed; `sentence` says what in it."""

    kind: str
    name: str
    sentence: str


def part_changes(old: Iterable[Mapping], new: Iterable[Mapping]) -> list[PartChange]:
    """The parts of a standard that differ, in the order of the new ones, removed ones last; known by their key."""
    before, after = keyed(old), keyed(new)
    changes = []
    for key, part in after.items():
        was = before.get(key)
        if was is None or was["kind"] != part["kind"]:
            changes.append(PartChange("added", part["name"], summary_of(part)))
        elif fingerprint(was) != fingerprint(part):
            changes.append(PartChange("changed", part["name"], _what_changed(was, part)))
    gone = [part for key, part in before.items() if key not in after or after[key]["kind"] != part["kind"]]
    return changes + [PartChange("removed", part["name"], summary_of(part)) for part in gone]


def _what_changed(was: Mapping, part: Mapping) -> str:
    """The rows that were added, removed, changed or deprecated, with the first few of each by name."""
    kind = part["kind"]
    field, identity = ROWS[kind], IDENTITY[kind]
    old = {str(row.get(identity, "")): row for row in rows_of(was["data"], field)}
    new = {str(row.get(identity, "")): row for row in rows_of(part["data"], field)}
    both = [name for name in new if name in old and new[name] != old[name]]
    deprecated = [name for name in both if is_deprecated(new[name]) and not is_deprecated(old[name])]
    said = [
        words % {"names": _few(names)}
        for words, names in (
            (_("added: %(names)s"), [name for name in new if name not in old]),
            (_("removed: %(names)s"), [name for name in old if name not in new]),
            (_("deprecated: %(names)s"), deprecated),
            (_("changed: %(names)s"), [name for name in both if name not in deprecated]),
        )
        if names
    ]
    if was["name"] != part["name"]:
        said.append(_("was called “%(name)s”") % {"name": was["name"]})
    if was["note"] != part["note"]:
        said.append(_("another note"))
    return "; ".join(said) or _("other order or details")


def _few(names: list[str]) -> str:
    shown = 5
    listed = ", ".join(name or "–" for name in names[:shown])
    if len(names) <= shown:
        return listed
    return _("%(names)s and %(count)d more") % {"names": listed, "count": len(names) - shown}
