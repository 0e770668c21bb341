"""The texts to seed as plain values, and reading them from a file of one JSON object a line."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models

from procedures.models import Category, Procedure, Revision, Step
from procedures.seeding.errors import BadLine
from sopdesk.lib.markup import check_markup

KEYS = {"code": str, "title": str, "category": str, "summary": str, "language": str, "steps": list}


@dataclass(frozen=True, slots=True)
class SeedStep:
    title: str
    body: str
    expected: str = ""
    warning: str = ""
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SeedDocument:
    """The text of one procedure; which department, role or date it gets follows from its place in the row."""

    code: str
    title: str
    category: str
    language: str
    purpose: str
    steps: tuple[SeedStep, ...]
    scope: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the documents come from. `name` tells one source from another, so that a second call is recognised."""

    name: str
    documents: tuple[SeedDocument, ...]


def read_documents(path: Path, *, limit: int | None) -> Source:
    """The first `limit` documents of `path` (None: all), blank lines left out.

    Raises BadLine for the first line that is not such an object, breaks a limit of the model or repeats a code, and
    OSError or UnicodeDecodeError when the file cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    documents: list[SeedDocument] = []
    codes: dict[str, int] = {}
    for number, line in _lines(text):
        if len(documents) == limit:
            break
        document = _document(number, line)
        if document.code in codes:
            raise BadLine(number, f"code {document.code} was used in line {codes[document.code]}")
        codes[document.code] = number
        documents.append(document)
    return Source(f"file {hashlib.sha256(text.encode()).hexdigest()}", tuple(documents))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # Only "\n" ends a line: JSON may hold other line separators inside its strings.
    return ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())


def _document(number: int, line: str) -> SeedDocument:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadLine(number, f"not JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadLine(number, "not an object")
    for key, kind in KEYS.items():
        if not isinstance(row.get(key), kind):
            raise BadLine(number, f"“{key}” is missing or not a {kind.__name__}")
    if not row["steps"]:
        raise BadLine(number, "no steps")
    document = SeedDocument(
        code=row["code"],
        title=row["title"].strip(),
        category=row["category"].strip(),
        language=row["language"],
        purpose=row["summary"],
        steps=tuple(_step(number, step) for step in row["steps"]),
    )
    try:
        _check(document)
    except ValidationError as error:
        raise BadLine(number, "; ".join(error.messages)) from error
    return document


def _step(number: int, row: object) -> SeedStep:
    if not isinstance(row, dict) or not isinstance(row.get("title"), str) or not isinstance(row.get("text"), str):
        raise BadLine(number, "a step needs “title” and “text”")
    return SeedStep(title=row["title"].strip(), body=row["text"])


def _check(document: SeedDocument) -> None:
    """What an author could not save or submit is no procedure here either. Raises ValidationError."""
    _check_row(Procedure(code=document.code), "code")
    _check_row(Category(name=document.category), "name")
    row = Revision(title=document.title, language=document.language, purpose=document.purpose)
    _check_row(row, "title", "language", "purpose")
    _check_markdown(document.purpose)
    for step in document.steps:
        if not step.title:
            raise ValidationError("a step without a title")
        _check_row(Step(title=step.title), "title")
        _check_markdown(step.body)


def _check_markdown(text: str) -> None:
    ProhibitNullCharactersValidator()(text)
    check_markup(text)


def _check_row(row: models.Model, *names: str) -> None:
    """Validate the fields `names` of `row` as the model says."""
    for name in names:
        ProhibitNullCharactersValidator()(getattr(row, name))
    try:
        row.clean_fields(exclude={field.name for field in row._meta.fields} - set(names))
    except ValidationError as error:
        raise ValidationError(
            [f"{name}: {message}" for name, found in error.message_dict.items() for message in found]
        ) from error
