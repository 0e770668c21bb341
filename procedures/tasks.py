"""Background work of procedures."""

from django_tasks import task

from jobs.retry import retrying
from procedures.models import RenditionKind, Revision
from procedures.pdf import store_pdf


@task(queue_name="pdf")
@retrying()
def make_pdf(revision_id: int, kind: str) -> None:
    """Make and store the PDF of a revision, unless it is stored already."""
    store_pdf(Revision.objects.get(pk=revision_id), kind=RenditionKind(kind))
