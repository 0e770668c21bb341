"""Short ways to write a document in a test."""

from textwrap import dedent

from procedures.importing.document import ParsedProcedure
from procedures.importing.markdown import parse_markdown


def read(markdown: str, *, filename: str = "file.md") -> ParsedProcedure:
    return parse_markdown(dedent(markdown).lstrip("\n"), filename=filename)


def titles(procedure: ParsedProcedure) -> list[str]:
    return [step.title for step in procedure.steps]
