from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.checkpoints import make_key, public_file


class Command(BaseCommand):
    help = "Make the key that signs checkpoints of the trail, at CHECKPOINT_KEY or PATH. A key that is there stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", default="", metavar="PATH")

    def handle(self, *, path: str, **options: object) -> None:
        place = path or settings.CHECKPOINT_KEY
        if not place:
            raise CommandError("Say where: set CHECKPOINT_KEY or give a path.")
        try:
            name = make_key(Path(place))
        except OSError as error:
            raise CommandError(f"No key was made: {error}") from error
        self.stdout.write(f"Key {name} is in {place}, readable by its owner alone.")
        self.stdout.write(
            f"Keep a copy of {public_file(Path(place))} elsewhere: with it, anybody can check checkpoints."
        )
