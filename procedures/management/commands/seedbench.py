import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from procedures.seeding import writer
from procedures.seeding.documents import Source, read_documents
from procedures.seeding.errors import BadLine, NotEmpty
from procedures.seeding.firm import APPROVER, EDITOR, READER
from procedures.seeding.inventing import invent

PASSWORD_VARIABLE = "BENCH_PASSWORD"  # noqa: S105  (the name of the variable)  # nosec B105
TOLD_EVERY = 1000


class Command(BaseCommand):
    help = (
        "Fill an empty database with published procedures for load tests: invented ones, the same for the same seed,"
        f" or those of a file. {READER}, {EDITOR} and {APPROVER} log in with the password in {PASSWORD_VARIABLE}."
        " Does nothing when called again with the same arguments; refuses a database with other data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--procedures", type=int, help="how many; with --from at most so many (all)")
        parser.add_argument("--seed", type=int, default=1, help="of the random numbers behind invented texts (1)")
        parser.add_argument(
            "--from", type=Path, dest="file", metavar="FILE.jsonl",
            help="one JSON object a line: code, title, category, summary, language, steps of title and text",
        )  # fmt: skip

    def handle(self, *, procedures: int | None, seed: int, file: Path | None, **options: object) -> None:
        password = os.environ.get(PASSWORD_VARIABLE, "")
        if not password:
            raise CommandError(f"Set {PASSWORD_VARIABLE}: the people of the firm need a password.")
        if procedures is not None and procedures < 1:
            raise CommandError("--procedures must be 1 or more.")
        self._write(self._source(procedures, seed=seed, file=file), password=password)

    def _source(self, procedures: int | None, *, seed: int, file: Path | None) -> Source:
        if file is None:
            if procedures is None:
                raise CommandError("Say how many with --procedures, or give a file with --from.")
            return invent(procedures=procedures, seed=seed)
        try:
            source = read_documents(file, limit=procedures)
        except BadLine as error:
            raise CommandError(f"{file}, {error}. Nothing was written.") from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        if not source.documents:
            raise CommandError(f"{file} holds no procedures.")
        return source

    def _write(self, source: Source, *, password: str) -> None:
        try:
            made = writer.seed(source, password=password, tell=self._tell)
        except NotEmpty as error:
            raise CommandError("This database holds other data. seedbench needs an empty one.") from error
        count = len(source.documents)
        if made:
            self.stdout.write(f"Made {count} published procedures ({source.name}).")
        else:
            self.stdout.write(f"These {count} procedures are there already ({source.name}). Nothing was changed.")

    def _tell(self, written: int) -> None:
        if written % TOLD_EVERY == 0:
            self.stdout.write(f"{written} procedures …")
            sys.stdout.flush()
