"""The trail as a file, sent while it is read: whatever its length, memory holds some thousand entries."""

import json
from collections.abc import Iterable, Iterator

from audit.trail import Entry
from sopdesk.lib.canonical import canonical_json
from sopdesk.lib.sheets import write_csv

COLUMNS = (
    "seq", "at", "actor", "actor_label", "name", "subject_type", "subject_id", "subject_label", "procedure", "data",
    "reason", "format", "previous_hash", "hash",
)  # fmt: skip
AT_ONCE = 500


def facts_of(entry: Entry) -> dict[str, object]:
    """All of an entry: who has them can work out its hash anew."""
    return {
        "seq": entry.seq, "at": entry.at, "actor": entry.actor_id, "actor_label": entry.actor_label,
        "name": entry.name, "subject_type": entry.subject_type, "subject_id": entry.subject_id,
        "subject_label": entry.subject_label, "procedure": entry.procedure_code, "data": entry.data,
        "reason": entry.reason, "format": entry.format, "previous_hash": entry.previous_hash, "hash": entry.hash,
    }  # fmt: skip


def json_lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """One JSON object a line."""
    lines = (canonical_json(facts_of(entry)) + b"\n" for entry in entries)
    yield from _chunks(lines)


def csv_lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """A table that a spreadsheet opens; no cell can become a formula."""
    yield write_csv([list(COLUMNS)])
    yield from _chunks(_csv_line(entry) for entry in entries)


def _csv_line(entry: Entry) -> bytes:
    facts = facts_of(entry)
    facts["at"] = entry.at.isoformat()
    facts["data"] = json.dumps(entry.data, ensure_ascii=False, sort_keys=True)
    row = [value if isinstance(value, int) else str(value or "") for value in facts.values()]
    return write_csv([row]).removeprefix(b"\xef\xbb\xbf")


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    for line in lines:
        held.append(line)
        if len(held) == AT_ONCE:
            yield b"".join(held)
            held.clear()
    yield b"".join(held)
