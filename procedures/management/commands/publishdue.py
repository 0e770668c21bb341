from django.core.management.base import BaseCommand

from procedures.actions import publishing


class Command(BaseCommand):
    help = "Publish approved revisions whose effective date has come. Safe to run twice; the worker does it by clock."

    def handle(self, **options: object) -> None:
        published = publishing.publish_due()
        for revision in published:
            self.stdout.write(f"published {revision}")
        self.stdout.write(f"{len(published)} published")
