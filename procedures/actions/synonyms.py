"""Groups of words that mean the same to people who search. Administrators keep them.

The search reads them with every question, so a change holds from the next search on and no index has to follow.
"""

import re
from collections.abc import Iterable, Mapping
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.models import Synonym, SynonymGroup
from procedures.search.synonyms import keyed, starter_groups
from procedures.searches.permissions import check_changes_synonyms
from roles.errors import NotValid
from roles.models import User
from sopdesk.lib.errors import Missing
from sopdesk.lib.merging import settle

MAX_PHRASE = 80
MAX_KEY = 120
MAX_PHRASES = 17  # the search takes sixteen others into account
_BETWEEN = re.compile(r"[\n\r;,]+")


def phrases_in(text: str) -> list[str]:
    """The words and phrases of a form: one a line, or with commas between."""
    return [phrase for part in _BETWEEN.split(text.replace("\x00", "")) if (phrase := " ".join(part.split()))]


def facts_of(group: SynonymGroup) -> dict[str, str]:
    """What a form shows of `group`, its synonyms one a line."""
    return {"language": group.language, "phrases": "\n".join(str(synonym) for synonym in group.synonyms.all())}


@transaction.atomic
def add_synonyms(*, actor: User, fields: Mapping[str, str]) -> SynonymGroup:
    """Add a group: `language` and `phrases`. Raises NotPermitted, Missing, and NotValid when it does not fit or the
    words stand in one group already."""
    check_changes_synonyms(actor)
    _lock_all()
    group = SynonymGroup(language=fields["language"])
    _store(group, fields["phrases"])
    trail.record(names.SYNONYMS_ADD, actor=actor, subject=group, data=facts_of(group))
    return group


@transaction.atomic
def change_synonyms(
    group: SynonymGroup, *, actor: User, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> SynonymGroup:
    """Change the words of a group; what somebody else saved since the page of `base` stays.

    Raises NotPermitted, Missing when it was removed meanwhile, BothChanged where both changed the same, and NotValid.
    """
    check_changes_synonyms(actor)
    _lock_all()
    stored = _stored(group)
    before = facts_of(stored)
    taken = settle(offered=fields, stored=before, base=base, saved_by=partial(trail.saver_of, stored))
    after = {**before, **taken}
    if after != before:
        stored.language = str(after["language"])
        _store(stored, str(after["phrases"]))
        changes = {name: {"old": before[name], "new": value} for name, value in facts_of(stored).items()}
        differing = {name: change for name, change in changes.items() if change["old"] != change["new"]}
        if differing:
            trail.record(names.SYNONYMS_CHANGE, actor=actor, subject=stored, data=differing)
    return stored


@transaction.atomic
def remove_synonyms(group: SynonymGroup, *, actor: User) -> None:
    """Remove a group. Raises NotPermitted, and Missing when it was removed meanwhile."""
    check_changes_synonyms(actor)
    _lock_all()
    stored = _stored(group)
    trail.record(names.SYNONYMS_REMOVE, actor=actor, subject=stored, data=facts_of(stored))
    stored.delete()


@transaction.atomic
def restore_starter_synonyms(*, actor: User) -> int:
    """Bring every group of the list that came with sopdesk back to what it was; the company's own groups stay. Return
    how many groups differed. Raises NotPermitted and Missing."""
    check_changes_synonyms(actor)
    _lock_all()
    stored = {group.starter: group for group in SynonymGroup.objects.exclude(starter="").prefetch_related("synonyms")}
    restored = 0
    for name, language, phrases in starter_groups():
        group = stored.get(name)
        wanted = keyed(phrases, language)
        if group and group.language == language and [(row.phrase, row.key) for row in group.synonyms.all()] == wanted:
            continue
        group = group or SynonymGroup(starter=name)
        group.language = language
        _write(group, wanted)
        restored += 1
    if restored:
        trail.record(names.SYNONYMS_RESTORE, actor=actor, subject=actor, data={"groups": restored})
    return restored


@transaction.atomic
def import_synonyms(rows: Iterable[tuple[int, str, str]], *, actor: User) -> int:
    """Add the groups of a table, each (line, language, phrases), all or none; groups that are there already are passed
    over. Return how many were added. Raises NotPermitted, Missing, and NotValid naming the line."""
    check_changes_synonyms(actor)
    _lock_all()
    added = 0
    for line, language, phrases in rows:
        try:
            wanted = _checked(language, phrases)
        except NotValid as error:
            sentence = next(iter(error.errors.values()))[0]
            text = _("Line %(line)s: %(problem)s") % {"line": line, "problem": sentence}
            raise NotValid({"file": [text]}) from error
        if not _holds_already(language, {key for _phrase, key in wanted}, without=None):
            _write(SynonymGroup(language=language), wanted)
            added += 1
    if added:
        trail.record(names.SYNONYMS_IMPORT, actor=actor, subject=actor, data={"groups": added})
    return added


def _lock_all() -> None:
    """One change of synonyms at a time, since groups are compared with each other."""
    trail.lock_head()


def _stored(group: SynonymGroup) -> SynonymGroup:
    stored = SynonymGroup.objects.prefetch_related("synonyms").filter(pk=group.pk).first()
    if stored is None:
        raise Missing(_("This group of synonyms was removed."))
    return stored


def _store(group: SynonymGroup, phrases: str) -> None:
    wanted = _checked(group.language, phrases)
    if _holds_already(group.language, {key for _phrase, key in wanted}, without=group.pk):
        raise NotValid({"phrases": [_("These words stand together in another group already.")]})
    _write(group, wanted)


def _checked(language: str, phrases: str) -> list[tuple[str, str]]:
    """The phrases with their keys. Raises NotValid."""
    if language not in dict(settings.LANGUAGES):
        raise NotValid({"language": [_("This language is not known.")]})
    typed = phrases_in(phrases)
    if any(len(phrase) > MAX_PHRASE for phrase in typed):
        raise NotValid({"phrases": [_("A word or phrase has %(most)s characters at most.") % {"most": MAX_PHRASE}]})
    wanted = keyed(typed, language)
    if any(len(key) > MAX_KEY for _phrase, key in wanted):
        raise NotValid({"phrases": [_("One of these phrases is too long.")]})
    if len(wanted) < 2:
        raise NotValid({"phrases": [_("Two different words or phrases at least; forms of one word count as one.")]})
    if len(wanted) > MAX_PHRASES:
        raise NotValid({"phrases": [_("%(most)s words or phrases at most.") % {"most": MAX_PHRASES}]})
    return wanted


def _holds_already(language: str, keys: set[str], *, without: int | None) -> bool:
    """Whether one group has all of `keys`."""
    having: dict[int, set[str]] = {}
    rows = Synonym.objects.filter(language=language, key__in=keys).exclude(group=without)
    for group, key in rows.order_by().values_list("group_id", "key"):
        having.setdefault(group, set()).add(key)
    return any(found == keys for found in having.values())


def _write(group: SynonymGroup, wanted: list[tuple[str, str]]) -> None:
    group.save()
    Synonym.objects.filter(group=group).delete()
    Synonym.objects.bulk_create(
        Synonym(group=group, language=group.language, phrase=phrase, key=key) for phrase, key in wanted
    )
    group._prefetched_objects_cache = {}  # type: ignore[attr-defined]
