import sys
from collections.abc import Iterator
from itertools import chain

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection

from audit import guards
from procedures.invariants import violations


class Command(BaseCommand):
    help = (
        "Check the audit chain, signatures, content hashes and files. "
        "Exits with 0 when all is as it was written, 1 when something is not (the first one is named first), "
        "2 when it could not be checked."
    )

    def handle(self, **options: object) -> None:
        found = 0
        try:
            for sentence in chain(self.unguarded(), violations()):
                found += 1
                self.stdout.write(self.style.ERROR(sentence))
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"could not check: {error}")
            sys.exit(2)
        if found:
            self.stderr.write(f"{found} violations")
            sys.exit(1)
        self.stdout.write("Checked: complete. Trail, signatures, contents and files are as they were written.")

    def unguarded(self) -> Iterator[str]:
        """The first barrier against intruders: a trigger that is gone is news even while the chain is whole."""
        for name in guards.missing(connection):
            yield f"I4 trigger {name} of the trail is not in place"
