"""Background work of procedures."""

from django_tasks import task

from jobs.retry import retrying
from procedures.linkchecking import continue_link_check
from procedures.manuals import building
from procedures.models import RenditionKind, Revision
from procedures.pdf import store_pdf


@task(queue_name="pdf")
@retrying()
def make_pdf(revision_id: int, kind: str) -> None:
    """Make and store the PDF of a revision, unless it is stored already."""
    store_pdf(Revision.objects.get(pk=revision_id), kind=RenditionKind(kind))


@task()
@retrying()
def check_links(check_id: int) -> None:
    """Ask external links whether they are there, some at a time, so that a worker's other tasks need not wait."""
    if not continue_link_check(check_id):
        check_links.enqueue(check_id)


@task(queue_name="pdf")
def build_manual(manual_id: int) -> None:
    """Make a manual, unless it is made, was called off, or another worker has begun with it since."""
    building.build(manual_id)
