"""Writing the parts of a standard: naming rules, code tables, forms, storage rules."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from procedures.actions.drafts import clean, lock_draft
from procedures.content import revision_content
from procedures.errors import EditConflict
from procedures.models import Kind, Revision, StandardPart
from procedures.standards.codes import (
    codes_of,
    codes_problems,
    removed_codes,
    slim,
    with_code,
    without_code,
)
from procedures.standards.kinds import CODES, EMPTY, KEY, fingerprint, free_key, keyed, part_problems, slug
from procedures.states import ONCE_PUBLISHED, State
from roles.models import User
from sopdesk.lib.canonical import canonical_json
from sopdesk.lib.errors import Missing, Refused
from sopdesk.lib.history import written_by

MAX_PARTS = 30
MAX_BYTES = 3_000_000
FIELDS = ("name", "note", "data")


def part_as_dict(part: StandardPart) -> dict:
    """A part as a content holds it."""
    return {"kind": part.kind, "name": part.name, "note": part.note, "data": part.data}


def version_of(part: StandardPart) -> str:
    """What a page shows of a part, as one value; it changes with every save."""
    return fingerprint(part_as_dict(part))


@transaction.atomic
def add_part(revision: Revision, *, actor: User, kind: str, name: str, data: Mapping | None = None) -> StandardPart:
    """Add a part at the end, empty or with `data`. Its key in addresses comes from its name and then stays.

    Raises Refused when the procedure is no standard, beyond 30 parts, and for what does not fit.
    """
    draft = lock_draft(revision, actor=actor)
    if draft.procedure.kind != Kind.STANDARD:
        raise Refused(_("Only a standard has parts. Change the kind in the settings first."))
    stored = list(draft.standardparts.order_by("position"))
    if len(stored) >= MAX_PARTS:
        raise Refused(_("A standard has at most %(count)d parts. Split it in two.") % {"count": MAX_PARTS})
    key = free_key(slug(name), keyed(map(part_as_dict, stored)))
    last = draft.standardparts.aggregate(last=Max("position"))["last"] or 0
    if data:
        _check_data(kind, {**data, KEY: key})
    kept = {**(data or EMPTY.get(kind, {})), KEY: key}
    part = StandardPart(revision=draft, position=last + 1, kind=kind, name=name, data=kept)
    clean(part, ["kind", "name"])
    part.save()
    _touch(draft, actor)
    return part


@transaction.atomic
def save_part(part: StandardPart, *, actor: User, version: str, fields: Mapping[str, object]) -> StandardPart:
    """Save a part: any of name, note and data. `version` is the one that the page showed.

    Raises EditConflict when somebody saved this part in between, Missing when it was removed, Refused with everything
    that is wrong or when a published code would vanish, and what `lock_draft` raises.
    """
    draft = lock_draft(part.revision, actor=actor)
    stored = _get(draft, part)
    offered = dict(fields)
    if "data" in offered:
        offered["data"] = {**dict(offered["data"]), KEY: _key_of(draft, stored)}  # type: ignore[call-overload]
    changed = [name for name, value in offered.items() if getattr(stored, name) != value]
    if changed and version != version_of(stored):
        raise EditConflict(
            _("Somebody else saved this while you were writing. Both texts are below; nothing was lost."),
            stored=stored,
            offered=offered,
            editor_name=_last_editor(draft),
        )
    if not changed:
        return stored
    for name in changed:
        setattr(stored, name, offered[name])
    clean(stored, [name for name in changed if name != "data"])
    if "data" in changed:
        _check_data(stored.kind, stored.data)
        _check_published(draft, stored)
    stored.save(update_fields=changed)
    _touch(draft, actor)
    return stored


@transaction.atomic
def move_part(part: StandardPart, *, actor: User, position: int) -> StandardPart:
    """Put a part at `position` (1 is the first; values beyond the ends mean the ends)."""
    draft = lock_draft(part.revision, actor=actor)
    moved = _get(draft, part)
    others = [other for other in draft.standardparts.order_by("position") if other.pk != moved.pk]
    others.insert(min(max(position, 1), len(others) + 1) - 1, moved)
    for number, other in enumerate(others, start=1):
        if other.position != number:
            other.position = number
            other.save(update_fields=["position"])
    _touch(draft, actor)
    return moved


@transaction.atomic
def remove_part(part: StandardPart, *, actor: User) -> None:
    """Take a part out of the draft. The revision in force keeps it, and the review says that it is gone."""
    draft = lock_draft(part.revision, actor=actor)
    removed = _get(draft, part)
    position = removed.position
    removed.delete()
    draft.standardparts.filter(position__gt=position).update(position=F("position") - 1)
    _touch(draft, actor)


# Codes of a table --------------------------------------------------------------------------------------------


@transaction.atomic
def save_code(
    part: StandardPart, *, actor: User, fields: Mapping[str, object], was: str = "", shown: Mapping | None = None
) -> StandardPart:
    """Add a code to a table, or change the code `was`; a published one is deprecated, never renamed.

    `shown` is the code as the page showed it: two people who change different codes never meet. Raises EditConflict
    when somebody changed this code in between, Missing when it was removed, and what `save_part` raises.
    """
    draft = lock_draft(part.revision, actor=actor)
    stored = _get(draft, part, kind=CODES)
    codes = codes_of(stored.data)
    if was:
        present = next((row for row in codes if row.get("code") == was), None)
        if present is None:
            raise _code_removed(draft)
        if shown is not None and slim(shown) != present and slim(fields) != present:
            names = ("code", "name", "note", "status", "replacement", "since")
            raise EditConflict(
                _("Somebody else changed this code while you were writing. Nothing was lost."),
                stored=SimpleNamespace(**{name: present.get(name, "") for name in names}),
                offered=slim(fields),
                editor_name=_last_editor(draft),
            )
    elif any(row.get("code") == slim(fields).get("code") for row in codes):
        raise Refused(_("“%(code)s” is there already.") % {"code": slim(fields)["code"]})
    return _store_codes(draft, stored, with_code(codes, fields, was=was), actor=actor)


@transaction.atomic
def remove_code(part: StandardPart, *, actor: User, code: str) -> StandardPart:
    """Take a code out that was never published. Raises Refused for one that was: it is deprecated instead. Raises
    Missing when it was removed already."""
    draft = lock_draft(part.revision, actor=actor)
    stored = _get(draft, part, kind=CODES)
    codes = codes_of(stored.data)
    left = without_code(codes, code)
    if len(left) == len(codes):
        raise _code_removed(draft)
    return _store_codes(draft, stored, left, actor=actor)


@transaction.atomic
def take_over_codes(part: StandardPart, *, actor: User, version: str, codes: Sequence[Mapping]) -> StandardPart:
    """Put `codes` in the place of the table, as an import does after its preview; `version` is the table previewed."""
    draft = lock_draft(part.revision, actor=actor)
    stored = _get(draft, part, kind=CODES)
    if version != version_of(stored):
        raise Refused(_("Somebody changed the table meanwhile. Look at the preview again."))
    return _store_codes(draft, stored, [slim(code) for code in codes], actor=actor)


def published_codes(draft: Revision, part: StandardPart) -> list[dict]:
    """The codes of this table in the revision that was released last; they can be deprecated, not removed."""
    released = [*ONCE_PUBLISHED, State.APPROVED]
    before = draft.procedure.revisions.filter(number__lt=draft.number, state__in=released).order_by("-number").first()
    if before is None:
        return []
    found = keyed(revision_content(before)["parts"]).get(_key_of(draft, part))
    return codes_of(found["data"]) if found and found["kind"] == CODES else []


def _store_codes(draft: Revision, part: StandardPart, codes: list[dict], *, actor: User) -> StandardPart:
    part.data = {**(part.data if isinstance(part.data, dict) else {}), "codes": codes}
    if codes:
        _check_data(CODES, part.data)
    _check_published(draft, part)
    part.save(update_fields=["data"])
    _touch(draft, actor)
    return part


def _check_published(draft: Revision, part: StandardPart) -> None:
    if part.kind != CODES:
        return
    gone = removed_codes(published_codes(draft, part), codes_of(part.data))
    if gone:
        words = _("%(codes)s: published codes are not removed or renamed. Deprecate them and name what replaces them.")
        raise Refused(words % {"codes": ", ".join(gone[:10])})


# Shared ------------------------------------------------------------------------------------------------------


def _get(draft: Revision, part: StandardPart, *, kind: str = "") -> StandardPart:
    stored = draft.standardparts.filter(pk=part.pk).first()
    if stored is None or (kind and stored.kind != kind):
        raise Missing(_("This part was removed."), target=draft.procedure.get_absolute_url())
    stored.revision = draft
    return stored


def _code_removed(draft: Revision) -> Missing:
    return Missing(_("This code was removed."), target=draft.procedure.get_absolute_url())


def _key_of(draft: Revision, part: StandardPart) -> str:
    parts = list(draft.standardparts.order_by("position"))
    keys = list(keyed(map(part_as_dict, parts)))
    return next(key for key, other in zip(keys, parts, strict=True) if other.pk == part.pk)


def _check_data(kind: str, data: Mapping) -> None:
    written = canonical_json(dict(data)).decode()
    if "\\u0000" in written:
        raise Refused(_("Null characters are not allowed."))
    if len(written) > MAX_BYTES:
        raise Refused(_("This part is too large to be kept. Split it."))
    problems = codes_problems(dict(data)) if kind == CODES else part_problems(kind, dict(data))
    if problems:
        raise Refused(" ".join(problem.sentence for problem in problems))


def _last_editor(draft: Revision) -> str:
    last = draft.history.select_related("history_user").first()
    return str(last.history_user) if last and last.history_user else ""


def _touch(draft: Revision, actor: User) -> None:
    """Parts have no history of their own: that somebody saved one is a row in the history of the draft."""
    draft.saved_at = timezone.now()
    written_by(draft, actor).save(update_fields=["saved_at"])
    draft.contributors.add(actor)
