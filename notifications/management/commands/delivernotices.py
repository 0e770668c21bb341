from django.core.management.base import BaseCommand

from notifications import delivery


class Command(BaseCommand):
    help = "Mail the notices that have not gone out yet. Safe to run twice; the worker does the same by clock."

    def handle(self, **options: object) -> None:
        sent, failed = delivery.deliver_waiting()
        self.stdout.write(f"{sent} sent, {failed} failed")
