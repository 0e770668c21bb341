"""Our own Markdown read back: the text that `procedures.exporting.markdown` wrote, also after people have edited it.

What stands between two blocks belongs to the block before it, so nothing that somebody added by hand is lost.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from procedures.content import FORMAT
from procedures.exporting import ownformat
from procedures.exporting.ownformat import BLOCK, MARKER, VERSION, keys_of, plain, unguard
from procedures.importing.document import Note, UnreadableDocument

MAX_FRONT_MATTER_LINES = 2_000
MAX_FRONT_MATTER = 200_000
MAX_BLOCKS = 10_000

_OWN = re.compile(rf"\A\ufeff?---[ \t]*\n{MARKER}: ['\"]?(\w+)['\"]?[ \t]*\n")
_FACT = re.compile(r"- \*\*(?P<label>[^*]+?)\s*:\*\*(?: (?P<value>.*))?")
_HEADING = re.compile(r"#{1,6}(?: (?P<text>.*))?")
_STEP_HEADING = re.compile(r"(?:\d+\\?\.(?: |$))?(?P<title>.*)")
_ITEM = re.compile(r"[-*] (?:\[[ xX]\] )?(?P<text>.*)")
_CELLS = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_NUMBER = re.compile(r"\d{1,9}")
_STEP_KINDS = ("action", "decision", "notice", "checklist", "subprocedure")
_PART_KINDS = ("naming", "codes", "form", "storage")

EMPTY_STEP: dict[str, Any] = {
    "section": "", "title": "", "body": "", "expected": "", "warning": "", "role": None, "minutes": None, "hold": False,
    "subprocedure": "", "due": None, "tool": "", "record": "", "evidence": "none", "evidence_name": "",
}  # fmt: skip


@dataclass(slots=True)
class OwnDocument:
    """`content` has the shape of `procedures.content`; roles are known by name (their id is None), and every
    attachment also names its `file` in the ZIP. `notes` say what was not understood."""

    content: dict
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    name: str
    value: str
    line: int
    lines: list[str] = field(default_factory=list)


def is_own(text: str) -> bool:
    """Whether `text` says that sopdesk wrote it."""
    return _OWN.match(text.replace("\r\n", "\n")[:200]) is not None


def read_own(text: str) -> OwnDocument:
    """The content of a file that `is_own`. Raises UnreadableDocument, with a sentence for the person, when a newer
    sopdesk wrote it or its front matter is damaged."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    match = _OWN.match(text)
    if match is None:
        raise UnreadableDocument(_("This file was not written by sopdesk."))
    if match[1] != VERSION:
        raise UnreadableDocument(_("A newer version of sopdesk wrote this file; this one cannot read it."))
    lines = text.split("\n")
    end = next((at for at, line in enumerate(lines[1:MAX_FRONT_MATTER_LINES], start=1) if line.rstrip() == "---"), None)
    if end is None:
        raise UnreadableDocument(_("The front matter of this file does not end."))
    reader = _Reader(_fields(lines[1:end]))
    for block in _blocks(lines, end + 1):
        reader.read(block)
    return reader.finish()


def _fields(lines: list[str]) -> dict[str, Any]:
    text = "\n".join(lines)
    try:
        if len(text) > MAX_FRONT_MATTER:
            raise ValueError("too long")
        # An alias can make a small text expand without limit. BaseLoader builds strings, lists and maps only.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise ValueError("aliases")
        loaded = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 # nosec B506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        cause = str(error).splitlines()[0]
        raise UnreadableDocument(_("The front matter cannot be read: %(cause)s.") % {"cause": cause}) from error
    return loaded if isinstance(loaded, dict) else {}


def _blocks(lines: list[str], start: int) -> Iterator[_Block]:
    """The blocks behind the front matter; what stands before the first one is a block without a name."""
    block = _Block("", "", start + 1)
    count = 0
    for number, line in enumerate(lines[start:], start=start + 1):
        match = BLOCK.fullmatch(line.rstrip())
        if match is None:
            block.lines.append(unguard(line))
            continue
        yield block
        count += 1
        if count > MAX_BLOCKS:
            raise UnreadableDocument(_("The file has more than %(limit)d blocks.") % {"limit": MAX_BLOCKS})
        block = _Block(match[1], match[2] or "", number)
    yield block


class _Reader:
    """Takes block after block; `finish` puts the content together."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.notes: list[Note] = []
        self.title = ""
        self.texts: dict[str, str] = {}
        self.rows: dict[str, list[dict]] = {"tools": [], "records": [], "benchmarks": [], "responsibilities": []}
        self.steps: list[dict] = []
        self.parts: list[dict] = []
        self.section = ""
        self.files = [(row["file"], f"media:{row['key']}") for row in self._attachments()]

    def read(self, block: _Block) -> None:
        readers: dict[str, Callable[[_Block], None]] = {
            "title": self._read_title,
            "section": self._read_section,
            "steps": self._read_section,
            "step": self._read_step,
            "warning": self._read_warning,
            "items": self._read_items,
            "branches": self._read_branches,
            "tools": self._read_rows,
            "records": self._read_rows,
            "benchmarks": self._read_rows,
            "responsibilities": self._read_rows,
            "part": self._read_part,
            "data": self._read_data,
        }
        if block.name in readers:
            readers[block.name](block)
        elif block.name in ("body", "expected"):
            self._of_step(block, block.name, self._text(block.lines, label=block.name == "expected"))
        elif block.name == "note" and self.parts:
            self.parts[-1]["note"] = self._text(block.lines)
        elif block.name in (*ownformat.TEXTS_BEFORE, "definitions", *ownformat.TEXTS_AFTER):
            self._add_text(block.name, self._text(block.lines, label=True))
        elif block.name not in ("about", "control"):
            self._keep(block)

    def finish(self) -> OwnDocument:
        uids = [step["uid"] for step in self.steps]
        for number, step in enumerate(self.steps, start=1):
            step["number"] = number
            for branch in step["branches"]:
                branch["target"] = self._target(branch["target"], uids)
        names = (*ownformat.TEXTS_BEFORE, "definitions", *ownformat.TEXTS_AFTER)
        fields = self.fields
        content = {
            "format": FORMAT,
            "code": _string(fields.get("code")),
            "kind": _one_of(fields.get("kind"), ("procedure", "work_instruction", "policy", "standard")),
            "number": _integer(fields.get("revision"), 1),
            "title": self.title,
            "language": _string(fields.get("language"))[:5] or "en",
            "category": _string(fields.get("category")),
            "tags": [_string(tag) for tag in _list(fields.get("tags"))],
            **{name: self.texts.get(name, "") for name in names},
            "trigger": _string(fields.get("trigger")),
            "frequency": _one_of(
                fields.get("frequency"), ("on_demand", "daily", "weekly", "monthly", "quarterly", "yearly")
            ),
            "contact": _string(fields.get("contact")),
            "review_interval_months": _integer(fields.get("review_interval_months"), 12),
            "significance": _one_of(fields.get("significance"), ("major", "minor")),
            **self.rows,
            "steps": self.steps,
            "parts": self.parts,
            "source": self._source(),
            "attachments": self._attachments(),
        }
        return OwnDocument(content, self.notes)

    # Texts

    def _text(self, lines: list[str], *, label: bool = False) -> str:
        """The text of a block: without its label, the empty line behind that, and the empty line at its end."""
        lines = lines[2 if label and len(lines) > 1 and not lines[1].strip() else 1 :]
        if len(lines) > 1 and not lines[-1]:
            lines = lines[:-1]
        return self._with_media("\n".join(lines))

    def _with_media(self, text: str) -> str:
        for path, address in self.files:
            text = text.replace(path, address)
        return text

    def _add_text(self, name: str, text: str) -> None:
        self.texts[name] = f"{self.texts[name]}\n\n{text}" if name in self.texts else text

    def _keep(self, block: _Block) -> None:
        """Text in a place of no known meaning: kept as background."""
        text = "\n".join(block.lines).strip()
        if text:
            self._add_text("background", self._with_media(text))
            self._note(block.line, text[:60], _("This part is not known; it is kept under “Background”."))

    def _note(self, line: int, what: str, why: str) -> None:
        self.notes.append(Note(line, what, why, loss=False))

    # Headings, tables

    def _read_title(self, block: _Block) -> None:
        self.title = plain(_heading(block))
        self._keep(_Block("", "", block.line, block.lines[1:]))

    def _read_section(self, block: _Block) -> None:
        self.section = plain(_heading(block)) if block.name == "section" else ""
        self._keep(_Block("", "", block.line, block.lines[1:]))

    def _read_rows(self, block: _Block) -> None:
        columns = {
            "tools": ("name", "note"),
            "records": ("name", "place", "kept"),
            "benchmarks": ("name", "direction", "target", "unit"),
            "responsibilities": ("role", "letter"),
        }[block.name]
        table = [line for line in block.lines[1:] if line.lstrip().startswith("|")]
        others = [line for line in block.lines[1:] if line.strip() and not line.lstrip().startswith("|")]
        directions = keys_of(ownformat.DIRECTIONS)
        for line in table[2:]:
            cells = _cells(line)
            row: dict[str, Any] = dict(zip(columns, [*cells, *([""] * len(columns))], strict=False))
            if block.name == "benchmarks":
                row["direction"] = directions.get(row["direction"].casefold(), "at_most")
                row = {name: row[name] for name in ("name", "unit", "target", "direction")}
            if block.name == "responsibilities":
                row["role"] = _role(row["role"])
                if row["letter"] not in ownformat.LETTERS:
                    self._note(block.line, line, _("This is no letter of R, A, C, I; the line is left out."))
                    continue
            self.rows[block.name].append(row)
        self._keep(_Block("", "", block.line, others))

    def _read_part(self, block: _Block) -> None:
        kind = block.value if block.value in _PART_KINDS else "form"
        self.parts.append({"kind": kind, "name": plain(_heading(block)), "note": "", "data": {}})

    def _read_data(self, block: _Block) -> None:
        fence = [at for at, line in enumerate(block.lines) if line.startswith("```")]
        try:
            if len(fence) < 2 or not self.parts:
                raise ValueError
            # JSON written by people and machines alike is YAML, but only JSON keeps numbers and texts apart.
            self.parts[-1]["data"] = _json("\n".join(block.lines[fence[0] + 1 : fence[-1]]))
        except ValueError:
            self._note(block.line, block.name, _("The data of this part cannot be read; they are left out."))

    # Steps

    def _read_step(self, block: _Block) -> None:
        kind, _space, uid = block.value.partition(" ")
        heading = _STEP_HEADING.fullmatch(_heading(block))
        step = {
            "uid": self._uid(uid),
            "number": len(self.steps) + 1,
            "kind": kind if kind in _STEP_KINDS else "action",
            **EMPTY_STEP,
            "section": self.section,
            "title": plain(heading["title"]) if heading else "",
            "branches": [],
            "responsibilities": [],
            "items": [],
        }
        self.steps.append(step)
        rest = []
        for line in block.lines[1:]:
            match = _FACT.fullmatch(line.rstrip())
            if not (match and self._read_fact(step, match["label"], match["value"] or "")):
                rest.append(line)
        text = "\n".join(rest).strip()
        if text:
            step["body"] = self._with_media(text)
            self._note(block.line, text[:60], _("This is no known fact of a step; it is kept in its text."))

    def _read_fact(self, step: dict, label: str, value: str) -> bool:
        """Put one fact into its place; False when label or value are not understood."""
        name = keys_of((*ownformat.STEP_FACTS, *ownformat.LETTERS)).get(label.strip().casefold())
        match name:
            case "role":
                step["role"] = _role(plain(value))
            case "R" | "A" | "C" | "I":
                step["responsibilities"].append({"role": _role(plain(value)), "letter": name})
            case "minutes":
                number = _NUMBER.match(value.strip())
                step["minutes"] = int(number[0]) if number else None
                return number is not None
            case "hold":
                step["hold"] = True
            case "due":
                after, _space, unit = value.strip().partition(" ")
                units = keys_of(ownformat.UNITS)
                if not _NUMBER.fullmatch(after) or unit.casefold() not in units:
                    return False
                step["due"] = {"after": int(after), "unit": units[unit.casefold()]}
            case "evidence":
                proofs = keys_of(tuple(ownformat.PROOFS.values()))
                key = proofs.get(value.strip().casefold())
                if key is None:
                    return False
                step["evidence"] = next(proof for proof, word in ownformat.PROOFS.items() if word == key)
            case "subprocedure" | "tool" | "record" | "evidence_name":
                step[name] = plain(value)
            case _:
                return False
        return True

    def _uid(self, value: str) -> str:
        """The uid that the file states, once; a new one for a step that was added or copied by hand."""
        try:
            uid = str(uuid.UUID(value))
        except ValueError:
            uid = ""
        if not uid or any(step["uid"] == uid for step in self.steps):
            return str(uuid.uuid4())
        return uid

    def _of_step(self, block: _Block, name: str, text: str) -> None:
        if not self.steps:
            return self._keep(block)
        step = self.steps[-1]
        step[name] = f"{step[name]}\n\n{text}" if step[name] else text
        return None

    def _read_warning(self, block: _Block) -> None:
        lines = block.lines[2:] if len(block.lines) > 1 and block.lines[1].rstrip() == ">" else block.lines[1:]
        quoted = [line[2:] if line.startswith("> ") else line[1:] for line in lines if line.startswith(">")]
        others = [line for line in lines if not line.startswith(">")]
        self._of_step(block, "warning", self._with_media("\n".join(unguard(line) for line in quoted)))
        if "\n".join(others).strip():
            self._of_step(block, "body", self._with_media("\n".join(others).strip()))

    def _read_items(self, block: _Block) -> None:
        for line in filter(str.strip, block.lines):
            match = _ITEM.fullmatch(line)
            if match and self.steps:
                self.steps[-1]["items"].append(plain(match["text"]))
            else:
                self._of_step(block, "body", line)

    def _read_branches(self, block: _Block) -> None:
        for line in filter(str.strip, block.lines):
            match = _ITEM.fullmatch(line)
            if match and self.steps and "→" in line:
                label, _arrow, target = match["text"].rpartition("→")
                self.steps[-1]["branches"].append({"label": plain(label), "target": target.strip()})
            else:
                self._of_step(block, "body", line)

    def _target(self, words: str, uids: list[str]) -> str:
        """The target of a branch, from its words; "" (the next step) when they name none."""
        key = keys_of(("to_end", "to_next")).get(words.casefold())
        if key is not None:
            return "end" if key == "to_end" else ""
        word, _space, number = words.rpartition(" ")
        if word.casefold() in keys_of(("to_step",)) and _NUMBER.fullmatch(number) and 0 < int(number) <= len(uids):
            return uids[int(number) - 1]
        try:
            return str(uuid.UUID(plain(words)))
        except ValueError:
            return ""

    # Front matter

    def _attachments(self) -> list[dict]:
        names = ("key", "sha256", "title", "content_type", "file")
        rows = [row for row in _list(self.fields.get("attachments")) if isinstance(row, dict)]
        found = [{name: _string(row.get(name)) for name in names} for row in rows]
        return [row for row in found if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", row["key"]) and row["file"]]

    def _source(self) -> dict | None:
        source = self.fields.get("source")
        if not isinstance(source, dict):
            return None
        return {"code": _string(source.get("code")), "number": _integer(source.get("number"), 1)}


def _heading(block: _Block) -> str:
    match = _HEADING.fullmatch(block.lines[0].rstrip()) if block.lines else None
    return (match["text"] or "") if match else ""


def _cells(line: str) -> list[str]:
    """The cells of a row; a "|" behind a backslash belongs to a cell."""
    parts = _CELLS.sub("\\1\0", line.strip()).split("\0")
    return [plain(part) for part in parts[1:-1]]


def _role(name: str) -> dict:
    return {"id": None, "name": name}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _one_of(value: object, choices: tuple[str, ...]) -> str:
    """`value` if it is one of `choices`, else the first of them."""
    return value if isinstance(value, str) and value in choices else choices[0]


def _integer(value: object, default: int) -> int:
    text = _string(value)
    return int(text) if _NUMBER.fullmatch(text) else default
