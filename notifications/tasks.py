"""Background work of the outbox."""

from django_tasks import task

from jobs.retry import retrying
from notifications import delivery


@task(queue_name="mail")
@retrying(max_attempts=6)
def deliver_notice(notice_id: int) -> None:
    """Mail one notice; a repeated call sends nothing."""
    delivery.deliver(notice_id)


@task(queue_name="mail")
@retrying(max_attempts=6)
def deliver_letter(kind: str, address: str, context: dict[str, object]) -> None:
    """Mail something to an address outside of sopdesk; a repeated call mails it again."""
    delivery.send_letter(kind, address=address, context=context)


@task(queue_name="mail")
def deliver_waiting() -> None:
    """Sweep up what the single tasks did not get out."""
    delivery.deliver_waiting()
