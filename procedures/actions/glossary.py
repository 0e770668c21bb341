"""The firm's glossary: words that procedures use without explaining them. Administrators keep it."""

from collections.abc import Mapping
from functools import partial

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.models import GlossaryTerm
from roles.errors import NotValid
from roles.models import User
from roles.permissions import can_administer
from sopdesk.lib.errors import Missing, NotPermitted
from sopdesk.lib.merging import settle

FIELDS = ("term", "meaning", "language")


@transaction.atomic
def add_term(*, actor: User, fields: Mapping[str, str]) -> GlossaryTerm:
    """Add a word. Raises NotPermitted, and NotValid when it is there already or does not fit."""
    _check(actor)
    term = GlossaryTerm(**fields)
    _store(term)
    trail.record(names.GLOSSARY_ADD, actor=actor, subject=term, data=_facts(term))
    return term


@transaction.atomic
def change_term(
    term: GlossaryTerm, *, actor: User, fields: Mapping[str, object], base: Mapping[str, str] | None = None
) -> GlossaryTerm:
    """Change a word or what it means; what somebody else saved since the page of `base` stays.

    Raises NotPermitted, Missing when it was removed meanwhile, BothChanged where both changed the same, and NotValid.
    """
    _check(actor)
    stored = _lock(term)
    before = _facts(stored)
    saved_by = partial(trail.saver_of, stored)
    for name, value in settle(offered=fields, stored=before, base=base, saved_by=saved_by).items():
        setattr(stored, name, value)
    changed = {
        name: {"old": before[name], "new": value} for name, value in _facts(stored).items() if before[name] != value
    }
    if changed:
        _store(stored)
        trail.record(names.GLOSSARY_CHANGE, actor=actor, subject=stored, data=changed)
    return stored


@transaction.atomic
def remove_term(term: GlossaryTerm, *, actor: User) -> None:
    """Take a word out. Raises NotPermitted, and Missing when it was removed meanwhile."""
    _check(actor)
    stored = _lock(term)
    trail.record(names.GLOSSARY_REMOVE, actor=actor, subject=stored, data=_facts(stored))
    stored.delete()


def _check(actor: User) -> None:
    if not can_administer(actor):
        raise NotPermitted(_("Only administrators change the glossary."))


def _lock(term: GlossaryTerm) -> GlossaryTerm:
    stored = GlossaryTerm.objects.select_for_update(no_key=True).filter(pk=term.pk).first()
    if stored is None:
        raise Missing(_("This word was removed from the glossary."))
    return stored


def _store(term: GlossaryTerm) -> None:
    """Validate and save, also when somebody else was a moment faster. One word in two spellings of capitals is one
    word."""
    _check_word(term)
    try:
        term.full_clean()
    except ValidationError as error:
        raise NotValid(error.message_dict) from error
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError:
        _check_word(term)
        raise


def _check_word(term: GlossaryTerm) -> None:
    others = GlossaryTerm.objects.filter(language=term.language).exclude(pk=term.pk).values_list("term", flat=True)
    # In Python, since SQLite knows capitals of ASCII only.
    if term.term.casefold() in {other.casefold() for other in others}:
        raise NotValid({"term": [_("This word is in the glossary already.")]})


def _facts(term: GlossaryTerm) -> dict[str, object]:
    return {name: getattr(term, name) for name in FIELDS}
