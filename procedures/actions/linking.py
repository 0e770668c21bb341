"""Keeping track of which text refers to which code."""

from procedures.models import CodeLink, Revision
from procedures.references import references_in


def record_links(revision: Revision, content: dict, *, again: bool) -> None:
    """Write down the codes that `content`, the text of `revision` as it is frozen now, refers to. What was noted when
    it was frozen before goes, where this is done `again`."""
    if again:
        CodeLink.objects.filter(revision=revision).delete()
    rows = [CodeLink(revision=revision, step_uid=uid, code=code[:20]) for uid, code in references_in(content)]
    if rows:
        CodeLink.objects.bulk_create(rows)
