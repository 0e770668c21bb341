"""Background work of the outbox."""

from django_tasks import task

from jobs.enqueueing import enqueue_many
from jobs.retry import retrying
from notifications import delivery, digests


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


@task(queue_name="mail")
@retrying(max_attempts=6)
def deliver_digest(recipient_id: int, up_to: int) -> None:
    """Mail one digest; a repeated call sends nothing."""
    digests.deliver_digest(recipient_id, up_to=up_to)


@task(queue_name="mail")
def send_digests() -> None:
    """Have a mail made for everybody who is told once a day and for whom something waits."""
    enqueue_many(deliver_digest, digests.digests_due())
