"""What the page on which a draft is submitted says and asks about suggestions."""

from collections.abc import Iterable

from django.utils.datastructures import MultiValueDict
from django.utils.translation import ngettext

from procedures.models import Revision
from procedures.preflight import Preflight, Subject
from roles.models import User
from runs.actions.remarks import choose_for_submission
from runs.forms import SubmissionForm
from runs.models import Remark
from runs.queries import to_settle_in, unanswered_count


def check_unanswered(result: Preflight, revision: Revision) -> None:
    """Suggestions that nobody has answered are said, and do not stand in the way."""
    if count := unanswered_count(revision):
        sentence = ngettext(
            "%(count)d suggestion from readers is unanswered.",
            "%(count)d suggestions from readers are unanswered.",
            count,
        )
        result.warn(Subject.READERS, sentence % {"count": count})


class SubmissionAddition:
    """Which suggestions the revision answers, as part of the form of the page."""

    template = "runs/_submission.html"

    def __init__(self, rows: Iterable[Remark], data: MultiValueDict | None) -> None:
        self.form = SubmissionForm(data, rows=rows)

    def is_valid(self) -> bool:
        return self.form.is_valid()

    def carry_out(self, revision: Revision, *, actor: User) -> None:
        chosen, shown = self.form.cleaned_data["remarks"], self.form.cleaned_data["shown"]
        choose_for_submission(revision, actor=actor, chosen=chosen, shown=shown)


def submission_addition(revision: Revision, data: MultiValueDict | None) -> SubmissionAddition | None:
    """None when there is nothing to answer."""
    rows = list(to_settle_in(revision))
    return SubmissionAddition(rows, data) if rows else None
