"""Comments on a revision as threads: a comment with its answers, on one step or on the whole.

The editor shows them while a revision is written; whoever decides on it sees the same ones.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from procedures.models import Comment, Revision


@dataclass(frozen=True, slots=True)
class Thread:
    """The first comment, and the answers to it in their order."""

    first: Comment
    answers: list[Comment] = field(default_factory=list)

    @property
    def is_resolved(self) -> bool:
        return self.first.resolved_at is not None

    @property
    def step_uid(self) -> UUID | None:
        return self.first.step_uid


def threads_of(revision: Revision) -> list[Thread]:
    """Every thread of `revision`, the oldest first; one query."""
    threads: dict[int, Thread] = {}
    answers = []
    for comment in revision.comments.select_related("author", "resolved_by").order_by("created_at", "pk"):
        comment.revision = revision
        if comment.parent_id is None:
            threads[comment.pk] = Thread(comment)
        else:
            answers.append((comment.parent_id, comment))
    for parent_id, answer in answers:
        threads[parent_id].answers.append(answer)
    return list(threads.values())


def open_counts(threads: Iterable[Thread]) -> Counter[str]:
    """How many threads wait for an answer: by the uid of their step, and under "" for those on the whole."""
    return Counter(str(thread.step_uid or "") for thread in threads if not thread.is_resolved)
