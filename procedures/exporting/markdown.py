"""A revision as Markdown that people can read and that comes back as the same text.

docs/decisions/0018 describes the format; `procedures.importing.own` reads it.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

import yaml
from django.utils import translation
from django.utils.translation import gettext as _

from procedures.exporting import ownformat
from procedures.exporting.frame import Frame, day
from procedures.exporting.ownformat import guard, inline, words_for
from procedures.phrases import labels_language

SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg"}
FOLDER = "files"


def markdown_of(frame: Frame) -> str:
    """The whole document: front matter, text, steps, tables, and for the reader who approved it."""
    writer = _Writer(frame.content)
    lines = ["---", *_front_matter(frame, writer.files), "---", ""]
    lines += _block("title", "", f"# {inline(frame.content['title'])}".rstrip())
    with translation.override(labels_language(frame.content)):
        lines += _block("about", "", *_about(frame), "")
        # The block at the end takes up what people add below, so that it is not taken for approvals.
        body = [*writer.body(), *_control(frame, writer.words), *_block("end", "", "")]
    return "\n".join([*lines, *body])


def files_of(content: dict) -> dict[str, str]:
    """Key of every attachment → its path in the ZIP. A path never occurs in the texts themselves, so that a reader can
    turn each one back into `media:<key>`."""
    texts = json.dumps(content, ensure_ascii=False)
    paths = {}
    for row in content["attachments"]:
        folder = FOLDER
        while f"{folder}/{row['key']}" in texts:
            folder += "_"
        paths[row["key"]] = f"{folder}/{row['key']}{SUFFIXES.get(row['content_type'], '')}"
    return paths


# Front matter ------------------------------------------------------------------------------------------------


class _Dumper(yaml.SafeDumper):
    """Never writes aliases, which the reader refuses; quotes what YAML would take for the end of a line."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_visible = not any(unicodedata.category(sign) in ownformat.INVISIBLE for sign in text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if is_visible else '"')


_Dumper.add_representer(str, _quoted)


def _front_matter(frame: Frame, files: dict[str, str]) -> list[str]:
    content = frame.content
    fields: dict[str, object] = {
        ownformat.MARKER: ownformat.VERSION,
        "code": content["code"],
        "revision": content["number"],
        "state": frame.state,
        "department": frame.department,
        "owner": frame.owner,
        "effective_on": frame.effective_on.isoformat() if frame.effective_on else "",
        "content_hash": frame.content_hash,
        "kind": content["kind"],
        "language": content["language"],
        "category": content["category"],
        "tags": content["tags"],
        **{name: content[name] for name in ownformat.FACTS},
    }
    if content["source"]:
        fields["source"] = content["source"]
    if content["attachments"]:
        fields["attachments"] = [{**row, "file": files[row["key"]]} for row in content["attachments"]]
    text = yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)
    return text.removesuffix("\n").split("\n")


# For the reader of the file: not read back -------------------------------------------------------------------


def _about(frame: Frame) -> list[str]:
    lines = [f"> **{inline(frame.control_line)}** · {inline(frame.state)}", ">"]
    if frame.mark:
        lines += [f"> **{frame.mark}.** {inline(frame.warning)}", ">"]
    return [*lines, f"> {inline(_('Uncontrolled copy.'))} {inline(_('Is this revision current?'))} <{frame.address}>"]


def _control(frame: Frame, words: dict[str, str]) -> Iterator[str]:
    lines: list[str] = []
    if frame.approvals:
        head = (_("Name"), _("As"), _("Meaning"), _("Date and time"), _("Seal"))
        signed = ((row.name, row.capacity, row.meaning, row.signed_at, row.seal) for row in frame.approvals)
        lines += _table(head, signed)
    lines += _table(
        (_("Revision"), _("Effective from"), _("What changed and why")),
        ((str(row.number), day(row.date), " ".join(row.summary.split()) or "–") for row in frame.changes),
    )
    yield from _block("control", "", f"## {words['control']}", "", *lines)


# What is read back -------------------------------------------------------------------------------------------


class _Writer:
    """Writes one content, block after block."""

    def __init__(self, content: dict) -> None:
        self.content = content
        self.words = words_for(content["language"])
        self.files = files_of(content)
        self.numbers = {step["uid"]: number for number, step in enumerate(content["steps"], start=1)}

    def body(self) -> Iterator[str]:
        content = self.content
        for name in ownformat.TEXTS_BEFORE:
            yield from self._section(name)
        yield from self._rows("tools", ("name", "note"))
        yield from self._section("definitions")
        for section, steps in groupby(content["steps"], key=lambda step: step["section"]):
            if section:
                yield from _block("section", "", f"## {inline(section)}", "")
            else:
                yield from _block("steps", "", f"## {self.words['steps']}", "")
            for step in steps:
                yield from self._step(step)
        for part in content["parts"]:
            yield from self._part(part)
        yield from self._responsibilities()
        yield from self._rows("records", ("name", "place", "kept"))
        yield from self._benchmarks()
        for name in ownformat.TEXTS_AFTER:
            yield from self._section(name)

    def _section(self, name: str) -> Iterator[str]:
        if self.content[name]:
            yield from _block(name, "", f"## {self.words[name]}", "", *self._text(self.content[name]))

    def _text(self, text: str) -> list[str]:
        """The lines of a Markdown text, its pictures led to the files beside it, and an empty one behind them."""
        for key, path in self.files.items():
            text = text.replace(f"media:{key}", path)
        return [*(guard(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")), ""]

    def _rows(self, name: str, columns: tuple[str, ...]) -> Iterator[str]:
        rows = self.content[name]
        if rows:
            table = _table([self.words[column] for column in columns], ([row[key] for key in columns] for row in rows))
            yield from _block(name, "", f"## {self.words[name]}", "", *table)

    def _benchmarks(self) -> Iterator[str]:
        rows, words = self.content["benchmarks"], self.words
        if rows:
            table = _table(
                [words["name"], words["direction"], words["target"], words["unit"]],
                ([row["name"], words[row["direction"]], row["target"], row["unit"]] for row in rows),
            )
            yield from _block("benchmarks", "", f"## {words['benchmarks']}", "", *table)

    def _responsibilities(self) -> Iterator[str]:
        rows, words = self.content["responsibilities"], self.words
        if rows:
            table = _table([words["role"], words["letter"]], ([row["role"]["name"], row["letter"]] for row in rows))
            yield from _block("responsibilities", "", f"## {words['responsibilities']}", "", *table)

    def _part(self, part: dict) -> Iterator[str]:
        yield from _block("part", part["kind"], f"## {inline(part['name'])}".rstrip(), "")
        if part["note"]:
            yield from _block("note", "", "", *self._text(part["note"]))
        data = json.dumps(part["data"], ensure_ascii=False, indent=1).split("\n")
        yield from _block("data", "", "", "```json", *(guard(line) for line in data), "```", "")

    def _step(self, step: dict) -> Iterator[str]:
        words = self.words
        number = self.numbers[step["uid"]]
        facts = [f"- **{label}{words['colon']}** {value}" for label, value in self._facts(step)]
        heading = f"### {number}\\. {inline(step['title'])}".rstrip()
        yield from _block("step", f"{step['kind']} {step['uid']}", heading, "", *facts, *([""] if facts else []))
        if step["warning"]:
            quoted = [f"> {line}" if line else ">" for line in self._text(step["warning"])[:-1]]
            yield from _block("warning", "", f"> **{words['warning']}.**", ">", *quoted, "")
        if step["body"]:
            yield from _block("body", "", "", *self._text(step["body"]))
        if step["items"]:
            yield from _block("items", "", "", *(f"- [ ] {inline(item)}" for item in step["items"]), "")
        if step["branches"]:
            ways = (f"- {inline(row['label'])} → {self._target(row['target'])}" for row in step["branches"])
            yield from _block("branches", "", "", *ways, "")
        if step["expected"]:
            label = f"**{words['expected']}{words['colon']}**"
            yield from _block("expected", "", label, "", *self._text(step["expected"]))

    def _facts(self, step: dict) -> Iterator[tuple[str, str]]:
        words = self.words
        if step["role"]:
            yield words["role"], inline(step["role"]["name"])
        for row in step["responsibilities"]:
            yield words[row["letter"]], inline(row["role"]["name"])
        if step["minutes"] is not None:
            yield words["minutes"], str(step["minutes"])
        if step["hold"]:
            yield words["hold"], words["hold_words"]
        if step["due"]:
            yield words["due"], f"{step['due']['after']} {words[step['due']['unit']]}"
        for name in ("subprocedure", "tool", "record"):
            if step[name]:
                yield words[name], inline(step[name])
        if step["evidence"] != "none":
            yield words["evidence"], words[ownformat.PROOFS[step["evidence"]]]
        if step["evidence_name"]:
            yield words["evidence_name"], inline(step["evidence_name"])

    def _target(self, target: str) -> str:
        if target == "end":
            return self.words["to_end"]
        if not target:
            return self.words["to_next"]
        number = self.numbers.get(target)
        return f"{self.words['to_step']} {number}" if number else inline(target)


def _block(name: str, value: str, *lines: str) -> Iterator[str]:
    yield f"<!-- sop:{name}{' ' if value else ''}{value} -->"
    yield from lines


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table and an empty line behind it."""
    columns = [inline(name) for name in head]
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    return [*lines, *(f"| {' | '.join(inline(cell) for cell in row)} |" for row in rows), ""]
