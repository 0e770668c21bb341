from django.core.management.base import BaseCommand
from django.db import transaction

from procedures.search import rebuild


class Command(BaseCommand):
    help = "Make the search index again from the frozen texts. Searching goes on meanwhile; safe to run twice."

    def handle(self, **options: object) -> None:
        with transaction.atomic():
            count = rebuild()
        self.stdout.write(f"{count} revisions indexed")
