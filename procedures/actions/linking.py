"""Keeping track of which text refers to which code."""

from django.db import transaction

from procedures.models import CodeLink, Revision
from procedures.references import references_in


@transaction.atomic
def record_links(revision: Revision, content: dict) -> None:
    """Write down the codes that `content`, the frozen text of `revision`, refers to; what was noted before goes."""
    CodeLink.objects.filter(revision=revision).delete()
    rows = [CodeLink(revision=revision, step_uid=uid, code=code[:20]) for uid, code in references_in(content)]
    if rows:
        CodeLink.objects.bulk_create(rows)
