"""What is noted about searches, and which of them need no procedure.

Noting is no decision of anybody and leaves no entry on the trail; what is left out of the report is one and does.
"""

import datetime
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.models import IgnoredSearch, Outcome, SearchRecord
from procedures.searches.permissions import check_ignores_searches
from procedures.searches.words import continues, form_of, without_personal_data
from roles.models import User
from sopdesk.db.composed import Composed
from sopdesk.lib.errors import Missing

logger = logging.getLogger("procedures.searches")

KEYS = datetime.timedelta(seconds=30)
SAME_WORDS = datetime.timedelta(minutes=30)
WAIT_MS = 200
"""How long a search waits for other writers before it is answered without being noted."""


def note_search(
    typed: str, *, actor: User, results: int, complete: int, filters: str = "", with_script: bool = False
) -> int | None:
    """Note that `actor` searched for `typed`; return the number of the record, None when there is nothing to note.

    What is typed on within 30 seconds is the same search, and so are the same words within half an hour: a filter, the
    way back from a result. Whatever the database says, the search is answered.

    with_script: the browser will tell when a result is opened.
    """
    kept = without_personal_data(typed)
    form = form_of(kept, actor.language)
    if not form:
        return None
    try:
        with _short_wait(), transaction.atomic():
            return _note(
                SearchRecord(
                    person=actor, typed=kept, form=form, language=actor.language, results=results,
                    complete=min(complete, results), filters=filters[:100], searched_at=timezone.now(),
                    outcome=Outcome.SHOWN if with_script else Outcome.UNKNOWN,
                )
            )  # fmt: skip
    except DatabaseError as error:
        logger.warning("A search was not noted: %s", error)
        return None


def _note(record: SearchRecord) -> int:
    """Store `record`, or what it adds to the last search of its person."""
    last = next(_last.ask(person=record.person_id, since=record.searched_at - SAME_WORDS), None)
    changed = ["results", "complete", "filters", "searched_at"]
    if last and last.form == record.form:
        # A filter leaves less than the words found.
        record.results, record.complete = max(last.results, record.results), max(last.complete, record.complete)
    elif last and _goes_on(record, last):
        changed += ["typed", "form"]
    else:
        record.save(force_insert=True)
        return record.pk
    record.pk = last.pk
    if record.outcome == Outcome.SHOWN and last.outcome == Outcome.UNKNOWN:
        changed.append("outcome")
    record.save(force_update=True, update_fields=changed)
    return record.pk


def _compose_last(person: int, since: datetime.datetime) -> QuerySet[SearchRecord]:
    return SearchRecord.objects.filter(person=person, searched_at__gt=since).order_by("-searched_at", "-pk")[:1]


_last = Composed(_compose_last, person=int, since=datetime.datetime)


def _goes_on(record: SearchRecord, last: SearchRecord) -> bool:
    in_time = record.searched_at - last.searched_at < KEYS
    return in_time and last.outcome != Outcome.OPENED and continues(record.typed, last.typed)


@contextmanager
def _short_wait() -> Iterator[None]:
    """SQLite has one writer at a time, and nobody who searches shall wait long for it. PostgreSQL makes nobody wait."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    usual = settings.DATABASES["default"].get("OPTIONS", {}).get("timeout", 5)
    connection.connection.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    try:
        yield
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout = {int(usual * 1000)}")


@transaction.atomic
def note_outcome(pk: int, *, actor: User, opened: bool) -> None:
    """Note that a result of the search `pk` was opened, or that the browser will tell. Only a person's own searches
    are found, and what was opened stays so. Raises Missing."""
    own = SearchRecord.objects.filter(pk=pk, person=actor)
    before = [Outcome.UNKNOWN, Outcome.SHOWN] if opened else [Outcome.UNKNOWN]
    changed = own.filter(outcome__in=before).update(outcome=Outcome.OPENED if opened else Outcome.SHOWN)
    if not changed and not own.exists():
        raise Missing(_("There is no such search."))


@transaction.atomic
def ignore_search(form: str, *, actor: User) -> IgnoredSearch:
    """Leave searches of the form `form` out of the report. Nothing happens when they are left out already.

    Raises Missing, NotPermitted.
    """
    check_ignores_searches(actor)
    last = SearchRecord.objects.filter(form=form).first()
    if last is None:
        raise Missing(_("Nobody searched for these words."))
    ignored, is_new = IgnoredSearch.objects.get_or_create(
        form=form, defaults={"typed": last.typed, "ignored_by": actor, "ignored_at": timezone.now()}
    )
    if is_new:
        trail.record(names.SEARCH_IGNORE, actor=actor, subject=ignored, data={"search": ignored.typed})
    return ignored


@transaction.atomic
def heed_search(ignored: IgnoredSearch, *, actor: User) -> None:
    """Bring searches back into the report. Raises NotPermitted, and Missing when somebody else did so meanwhile."""
    check_ignores_searches(actor)
    stored = IgnoredSearch.objects.select_for_update().filter(pk=ignored.pk).first()
    if stored is None:
        raise Missing(_("This search is in the report again."))
    trail.record(names.SEARCH_HEED, actor=actor, subject=stored, data={"search": stored.typed})
    stored.delete()


@transaction.atomic
def forget_searchers(now: datetime.datetime | None = None) -> tuple[int, int]:
    """Clear who searched from what is older than SEARCH_PERSON_DAYS, and remove searches older than SEARCH_DAYS;
    return how many of each. By the clock, and safe to repeat."""
    now = now or timezone.now()
    old = SearchRecord.objects.filter(searched_at__lt=now - datetime.timedelta(days=settings.SEARCH_PERSON_DAYS))
    cleared = old.exclude(person=None).update(person=None)
    past = now - datetime.timedelta(days=settings.SEARCH_DAYS)
    removed, _rows = SearchRecord.objects.filter(searched_at__lt=past).delete()
    return cleared, removed
