"""Turning texts in force into vectors, in the background."""

import time
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from procedures.content import revision_content
from procedures.models import Revision, SearchMeaning
from procedures.models.revision import RevisionQuerySet
from procedures.search.meaning.model import NAME, is_available, model
from procedures.search.meaning.passages import passages_of
from procedures.states import State


def learn(*, seconds: float) -> bool:
    """Learn texts that are or may come in force and are not known yet, for about `seconds`; return whether all are.

    A text is learnt whole or not at all, so it may be killed at any point. What is no longer followed is forgotten.
    Without the extra nothing is to be learnt.
    """
    if not is_available():
        return True
    until = time.monotonic() + seconds
    _forget()
    for revision in _unknown():
        if time.monotonic() >= until:
            return False
        learn_text(revision)
    return True


def learn_text(revision: Revision) -> None:
    """Turn the frozen text of `revision` into vectors, in place of those that it had."""
    vectors = model().passage(passages_of(revision_content(revision)))
    rows = [
        SearchMeaning(
            revision=revision,
            position=position,
            content_hash=revision.content_hash,
            model=NAME,
            vector=vector.astype("<f2").tobytes(),
        )
        for position, vector in enumerate(vectors)
    ]
    with transaction.atomic():
        SearchMeaning.objects.filter(revision=revision).delete()
        # The text may have been replaced or given up since it was read; then this is not what is to be known of it.
        current = Revision.objects.select_for_update(no_key=True).filter(pk=revision.pk)
        if current.filter(content_hash=revision.content_hash).exists():
            SearchMeaning.objects.bulk_create(rows)


def _followed() -> RevisionQuerySet:
    followed = Q(state__in=[State.PUBLISHED, State.APPROVED]) | Q(emergency_until__isnull=False)
    return Revision.objects.filter(followed)


def _unknown() -> Iterator[Revision]:
    known = SearchMeaning.objects.filter(revision=OuterRef("pk"), content_hash=OuterRef("content_hash"), model=NAME)
    wanted = _followed().filter(~Exists(known)).order_by("pk").values_list("pk", flat=True)
    for pk in list(wanted):
        revision = Revision.objects.filter(pk=pk).select_related("procedure").first()
        if revision is not None and revision.content is not None:
            yield revision


def _forget() -> None:
    SearchMeaning.objects.exclude(revision__in=_followed()).delete()
    SearchMeaning.objects.exclude(model=NAME).delete()
