from collections.abc import Callable

import pytest
from django.utils import timezone

from procedures import search
from procedures.content import content_hash, read_content
from procedures.models import Procedure, Revision, Step
from procedures.permissions import library_revisions_for
from procedures.states import State
from roles.models import User
from tests.factories import Firm

Publish = Callable[..., Revision]
Find = Callable[..., list[str]]


@pytest.fixture
def publish(firm: Firm) -> Publish:
    """Puts a text on the shelf: rows and index as publication leaves them, without the approval before it."""

    def put(code: str, title: str, *steps: str, language: str = "en", audience=None, number=1, **fields) -> Revision:
        procedure, _ = Procedure.objects.get_or_create(
            code=code, defaults={"department": fields.pop("department", firm.finance), "owner": firm.owner}
        )
        if audience is not None:
            procedure.audience = "departments"
            procedure.save(update_fields=["audience"])
            procedure.audience_departments.set(audience)
        revision = Revision.objects.create(
            procedure=procedure, number=number, title=title, language=language, state=State.PUBLISHED,
            published_at=timezone.now(), content_hash="-", **fields,
        )  # fmt: skip
        for position, body in enumerate(steps, start=1):
            head, _, rest = body.partition(": ")
            Step.objects.create(
                revision=revision, position=position, title=head, body=rest or head, role=firm.clerk_role
            )
        revision.content = read_content(revision)
        revision.content_hash = content_hash(revision.content)
        revision.save(update_fields=["content", "content_hash"])
        search.index(revision)
        return revision

    return put


@pytest.fixture
def find(firm: Firm) -> Find:
    """The codes that somebody (of Finance) finds, best first."""

    def codes(query: str, *, user: User | None = None, limit: int = 10, **options) -> list[str]:
        page = ask(query, user=user or firm.staff, limit=limit, **options)
        in_order = Revision.objects.select_related("procedure").in_bulk(page.hits)
        return [in_order[pk].procedure.code for pk in page.hits]

    return codes


def ask(query: str, *, user: User, limit: int = 10, **options) -> search.SearchPage:
    return search.search(query, queryset=library_revisions_for(user), limit=limit, **options)
