import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from audit.checkpoints import Line, NoKey, checkpoint_faults, last_genuine
from reports.verification import CLEAN, TAMPERED, UNCHECKED, Verification

CODES = {CLEAN: 0, TAMPERED: 1, UNCHECKED: 2}


class Command(BaseCommand):
    help = (
        "Check the audit chain, its checkpoints, signatures, content hashes and files. "
        "Exits with 0 when all is as it was written, 1 when something is not (the first one is named first), "
        "2 when it could not be checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object instead of sentences.")
        parser.add_argument(
            "--since-checkpoint", nargs="?", const="", default=None, metavar="FILE",
            help="Begin the chain behind the last genuine checkpoint, in the configured file or in FILE, whose "
            "checkpoints are then checked as well.",
        )  # fmt: skip

    def handle(self, *, since_checkpoint: str | None, **options: bool) -> None:
        sentences = []
        verification = Verification()
        try:
            if since_checkpoint is not None:
                place = Path(since_checkpoint or settings.CHECKPOINT_FILE)
                sentences = [f"I4 {sentence}" for sentence in checkpoint_faults(place)] if since_checkpoint else []
                verification.since = self.last_in(place)
        except (OSError, NoKey) as error:
            verification.outcome, verification.first = UNCHECKED, f"could not check: {error}"
        else:
            for sentence in sentences:
                verification.outcome, verification.first = TAMPERED, verification.first or sentence
                verification.faults += 1
                self.say(sentence, options)
            for sentence in verification.sentences():
                self.say(sentence, options)
        self.report(verification, options)
        if CODES[verification.outcome]:
            sys.exit(CODES[verification.outcome])

    def last_in(self, place: Path) -> Line:
        last = last_genuine(place)
        if last is None:
            raise NoKey(f"{place} holds no checkpoint that was signed with a key of ours")
        return last

    def say(self, sentence: str, options: dict[str, bool]) -> None:
        if not options["json"]:
            self.stdout.write(self.style.ERROR(sentence))

    def report(self, found: Verification, options: dict[str, bool]) -> None:
        if options["json"]:
            facts = {
                "outcome": found.outcome, "faults": found.faults, "first": found.first, "entries": found.entries,
                "hash": found.hash, "since": found.since.seq if found.since else 0,
                "seconds": round(found.seconds, 3),
            }  # fmt: skip
            self.stdout.write(json.dumps(facts, sort_keys=True))
        elif found.outcome == UNCHECKED:
            self.stderr.write(found.first)
        elif found.faults:
            self.stderr.write(f"{found.faults} violations")
        else:
            self.stdout.write("Checked: complete. Trail, signatures, contents and files are as they were written.")
            self.stdout.write(f"{found.entries} entries in {found.seconds:.1f} s.")
