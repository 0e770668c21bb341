from django.core.management.base import BaseCommand
from django.db import transaction

from procedures.search import meaning, rebuild


class Command(BaseCommand):
    help = "Make the search index again from the frozen texts. Searching goes on meanwhile; safe to run twice."

    def handle(self, **options: object) -> None:
        with transaction.atomic():
            count = rebuild()
        self.stdout.write(f"{count} revisions indexed")
        if meaning.is_available():
            while not meaning.learn(seconds=60):
                self.stdout.write("still learning what they mean …")
            self.stdout.write("learnt what they mean")
