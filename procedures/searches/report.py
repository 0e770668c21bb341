"""What people searched for and did not find, grouped by the form of their words."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from procedures.models import IgnoredSearch, Outcome, SearchRecord
from procedures.searches.permissions import searches_visible_to, sees_searchers
from roles.models import User

OPENS_WITHIN = datetime.timedelta(minutes=5)
"""Who has opened nothing after that is taken to have given up."""

SHOWN = 50  # groups in a list of the page; the table has all


@dataclass(frozen=True, slots=True)
class Group:
    """Searches of one form.

    typed: how the last of them was typed, in `language`.
    results: how many procedures the last of them found; `complete` of them have all words.
    people: who searched, as far as it is still kept and for those who may see it.
    """

    form: str
    typed: str
    language: str
    count: int
    last: datetime.datetime
    results: int
    complete: int
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`nothing`: searches that found nothing. `abandoned`: searches that found something of which nothing was opened;
    a browser without script does not tell, so `unknown` counts those. Both are cut off at `SHOWN`, with their full
    number beside."""

    since: datetime.datetime
    searches: int
    opened: int
    unknown: int
    nothing: list[Group] = field(default_factory=list)
    nothing_count: int = 0
    abandoned: list[Group] = field(default_factory=list)
    abandoned_count: int = 0
    ignored: list[IgnoredSearch] = field(default_factory=list)


def report_for(user: User, *, period: datetime.timedelta, most: int | None = SHOWN) -> Report:
    """The report of the last `period`, for somebody who sees it; eight queries at most. `most` cuts the lists off."""
    now = timezone.now()
    searches = searches_visible_to(user).filter(searched_at__gte=now - period)
    gave_up = Q(outcome=Outcome.SHOWN, results__gt=0, searched_at__lt=now - OPENS_WITHIN)
    counted = searches.aggregate(
        all=Count("pk"),
        opened=Count("pk", filter=Q(outcome=Outcome.OPENED)),
        unknown=Count("pk", filter=Q(outcome=Outcome.UNKNOWN, results__gt=0)),
    )
    heeded = searches.exclude(form__in=IgnoredSearch.objects.values("form"))
    nothing, nothing_count = _groups(heeded.filter(results=0), user, most)
    abandoned, abandoned_count = _groups(heeded.filter(gave_up), user, most)
    return Report(
        since=now - period,
        searches=counted["all"],
        opened=counted["opened"],
        unknown=counted["unknown"],
        nothing=nothing,
        nothing_count=nothing_count,
        abandoned=abandoned,
        abandoned_count=abandoned_count,
        ignored=list(IgnoredSearch.objects.select_related("ignored_by")),
    )


def _groups(searches: QuerySet[SearchRecord], user: User, most: int | None) -> tuple[list[Group], int]:
    """The groups of `searches`, those that were searched for most often first, and how many there are."""
    grouped = searches.order_by().values("form").annotate(count=Count("pk"), last=Max("searched_at"), newest=Max("pk"))
    rows = list(grouped.order_by("-count", "-last", "form")[: None if most is None else most + 1])
    number = grouped.count() if most is not None and len(rows) > most else len(rows)
    rows = rows[:most]
    newest = SearchRecord.objects.in_bulk([row["newest"] for row in rows])
    people = _people(searches, [row["form"] for row in rows]) if sees_searchers(user) else {}
    return [
        Group(
            form=row["form"],
            typed=newest[row["newest"]].typed,
            language=newest[row["newest"]].language,
            count=row["count"],
            last=row["last"],
            results=newest[row["newest"]].results,
            complete=newest[row["newest"]].complete,
            people=people.get(row["form"], ()),
        )
        for row in rows
    ], number


def _people(searches: QuerySet[SearchRecord], forms: list[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    known = searches.filter(form__in=forms).exclude(person=None).select_related("person")
    for record in known.only("form", "person__full_name", "person__email").order_by("person__full_name", "pk"):
        names = found.get(record.form, ())
        if str(record.person) not in names:
            found[record.form] = (*names, str(record.person))
    return found
