"""Arranging the shelves of the library: administrators add, rename, move and merge categories.

What was submitted keeps the name of its category as it was then, since it was signed so (decision 31).
"""

from collections.abc import Mapping
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.browsing.categories import DEEPEST, forest_of, path_to, place_of
from procedures.browsing.permissions import can_arrange
from procedures.models import Category, Revision
from roles.errors import NotValid
from roles.models import User
from sopdesk.lib.errors import Missing, NotPermitted, Refused
from sopdesk.lib.merging import settle


@transaction.atomic
def add_category(*, actor: User | None, name: str, parent: Category | None = None) -> Category:
    """Put up a shelf, the last one below `parent`. Raises NotPermitted, and NotValid when the name is taken or the
    tree would be too deep."""
    _check(actor)
    siblings = [row for row in _lock_all() if row.parent_id == (parent.pk if parent else None)]
    position = max((row.position for row in siblings), default=0) + 1
    category = Category(name=name.strip(), parent=parent, position=position)
    _check_depth(parent, levels=1)
    _store(category)
    trail.record(names.CATEGORY_ADD, actor=actor, subject=category, data={"name": name, "parent": _name(parent)})
    return category


@transaction.atomic
def change_category(
    category: Category, *, actor: User, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> Category:
    """Rename a category, or move it with all below it: `name` and `parent`. What somebody else saved since the page
    of `base` stays.

    Raises NotPermitted, Missing when it is gone, BothChanged, NotValid for a taken name, a place below itself, and a
    tree that would be too deep.
    """
    _check(actor)
    rows = {row.pk: row for row in _lock_all()}
    stored = _of(rows, category)
    saved_by = partial(trail.saver_of, stored)
    before = {"name": stored.name, "parent": stored.parent_id}
    offered = {**fields}
    if isinstance(offered.get("parent"), Category):
        offered["parent"] = offered["parent"].pk  # type: ignore[attr-defined]
    wanted = settle(offered=offered, stored=before, base=base, saved_by=saved_by)
    if str(wanted.get("name", stored.name)).strip() != stored.name:
        stored.name = str(wanted["name"]).strip()
    if wanted.get("parent", stored.parent_id) != stored.parent_id:
        _put_below(stored, rows.get(wanted["parent"]))  # type: ignore[call-overload]
    after = {"name": stored.name, "parent": stored.parent_id}
    changed = {
        name: {"old": _shown(name, before[name], rows), "new": _shown(name, value, rows)}
        for name, value in after.items()
        if before[name] != value
    }
    if changed:
        _store(stored)
        trail.record(names.CATEGORY_CHANGE, actor=actor, subject=stored, data=changed)
    return stored


@transaction.atomic
def move_category(category: Category, *, actor: User, position: int) -> Category:
    """Put a category at the place `position` (from 1) among its siblings; beyond the last one is the last one.

    Raises NotPermitted, and Missing when it is gone.
    """
    _check(actor)
    rows = {row.pk: row for row in _lock_all()}
    stored = _of(rows, category)
    siblings = sorted((row for row in rows.values() if row.parent_id == stored.parent_id), key=place_of)
    before = siblings.index(stored) + 1
    siblings.remove(stored)
    siblings.insert(max(0, position - 1), stored)
    after = siblings.index(stored) + 1
    if after != before:
        for number, row in enumerate(siblings, start=1):
            if row.position != number:
                row.position = number
                row.save(update_fields=["position"])
        trail.record(
            names.CATEGORY_CHANGE, actor=actor, subject=stored, data={"place": {"old": before, "new": after}}
        )  # fmt: skip
    return stored


@transaction.atomic
def merge_category(category: Category, *, actor: User, into: Category) -> Category:
    """Put everything that lies on `category` onto `into`, shelves below it included, and take it down.

    Raises NotPermitted, Missing when one of them is gone, Refused for itself and for a shelf below it.
    """
    _check(actor)
    rows = {row.pk: row for row in _lock_all()}
    stored, target = _of(rows, category), _of(rows, into)
    if stored == target:
        raise Refused(_("Choose another category than itself."))
    forest = forest_of()
    if any(node.category == stored for node in path_to(forest, target.pk)):
        raise Refused(_("%(name)s stands below it. Move it out first.") % {"name": target})
    levels = path_to(forest, stored.pk)[-1].height
    if len(path_to(forest, target.pk)) + levels - 1 > DEEPEST:
        raise Refused(_too_deep())
    moved = Revision.objects.filter(category=stored).update(category=target)
    last = max((row.position for row in rows.values() if row.parent_id == target.pk), default=0)
    for number, row in enumerate(sorted((row for row in rows.values() if row.parent_id == stored.pk), key=place_of)):
        row.parent, row.position = target, last + number + 1
        row.save(update_fields=["parent", "position"])
    trail.record(
        names.CATEGORY_MERGE,
        actor=actor,
        subject=stored,
        data={"name": stored.name, "into": {"id": target.pk, "name": target.name}, "revisions": moved},
    )
    stored.delete()
    return target


@transaction.atomic
def remove_category(category: Category, *, actor: User) -> None:
    """Take down a shelf on which nothing lies. Raises NotPermitted, Missing, and Refused when something does."""
    _check(actor)
    rows = {row.pk: row for row in _lock_all()}
    stored = _of(rows, category)
    if any(row.parent_id == stored.pk for row in rows.values()):
        raise Refused(_("Other categories stand below it. Move or merge them first."))
    if Revision.objects.filter(category=stored).exists():
        raise Refused(_("Procedures lie on it. Merge it into another category instead."))
    trail.record(names.CATEGORY_REMOVE, actor=actor, subject=stored, data={"name": stored.name})
    stored.delete()


def _check(actor: User | None) -> None:
    if actor is not None and not can_arrange(actor):
        raise NotPermitted(_("Only administrators arrange the categories."))


def _lock_all() -> list[Category]:
    """All categories, which nobody else arranges until the transaction ends: two moves at once could close a circle
    that neither makes alone."""
    return list(Category.objects.select_for_update(no_key=True).order_by("pk"))


def _of(rows: Mapping[int, Category], category: Category) -> Category:
    if category.pk not in rows:
        raise Missing(_("There is no such category any more."))
    return rows[category.pk]


def _put_below(category: Category, parent: Category | None) -> None:
    """Make `parent` the shelf above; `category` becomes the last one there."""
    forest = forest_of()
    if parent is not None and any(node.category == category for node in path_to(forest, parent.pk)):
        raise NotValid({"parent": [_("A category cannot stand below itself.")]})
    _check_depth(parent, levels=path_to(forest, category.pk)[-1].height)
    last = Category.objects.filter(parent=parent).order_by("-position").values_list("position", flat=True).first()
    category.parent, category.position = parent, (last or 0) + 1


def _check_depth(parent: Category | None, *, levels: int) -> None:
    above = len(path_to(forest_of(), parent.pk)) if parent else 0
    if above + levels > DEEPEST:
        raise NotValid({"parent": [_too_deep()]})


def _too_deep() -> str:
    return _("The tree would have more than %(number)d levels.") % {"number": DEEPEST}


def _store(category: Category) -> None:
    """Validate and save, also when somebody else was a moment faster."""
    try:
        category.full_clean(exclude=["parent"])
        with transaction.atomic():
            category.save()
    except ValidationError as error:
        raise NotValid(error.message_dict) from error
    except IntegrityError as error:
        raise NotValid({"name": [_("There is a category of this name.")]}) from error


def _name(category: Category | None) -> str:
    return category.name if category else ""


def _shown(field: str, value: object, rows: Mapping[int, Category]) -> object:
    """A value as the trail tells it: a shelf by its name."""
    return _name(rows.get(value)) if field == "parent" else value  # type: ignore[call-overload]
