"""What an importer hands over: a procedure as it was found in a file, and an account of what became of every part.

Nothing here knows a file format or the database. Readers of other formats (DOCX, HTML) end in the same classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sopdesk.lib.images import CleanImage

MAX_STEPS = 500
MAX_STEP_TITLE = 200
MAX_STEP_BODY = 20_000
MAX_FILE_BYTES = 2_000_000

StepSource = Literal["list", "heading", "checkbox", "table", "typed"]
TitleSource = Literal["front matter", "heading", "bold line", "file name"]

COUNTED = (
    "headings",
    "list items",
    "ordered items",
    "checkboxes",
    "tables",
    "images",
    "links",
    "code blocks",
    "words",
)


class UnreadableDocument(ValueError):
    """The file cannot be read at all; the message says why, for the person who chose it."""


@dataclass(frozen=True, slots=True)
class Note:
    """One remark of the report.

    `line` counts from 1 in the file, 0 means the file as a whole. `loss` is false where the reader of the source
    misses nothing: a comment, a table of contents.
    """

    line: int
    what: str
    why: str
    loss: bool = True


@dataclass(frozen=True, slots=True)
class ParsedStep:
    """One step. `title` is one line of plain text without its number; `body`, `warning`, `expected` are Markdown."""

    title: str
    body: str
    source: StepSource
    line: int
    expected: str = ""
    warning: str = ""
    role: str = ""
    section: str = ""
    minutes: int | None = None
    tool: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class LossReport:
    """What went in, what was kept, what was left out on purpose and what is missing without a reason.

    `missing_words` are the words of the source that appear neither among what was kept nor among what was dropped;
    it stays empty unless a reader has a fault.
    """

    counts_in: Mapping[str, int]
    counts_out: Mapping[str, int]
    counts_dropped: Mapping[str, int]
    dropped: tuple[Note, ...] = ()
    unresolved: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    missing_words: tuple[str, ...] = ()

    @property
    def lossless(self) -> bool:
        """True when everything a reader of the source could see has been kept. Unresolved links count as kept."""
        if self.missing_words or any(note.loss for note in self.dropped):
            return False
        return not self.short_counts

    @property
    def short_counts(self) -> dict[str, int]:
        """How many of each kind were neither kept nor dropped on purpose; words are judged one by one instead."""
        short = {
            key: self.counts_in[key] - self.counts_out[key] - self.counts_dropped[key]
            for key in COUNTED
            if key != "words"
        }
        return {key: number for key, number in short.items() if number > 0}

    def summary_line(self) -> str:
        """One line for a log or a table: kept of found, then what a person should look at."""
        wanted = {key: self.counts_in[key] - self.counts_dropped[key] for key in COUNTED}
        kept = ", ".join(
            f"{min(self.counts_out[key], number)}/{number} {key}" for key, number in wanted.items() if number > 0
        )
        attention = [
            f"{number} {label}"
            for number, label in (
                (len(self.dropped), "dropped"),
                (len(self.unresolved), "unresolved"),
                (len(self.missing_words), "words missing"),
            )
            if number
        ]
        verdict = "lossless" if self.lossless else "with losses"
        return f"{verdict}: {kept or 'nothing to count'}" + (f" ({', '.join(attention)})" if attention else "")


@dataclass(frozen=True, slots=True)
class ParsedProcedure:
    """A procedure as read from one file.

    Text fields are Markdown. `metadata` holds the fields we know under our own names ("owner", "version",
    "effective date"), `other_metadata` all others under the names of the file. `found_under` gives the heading of
    the source for every field that had a section of its own. `pictures` are those that the texts name, by key
    (`media:<key>`); `source` is the whole document as plain Markdown, in its own order. `own` is the whole content of
    a file that sopdesk wrote (`procedures.importing.own`), of which the other fields show what people may settle.
    """

    title: str
    title_from: TitleSource
    language: str
    report: LossReport
    code: str = ""
    summary: str = ""
    purpose: str = ""
    scope: str = ""
    prerequisites: str = ""
    definitions: str = ""
    tools: str = ""
    records: str = ""
    references: str = ""
    background: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    other_metadata: dict[str, str] = field(default_factory=dict)
    found_under: dict[str, str] = field(default_factory=dict)
    roles: tuple[tuple[str, str], ...] = ()
    history: tuple[dict[str, str], ...] = ()
    steps: tuple[ParsedStep, ...] = ()
    pictures: Mapping[str, CleanImage] = field(default_factory=dict)
    picture_names: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    own: dict | None = None
