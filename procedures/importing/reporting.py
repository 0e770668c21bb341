"""What has been recognised in a document, and the account of what became of each of its parts."""

from collections import Counter
from dataclasses import dataclass, field

from procedures.importing.blocks import Block, SourceDocument, markdown_of
from procedures.importing.counting import counts_of, total, words_of
from procedures.importing.document import LossReport, Note, ParsedProcedure, ParsedStep, TitleSource
from procedures.importing.pictures import PictureStore

_TEXT_FIELDS = (
    "summary",
    "purpose",
    "scope",
    "prerequisites",
    "definitions",
    "tools",
    "records",
    "references",
    "background",
)
_MAX_MISSING_WORDS = 200


@dataclass(slots=True)
class Recognised:
    """What has been understood so far. `read` counts what became a field and so is no Markdown any more."""

    title: str = ""
    title_from: TitleSource = "file name"
    code: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    found_under: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    other_metadata: dict[str, str] = field(default_factory=dict)
    roles: list[tuple[str, str]] = field(default_factory=list)
    history: list[dict[str, str]] = field(default_factory=list)
    steps: list[ParsedStep] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    dropped_blocks: list[Block] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    labels: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return "\n\n".join(self.texts.get(name, ()))


def procedure_of(
    document: SourceDocument, found: Recognised, *, words: Counter[str], store: PictureStore | None = None
) -> ParsedProcedure:
    """The procedure and its report. `words` are those of the file itself, before anything was translated."""
    return ParsedProcedure(
        title=found.title,
        title_from=found.title_from,
        language=document.language,
        report=report_of(words, document, found),
        code=found.code,
        **{name: found.text(name) for name in _TEXT_FIELDS},
        metadata=found.metadata,
        other_metadata=found.other_metadata,
        found_under=found.found_under,
        roles=tuple(found.roles),
        history=tuple(found.history),
        steps=tuple(found.steps),
        pictures=store.pictures if store else {},
        picture_names=store.names if store else {},
        source=markdown_of(document.blocks),
        own=None,
    )


def report_of(words_in: Counter[str], document: SourceDocument, found: Recognised) -> LossReport:
    """Count what the document held and what was kept, and name the words of the file that are nowhere."""
    tally = document.tally
    counts_in = total([counts_of(markdown_of(document.blocks)) | tally.found])
    counts_dropped = total([counts_of(markdown_of(found.dropped_blocks)), tally.dropped])
    counts_out = total([found.read, tally.otherwise, *(counts_of(text) for text in _kept_markdown(found))])

    words_dropped = words_of(f"{markdown_of(found.dropped_blocks)}\n\n{tally.dropped_text}")
    words_kept: Counter[str] = Counter()
    for text in (*_kept_markdown(found), *_kept_text(found)):
        words_kept.update(words_of(text))
    missing = words_in - words_kept - words_dropped
    counts_in["words"] = words_in.total()
    counts_out["words"] = (words_in & words_kept).total()
    counts_dropped["words"] = (words_in & words_dropped).total()
    return LossReport(
        counts_in=dict(counts_in),
        counts_out=dict(counts_out),
        counts_dropped=dict(counts_dropped),
        dropped=(*document.dropped, *found.dropped),
        unresolved=document.unresolved,
        notes=(*document.notes, *found.notes),
        missing_words=tuple(list(missing.elements())[:_MAX_MISSING_WORDS]),
    )


def _kept_markdown(found: Recognised) -> list[str]:
    return [
        *(found.text(name) for name in _TEXT_FIELDS),
        *(text for step in found.steps for text in (step.body, step.expected, step.warning)),
        *(told for _, told in found.roles),
        *(value for row in found.history for value in row.values()),
        *found.metadata.values(),
        *found.other_metadata.values(),
    ]


def _kept_text(found: Recognised) -> list[str]:
    """What is plain text, so that a title beginning with a number is not taken for a list."""
    return [
        found.title,
        found.code,
        *found.labels,
        *(text for step in found.steps for text in (step.title, step.role)),
        *(name for name, _ in found.roles),
        *found.found_under.values(),
        *found.other_metadata,
        *found.metadata,
    ]
