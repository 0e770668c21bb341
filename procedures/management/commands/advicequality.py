"""How good the writing advice is: on labelled sentences, and how much it says about real documents."""

from argparse import ArgumentParser
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path
from time import perf_counter

from django.core.management.base import BaseCommand, CommandError

from procedures.advice import Advice, Rule, advise
from procedures.advice.engine import count_sentences
from procedures.advice.quality import Labelled, Tally, read_labels, tally
from procedures.advice.wordlists import LANGUAGES
from procedures.importing.document import ParsedProcedure, UnreadableDocument
from procedures.importing.markdown import decode, parse_markdown

PER_STEP = (Rule.NO_ROLE, Rule.NO_RESULT)
"""Documents from elsewhere never fill these fields; they are counted apart."""


class Command(BaseCommand):
    help = (
        "Print precision and recall of the writing advice by rule and language on files of labelled sentences;"
        " with --documents, also how many pieces of advice 100 sentences of real Markdown documents get."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, metavar="FILE", help="language, rules, sentence; tab-separated"
        )
        parser.add_argument("--documents", type=Path, metavar="PATH", help="folder of Markdown documents")
        parser.add_argument(
            "--misses", action="store_true", help="also print what was found wrongly and what was missed"
        )
        parser.add_argument(
            "--examples",
            metavar="RULE",
            choices=[rule.value for rule in Rule],
            help="print what this rule says about the documents",
        )

    def handle(
        self, *, files: list[Path], documents: Path | None, misses: bool, examples: str | None, **options: object
    ) -> None:
        if not files and documents is None:
            raise CommandError("Name a file of labelled sentences, or --documents.")
        for path in files:
            self._labels(path, misses=misses)
        if documents is not None:
            self._documents(documents, examples)

    def _labels(self, path: Path, *, misses: bool) -> None:
        try:
            labelled: list[Labelled] = read_labels(path)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path.name}: {len(labelled)} sentences")
        for (language, rule), counts in sorted(tally(labelled).items()):
            self._line(f"  {language} {rule}", counts)
            if rule == Rule.ACTION_VERB:
                self._line(f"  {language} {rule} (verb recognised)", counts.opposite)
            if misses:
                for text in counts.wrong:
                    self.stdout.write(f"      wrong:  {text}")
                for text in counts.missed:
                    self.stdout.write(f"      missed: {text}")

    def _line(self, label: str, counts: Tally) -> None:
        expected = counts.right + len(counts.missed)
        self.stdout.write(f"{label:42} n {expected:3}  precision {counts.precision:.2f}  recall {counts.recall:.2f}")

    def _documents(self, folder: Path, examples: str | None) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        said: dict[str, Counter[str]] = defaultdict(Counter)
        totals: dict[str, Counter[str]] = defaultdict(Counter)
        for file in sorted(folder.rglob("*.md")):
            try:
                parsed = parse_markdown(decode(file.read_bytes()), filename=file.name)
            except UnreadableDocument as error:
                self.stderr.write(f"{file.name}: {error}")
                continue
            language = parsed.language
            if language not in LANGUAGES:
                continue
            content = content_of(parsed)
            started = perf_counter()
            advice = advise(content)
            totals[language]["ms"] += int((perf_counter() - started) * 1000)
            totals[language].update(documents=1, steps=len(parsed.steps), sentences=count_sentences(content))
            totals[language]["flagged"] += len(
                {(row.step, row.field, row.row, row.sentence) for row in advice if row.rule not in PER_STEP}
            )
            said[language].update(row.rule.value for row in advice)
            self._examples(advice, examples)
        for language in sorted(totals):
            self._summary(language, totals[language], said[language])

    def _examples(self, advice: list[Advice], rule: str | None) -> None:
        for row in islice((row for row in advice if row.rule == rule), 40):
            rewrite = f"  →  {row.suggestion.sentence}" if row.suggestion else ""
            self.stdout.write(f"    [{row.words[:60]}] {row.sentence[:200]}{rewrite}")

    def _summary(self, language: str, total: Counter[str], said: Counter[str]) -> None:
        sentences = total["sentences"] or 1
        self.stdout.write(
            f"{language}: {total['documents']} documents, {total['steps']} steps, {total['sentences']} sentences,"
            f" {total['ms'] / 1000:.1f} s"
        )
        for rule in Rule:
            if rule not in PER_STEP:
                self.stdout.write(f"  {rule:20} {said[rule]:5}  {100 * said[rule] / sentences:5.1f} per 100 sentences")
        everything = sum(count for rule, count in said.items() if rule not in PER_STEP)
        self.stdout.write(f"  {'all':20} {everything:5}  {100 * everything / sentences:5.1f} per 100 sentences")
        self.stdout.write(f"  sentences with advice       {100 * total['flagged'] / sentences:5.1f} per 100")
        for rule in PER_STEP:
            self.stdout.write(
                f"  {rule:20} {said[rule]:5}  {100 * said[rule] / (total['steps'] or 1):5.1f} per 100 steps"
            )


def content_of(parsed: ParsedProcedure) -> dict:
    """A parsed document as a value of `procedures.content`, as far as the advice reads it."""
    nothing = dict.fromkeys(("outcome", "trigger", "frequency", "contact"), "")
    steps: list[dict] = [
        {
            "uid": str(number), "number": number, "kind": "action", "title": step.title, "body": step.body,
            "expected": step.expected, "warning": step.warning, "branches": [], "items": [], "tool": "", "record": "",
            "role": {"id": 0, "name": step.role} if step.role else None,
        }
        for number, step in enumerate(parsed.steps, start=1)
    ]  # fmt: skip
    return {
        **nothing, "title": parsed.title, "language": parsed.language, "purpose": parsed.purpose or parsed.summary,
        "scope": parsed.scope, "prerequisites": parsed.prerequisites, "definitions": parsed.definitions,
        "background": parsed.background, "tools": [], "records": [], "responsibilities": [], "steps": steps,
    }  # fmt: skip
