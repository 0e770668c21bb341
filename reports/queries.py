"""Reading the trail: a page of it at a cost that its length does not change, and what is known about the whole."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from audit import checkpoints, trail
from audit.trail import Entry
from reports.models import TrailReview, VerificationRun
from reports.permissions import reasons_to_see
from roles.models import User
from roles.queries import people_matching

PER_PAGE = 50
LOOKED_THROUGH = 20_000
"""How many entries one page with a text looks through: no index finds words in the trail."""
MOST_PEOPLE = 50
SLACK = 1_000
"""Clocks of several servers differ by a moment: entries near the borders of a period are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody asked of the trail; empty fields ask nothing."""

    who: str = ""
    what: str = ""
    procedure: str = ""
    first: datetime.date | None = None
    last: datetime.date | None = None
    text: str = ""

    def as_data(self) -> dict[str, str]:
        """What was asked, for the trail and for addresses."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.isoformat() if isinstance(value, datetime.date) else value
            for name, value in named.items()
            if value
        }

    def condition(self) -> Q:
        """All but the text. The period is also told in numbers, by which the rows lie."""
        found = Q()
        if self.who:
            people = people_matching(words=self.who, is_active=None).order_by("pk").values_list("pk", flat=True)
            found &= Q(actor__in=list(people[:MOST_PEOPLE])) if self.who != "sopdesk" else Q(actor=None)
        if self.what:
            found &= Q(name=self.what)
        if self.procedure:
            found &= Q(procedure_code=self.procedure)
        if self.first or self.last:
            found &= _period(self.first, self.last)
        return found

    def words(self) -> Q:
        """The text, in labels and reasons; upper and lower case are the same."""
        found = Q()
        for word in self.text.split():
            pattern = re.escape(word)
            found &= Q(reason__iregex=pattern) | Q(subject_label__iregex=pattern) | Q(actor_label__iregex=pattern)
        return found


def _start_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _period(first: datetime.date | None, last: datetime.date | None) -> Q:
    found, entries = Q(), trail.entries().order_by("at")
    if first:
        start = _start_of(first)
        found &= Q(at__gte=start)
        border = entries.filter(at__gte=start).values_list("seq", flat=True).first()
        found &= Q(seq__gte=border - SLACK) if border else Q(pk__in=[])
    if last:
        end = _start_of(last + datetime.timedelta(days=1))
        found &= Q(at__lt=end)
        border = entries.filter(at__lt=end).values_list("seq", flat=True).last()
        found &= Q(seq__lte=border + SLACK) if border else Q(pk__in=[])
    return found


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Entries, newest first. `older` and `newer` are the numbers to go on from, None where there is nothing more;
    `looked_back_to` is set when a text was looked for and the page is not full: the number at which it stopped."""

    entries: list[Entry]
    older: int | None
    newer: int | None
    looked_back_to: int | None = None


def trail_page(user: User, filters: Filters, *, before: int | None = None, after: int | None = None) -> TrailPage:
    """The entries that `user` may see and `filters` let through, next to a number; 10 queries at most.

    Each reason to see an entry is asked on its own, so that each is answered by its index.
    """
    head = trail.head_of_trail().seq
    condition, words = filters.condition(), filters.words()
    forward = after is not None
    limit = None
    if filters.text and after is not None:
        limit = min(after + LOOKED_THROUGH, head)
        condition &= words & Q(seq__lte=limit)
    elif filters.text:
        limit = max((before or head + 1) - LOOKED_THROUGH, 1)
        condition &= words & Q(seq__gte=limit)
    if after is not None:
        condition &= Q(seq__gt=after)
    elif before is not None:
        condition &= Q(seq__lt=before)
    numbers: set[int] = set()
    for reason in reasons_to_see(user):
        found = trail.entries().filter(condition & reason).order_by("seq" if forward else "-seq")
        numbers.update(found.values_list("seq", flat=True)[: PER_PAGE + 1])
    chosen = sorted(numbers, reverse=not forward)
    more, chosen = len(chosen) > PER_PAGE, sorted(chosen[:PER_PAGE], reverse=True)
    entries = list(trail.entries().filter(seq__in=chosen).order_by("-seq"))
    stopped = limit if limit is not None and not more and (limit < head if forward else limit > 1) else None
    return TrailPage(entries, *_borders(chosen, more, stopped, head, before=before, after=after), stopped)


def _borders(
    chosen: list[int], more: bool, stopped: int | None, head: int, *, before: int | None, after: int | None
) -> tuple[int | None, int | None]:
    """The numbers to go on from, back and forth."""
    if after is not None:
        return (chosen[-1] if chosen else after + 1), (chosen[0] if more else stopped)
    newer = chosen[0] if chosen else (before or 0) - 1
    return (chosen[-1] if more else stopped), (None if before is None else newer)


def entries_to_export(filters: Filters, *, upto: int) -> Iterator[Entry]:
    """Every entry up to number `upto` that `filters` let through, oldest first, some thousand in memory at a time."""
    condition, seq = filters.condition() & filters.words(), 0
    while True:
        rows = list(trail.entries().filter(condition, seq__gt=seq, seq__lte=upto).order_by("seq")[: trail.AT_ONCE])
        yield from rows
        if len(rows) < trail.AT_ONCE:
            return
        seq = rows[-1].seq


# The whole ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrailStatus:
    """What auditors and administrators are told above the trail."""

    length: int
    last_run: VerificationRun | None
    last_review: TrailReview | None
    checkpoints: list[checkpoints.Line]

    @property
    def reviewed_up_to(self) -> int:
        return self.last_review.upto_seq if self.last_review else 0

    @property
    def not_reviewed(self) -> int:
        """How many entries nobody has reviewed yet."""
        return self.length - self.reviewed_up_to


def trail_status() -> TrailStatus:
    return TrailStatus(
        length=trail.head_of_trail().seq,
        last_run=VerificationRun.objects.first(),
        last_review=last_review(),
        checkpoints=checkpoints.latest_lines(3),
    )


def last_review() -> TrailReview | None:
    return TrailReview.objects.order_by("-upto_seq").first()
