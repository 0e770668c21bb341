from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from procedures.actions.importing import import_procedure
from procedures.importing.document import COUNTED, ParsedProcedure, UnreadableDocument
from procedures.importing.files import ENDINGS, documents_in, parse_file
from roles.models import Access, User
from sopdesk.lib.canonical import sha256_hex
from sopdesk.lib.errors import DomainError


class Command(BaseCommand):
    help = (
        "Import documents as drafts, one procedure a file: a report for each and in total. "
        "A file that fails leaves nothing behind and does not stop the others; exit code 1 tells of it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
        parser.add_argument("--author", default="", help="e-mail of the author who imports (default: the first author)")
        parser.add_argument("--dry-run", action="store_true", help="only report, write nothing")
        parser.add_argument("--details", action="store_true", help="list what was dropped or left unresolved, by line")

    def handle(self, *, paths: list[Path], author: str, dry_run: bool, details: bool, **options: object) -> None:
        actor = None if dry_run else self._author(author)
        totals: dict[str, Counter] = {"in": Counter(), "out": Counter(), "dropped": Counter()}
        results: Counter = Counter()
        for path in _files(paths):
            if path.suffix.lower() not in ENDINGS:
                results["not known yet"] += 1
                self.stdout.write(f"{path}: format {path.suffix or 'without ending'} is not known yet")
                continue
            try:
                data = path.read_bytes()
                members = documents_in(data, path.name)
            except (UnreadableDocument, OSError) as error:
                results["failed"] += 1
                self.stderr.write(f"{path}: FAILED: {error}")
                continue
            for member in members:
                label = f"{path}/{member}" if member else str(path)
                try:
                    parsed, code = self._import(data, path.name, member, actor)
                except (UnreadableDocument, DomainError) as error:
                    results["failed"] += 1
                    self.stderr.write(f"{label}: FAILED: {error}")
                    continue
                self._count(parsed, totals, results)
                self._report(label, parsed, code, details=details)
        self._total(totals, results)
        if results["failed"]:
            raise CommandError(f"{results['failed']} files failed")

    def _author(self, email: str) -> User:
        authors = User.objects.filter(is_active=True, access=Access.AUTHOR, department__is_active=True).order_by("pk")
        author = authors.filter(email__iexact=email).first() if email else authors.first()
        if author is None:
            raise CommandError("No such author. Name one with --author, or use --dry-run to see the reports only.")
        return author

    def _count(self, parsed: ParsedProcedure, totals: dict[str, Counter], results: Counter) -> None:
        results["lossless" if parsed.report.lossless else "with losses"] += 1
        totals["in"].update(parsed.report.counts_in)
        totals["out"].update(parsed.report.counts_out)
        totals["dropped"].update(parsed.report.counts_dropped)
        results["steps"] += len(parsed.steps)
        results["unresolved"] += len(parsed.report.unresolved)

    def _import(self, data: bytes, filename: str, member: str, actor: User | None) -> tuple[ParsedProcedure, str]:
        parsed = parse_file(data, filename=filename, member=member)
        if actor is None or actor.department is None:
            return parsed, ""
        revision = import_procedure(
            parsed,
            actor=actor,
            department=actor.department,
            owner=actor,
            filename=f"{filename}/{member}" if member else filename,
            source_hash=sha256_hex(data),
        )
        return parsed, revision.procedure.code

    def _report(self, label: str, parsed: ParsedProcedure, code: str, *, details: bool) -> None:
        target = f"{code}: " if code else ""
        self.stdout.write(
            f"{label}: {target}“{parsed.title}” ({parsed.language}), {len(parsed.steps)} steps, "
            f"{parsed.report.summary_line()}"
        )
        if not details:
            return
        for kind, notes in (
            ("dropped", parsed.report.dropped),
            ("unresolved", parsed.report.unresolved),
            ("note", parsed.report.notes),
        ):
            for note in notes:
                self.stdout.write(f"    line {note.line}, {kind}: {note.what} ({note.why})")

    def _total(self, totals: dict[str, Counter], results: Counter) -> None:
        self.stdout.write(f"\n{'':16}{'in':>9}{'kept':>9}{'dropped':>9}")
        for key in COUNTED:
            self.stdout.write(f"{key:16}{totals['in'][key]:>9}{totals['out'][key]:>9}{totals['dropped'][key]:>9}")
        self.stdout.write(
            "files: {lossless} lossless, {losses} with losses, {failed} failed, {unknown} of a format not known yet; "
            "{steps} steps, {unresolved} links, pictures and tags unresolved".format(
                lossless=results["lossless"],
                losses=results["with losses"],
                failed=results["failed"],
                unknown=results["not known yet"],
                steps=results["steps"],
                unresolved=results["unresolved"],
            )
        )


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise CommandError(f"{path} does not exist")
        yield from sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
