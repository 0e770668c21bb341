"""Measures the search on documents and judged queries, without leaving a trace."""

import re
import zipfile
from argparse import ArgumentParser
from collections import Counter
from html import unescape
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from procedures.content import content_hash, read_content
from procedures.importing.document import ParsedProcedure, UnreadableDocument
from procedures.importing.markdown import decode, parse_markdown
from procedures.models import Procedure, Revision, Step
from procedures.search import meaning, search
from procedures.search.indexing import write_many
from procedures.search.meaning.learning import learn_text
from procedures.search.quality import DEPTH, JudgedQuery, Score, mean, read_queries, score
from procedures.states import State
from roles.models import Department, User

DEPARTMENT_CODE = "SQZ"
NOT_DOCUMENTS = ("README.md", "NOTES.md")
PLAIN_SUFFIXES = (".docx", ".html", ".htm")
_WORD_PARAGRAPH = re.compile(r"<w:p[ >].*?</w:p>", re.DOTALL)
_WORD_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>|<w:(?:tab|br)/>")
_UNSEEN_HTML = re.compile(r"<(script|style|nav|head)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]+>")


class Command(BaseCommand):
    help = (
        "Import the documents below PATH as published procedures of a department of their own, ask the queries of"
        " PATH/queries.tsv, print hit@10, MRR and recall@10, and roll everything back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="folder with documents and queries.tsv")
        parser.add_argument("--misses", action="store_true", help="also name the queries whose first hit is wrong")
        parser.add_argument(
            "--words", action="store_true", help="search by words only, where the extra for meaning is installed, too"
        )

    def handle(self, *, path: Path, misses: bool, words: bool, **options: object) -> None:
        if not (path / "queries.tsv").is_file():
            raise CommandError(f"There is no {path / 'queries.tsv'}.")
        queries = read_queries(path / "queries.tsv")
        settings.SEARCH_MEANING = settings.SEARCH_MEANING and not words
        with transaction.atomic():
            paths = self._publish_documents(path)
            scores = [(query, self._score(query, paths, misses=misses)) for query in queries]
            transaction.set_rollback(True)
        self._report(scores)

    def _publish_documents(self, folder: Path) -> dict[int, str]:
        """Publish what lies below `folder`; return the path of each revision, as the judgements name it."""
        department = Department.objects.create(code=DEPARTMENT_CODE, name="Search quality")
        owner = User.objects.create_user(email="searchquality@sopdesk.invalid", full_name="Search quality")
        revisions: dict[int, Revision] = {}
        formats: Counter[str] = Counter()
        paths: dict[int, str] = {}
        for file in sorted(file for file in folder.rglob("*") if file.suffix in (".md", *PLAIN_SUFFIXES)):
            if file.name in NOT_DOCUMENTS:
                continue
            relative = file.relative_to(folder).as_posix()
            try:
                parsed = read_document(file)
            except UnreadableDocument as error:
                self.stderr.write(f"{relative}: {error}")
                continue
            formats[file.suffix] += 1
            revision = _publish(parsed, number=len(paths) + 1, department=department, owner=owner)
            revisions[revision.pk] = revision
            paths[revision.pk] = relative
        write_many(revisions.values())
        if meaning.is_available():
            for revision in revisions.values():
                learn_text(revision)
        counted = ", ".join(f"{number} {suffix}" for suffix, number in sorted(formats.items()))
        self.stdout.write(f"documents {len(paths)} ({counted}; docx and html as plain text, title from the file name)")
        return paths

    def _score(self, query: JudgedQuery, paths: dict[int, str], *, misses: bool) -> Score:
        documents = Revision.objects.filter(procedure__department__code=DEPARTMENT_CODE)
        page = search(query.text, queryset=documents, limit=DEPTH, language=query.language)
        found = [paths[pk] for pk in page.hits]
        result = score(query, found)
        if misses and result.reciprocal_rank < 1:
            self.stdout.write(f"  {result.reciprocal_rank:.2f} [{query.variant}] {query.text} → {found[:3]}")
        return result

    def _report(self, scores: list[tuple[JudgedQuery, Score]]) -> None:
        for name in ("variant", "language"):
            for value in sorted({getattr(query, name) for query, _ in scores}):
                chosen = [result for query, result in scores if getattr(query, name) == value]
                self._line(f"{name} {value} n {len(chosen)}", mean(chosen))
        self._line("all", mean(result for _, result in scores))

    def _line(self, label: str, result: Score) -> None:
        self.stdout.write(
            f"{label} hit@10 {result.hit:.2f} MRR {result.reciprocal_rank:.2f} recall@10 {result.recall:.2f}"
        )


def read_document(file: Path) -> ParsedProcedure:
    """The procedure in `file`. Formats that the importer does not know yet are read as plain paragraphs."""
    if file.suffix == ".md":
        return parse_markdown(decode(file.read_bytes()), filename=file.name)
    paragraphs = _word_paragraphs(file) if file.suffix == ".docx" else _html_paragraphs(file)
    return parse_markdown("\n\n".join(paragraphs), filename=file.name)


def _word_paragraphs(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        xml = archive.read("word/document.xml").decode()
    paragraphs = ("".join(match[1] or " " for match in _WORD_TEXT.finditer(p)) for p in _WORD_PARAGRAPH.findall(xml))
    return [unescape(paragraph) for paragraph in paragraphs if paragraph.strip()]


def _html_paragraphs(file: Path) -> list[str]:
    text = _TAG.sub("\n", _UNSEEN_HTML.sub("", file.read_text(encoding="utf-8")))
    return [unescape(line) for line in map(str.strip, text.split("\n")) if line]


def _publish(parsed: ParsedProcedure, *, number: int, department: Department, owner: User) -> Revision:
    """Rows of a published revision, without the workflow that a real one goes through."""
    procedure = Procedure(code=f"{DEPARTMENT_CODE}-{number:03d}", department=department, owner=owner)
    Procedure.objects.bulk_create([procedure])
    revision = Revision(
        procedure=procedure,
        number=1,
        title=parsed.title[:200],
        language=parsed.language,
        tags=[tag for tag in parsed.metadata.get("tags", "").split(", ") if tag],
        purpose="\n\n".join(filter(None, [parsed.summary, parsed.purpose])),
        scope=parsed.scope,
        prerequisites="\n\n".join(filter(None, [parsed.prerequisites, parsed.tools, parsed.records])),
        definitions=parsed.definitions,
        background=parsed.background,
        references=parsed.references,
        state=State.PUBLISHED,
        content_hash="-",
        published_at=timezone.now(),
    )
    Revision.objects.bulk_create([revision])
    Step.objects.bulk_create(
        Step(
            revision=revision,
            position=position,
            section=step.section[:200],
            title=step.title,
            body=step.body,
            expected=step.expected,
            warning=step.warning,
        )
        for position, step in enumerate(parsed.steps, start=1)
    )
    revision.content = read_content(revision)
    revision.content_hash = content_hash(revision.content)
    Revision.objects.filter(pk=revision.pk).update(content_hash=revision.content_hash)
    return revision
