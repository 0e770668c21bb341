"""What the reader page says about one's own reading: a banner when the text has changed, and the button at its end.

Everything comes as ties, in the statement that the page asks anyway (`procedures.reading.extensions`).
"""

from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.models import Revision, Significance
from procedures.reading.extensions import Extension, Keys
from procedures.reading.extensions import Reading as Page
from procedures.reading.parts import Banner, Contribution, Part, Place, Rank
from procedures.reading.sql import moment_from, table_of
from procedures.states import ONCE_PUBLISHED
from training.models import Acknowledgement
from training.permissions import acknowledges
from training.reading import Reading, Worth

NAME = "acknowledged"
MAJOR, WHOLE, OTHER = "major", "whole", "other"


def ties(keys: Keys) -> str:
    """What `training.queries.last_of` and `reading_of` ask: the last text that was confirmed, with its time, and the
    last revision that asks its readers again."""
    own, revisions = table_of(Acknowledgement), table_of(Revision)
    released = ", ".join(f"'{state.value}'" for state in ONCE_PUBLISHED)
    return f"""
        SELECT last.number AS tied, last.words FROM (
            SELECT confirmed.number, CASE WHEN own.content_hash = confirmed.content_hash
                THEN '{WHOLE} ' ELSE '{OTHER} ' END || CAST(own.acknowledged_at AS TEXT) AS words
            FROM {own} own JOIN {revisions} confirmed ON confirmed.id = own.revision_id
            WHERE own.person_id = {keys.user} AND confirmed.procedure_id = {keys.procedure}
                AND confirmed.number <= {keys.number}
            ORDER BY confirmed.number DESC, own.acknowledged_at DESC LIMIT 1
        ) last
        UNION ALL SELECT COALESCE(MAX(asking.number), 0), '{MAJOR}' FROM {revisions} asking
            WHERE asking.procedure_id = {keys.procedure} AND asking.number <= {keys.number}
                AND asking.significance = '{Significance.MAJOR.value}'
                AND (asking.state IN ({released}) OR asking.id = {keys.revision})
    """  # noqa: S608  names of tables and states are ours, values are parameters


def contribute(page: Page) -> Contribution:
    """Nothing for auditors, and nothing on a text that is not in force."""
    if not page.is_in_force or not acknowledges(page.user):
        return Contribution()
    reading, number = reading_from(page), page.revision.number
    worth = reading.worth_for(number) if reading else None
    values = {"reading": reading, "worth": worth}
    banners = (_changed(page, reading),) if reading and worth == Worth.CHANGED else ()
    return Contribution(banners=banners, parts=(Part(Place.END, "training/_end_of_text.html", values),))


def reading_from(page: Page) -> Reading | None:
    """The last confirmation of this person, out of the ties; None without one."""
    rows = page.ties(NAME)
    last_major = next((number for number, words in rows if words == MAJOR), 0)
    for number, words in rows:
        kind, _space, moment = words.partition(" ")
        if kind in (WHOLE, OTHER):
            return Reading(number, moment_from(moment), kind == WHOLE, last_major)
    return None


def _changed(page: Page, reading: Reading) -> Banner:
    return Banner(
        "quiet", "compare",
        _("Changed since you confirmed revision %(number)d.") % {"number": reading.number},
        _("See what is new, then confirm."),
        reverse("compare-since-mine", args=[page.revision.procedure.code]), _("What changed for me"),
        rank=Rank.DUTY,
    )  # fmt: skip


ON_READER_PAGE = Extension(NAME, contribute, ties=ties)
