"""What the reader page offers and says about suggestions: a link at every step, and what became of one's own.

Everything comes as ties, in the statement that the page asks anyway (`procedures.reading.extensions`).
"""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from procedures.models import Revision
from procedures.reading.extensions import Extension, Keys, Reading
from procedures.reading.parts import NUMBER, UID, Act, Contribution, Part, Place
from procedures.reading.sql import moment_from, table_of
from runs.models import Answer, Remark
from runs.permissions import suggests

NAME = "remarks"
OPEN = "open"
MOST_SHOWN = 40
BREAK = "\x1f"
"""Between the values of one tie; who types it into a text moves some words of that text, and nothing else."""

VALUES = (
    "CAST(own.step AS TEXT)", "own.answer", "CAST(own.said_at AS TEXT)", "own.answerer_name",
    "CAST(solving.number AS TEXT)", "own.answer_text", "own.text",
)  # fmt: skip


def ties(keys: Keys) -> str:
    """One's own suggestions that wait, or whose answer is about this very text; and how many wait for an answer."""
    remarks, revisions = table_of(Remark), table_of(Revision)
    words = f" || '{BREAK}' || ".join(f"COALESCE({value}, '')" for value in VALUES)
    return f"""
        SELECT mine.id AS tied, mine.words FROM (
            SELECT own.id, 'own{BREAK}' || {words} AS words FROM {remarks} own
            LEFT JOIN {revisions} solving ON solving.id = own.solved_by_id
            WHERE own.author_id = {keys.user} AND own.procedure_id = {keys.procedure} AND (
                own.answer IN ('', '{Answer.PROMISED}') OR own.revision_id = {keys.revision}
                OR own.solved_by_id = {keys.revision}
            )
            ORDER BY own.id DESC LIMIT {MOST_SHOWN}
        ) mine
        UNION ALL SELECT COUNT(*), '{OPEN}' FROM {remarks} waiting
            WHERE waiting.procedure_id = {keys.procedure} AND waiting.answer = ''
    """  # noqa: S608  names of tables and columns are ours, values are parameters


@dataclass(frozen=True, slots=True)
class Own:
    """One of one's own suggestions, as the page shows it."""

    pk: int
    step: str
    answer: str
    said_at: datetime.datetime
    answerer: str
    solved_by: str
    answer_text: str
    text: str

    @property
    def is_promised(self) -> bool:
        return self.answer == Answer.PROMISED


def own_from(page: Reading) -> list[Own]:
    """The person's own suggestions out of the ties, the oldest first."""
    return [_own(pk, words) for pk, words in page.ties(NAME) if words != OPEN]


def _own(pk: int, words: str) -> Own:
    _mine, step, answer, said_at, answerer, solved_by, answer_text, text = words.split(BREAK, len(VALUES))
    uid = str(UUID(step)) if step else ""
    return Own(pk, uid, answer, moment_from(said_at), answerer, solved_by, answer_text, text)


def contribute(page: Reading) -> Contribution:
    """Nothing on a text that is not in force; to auditors only the way to the list."""
    if not page.is_in_force:
        return Contribution()
    code = page.revision.procedure.code
    acts = (_list(code, _waiting(page)),) if page.is_kept else ()
    if not suggests(page.user):
        return Contribution(acts=acts)
    address = reverse("remark-new", args=[code])
    values = {"address": address, "uid": UID, "number": NUMBER}
    parts = [
        Part(Place.HEAD, "runs/_suggest_head.html", values),
        Part(Place.EACH_STEP, "runs/_suggest_step.html", values),
    ]
    found = own_from(page)
    for uid in dict.fromkeys(own.step for own in found):
        place = Place.STEP if uid else Place.TOP
        shown = {"rows": [own for own in found if own.step == uid]}
        parts.append(Part(place, "runs/_own_remarks.html", shown, step=uid))
    return Contribution(acts=acts, parts=tuple(parts))


def _waiting(page: Reading) -> int:
    return next((number for number, words in page.ties(NAME) if words == OPEN), 0)


def _list(code: str, waiting: int) -> Act:
    label = _("Suggestions (%(count)d without an answer)") % {"count": waiting} if waiting else _("Suggestions")
    return Act(label, "flag", f"{reverse('remarks')}?procedure={code}")


ON_READER_PAGE = Extension(NAME, contribute, ties=ties)
