"""Boxes, containers and directives of the Markdown dialects → plain quotations, code and text.

One pass over the lines, because these constructs change how the lines between them are indented. Nothing is
evaluated: what would pull in another file or run code stays visible and is listed as unresolved.
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext

from procedures.importing.admonitions import admonition_kind, label
from procedures.importing.document import Note
from procedures.importing.source import Source

_FENCE = re.compile(r"^(?P<lead>\s*(?:(?:[-*+]|\d+[.)])\s+)?)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
_CONTAINER = re.compile(r"^(?P<lead>\s*)(?P<colons>:{3,})\s*(?P<rest>.*?)\s*$")
_INDENTED_BOX = re.compile(
    r"^(?P<lead>\s*)(?:!!!|\?\?\?\+?)\s*(?P<words>[\w-]+(?: [\w-]+)*)\s*(?:\"(?P<title>[^\"]*)\")?\s*$"
)
_TAG_BOX = re.compile(
    r"^(?P<lead>\s*)\{[{%]?[%<]-?\s*(?P<name>alert|hint|callout|note|notice|warning|tip|info|caution|danger|important"
    r"|admonition)\b(?P<rest>[^%>]*)-?[%>]\}?\}\s*$",
    re.IGNORECASE,
)
_TAG_BOX_END = re.compile(r"^\s*\{[{%]?[%<]-?\s*(?:/\s*|end)(?P<name>\w+)\s*-?[%>]\}?\}\s*$", re.IGNORECASE)
_GITHUB_BOX = re.compile(
    r"^(?P<lead>\s*(?:(?:[-*+]|\d+[.)])\s+)?(?:>\s?)+)\[!(?P<word>[A-Za-z]+)\][+-]?\s*(?P<title>.*?)\s*$"
)
_ROLE = re.compile(r"^\{(?P<name>=?[\w:.-]+)(?P<options>[^}]*)\}\s*(?P<title>.*)$")
_ATTRIBUTES = re.compile(r"\{[^{}]*\}")
_DIRECTIVE_OPTION = re.compile(r"^\s*(:[\w-]+:|#\|).*$")
_LETTERED = re.compile(r"^(?P<lead>\s*)(?P<letter>[A-Za-z]|[ivx]{2,4})[.)]\s+(?=\S)")

# Deeper ones are read as text; no person writes them.
_MAX_NESTED_BOXES = 10

_INCLUDES = frozenset({"include", "literalinclude", "mdinclude", "embed"})
_PICTURES = frozenset({"image", "figure"})
_NAVIGATION = frozenset({"toctree", "contents", "tableofcontents"})
_PLAIN_CODE = frozenset({"code", "code-block", "sourcecode", "code-cell"})
_RUN = frozenset({"r", "python", "julia", "ojs", "bash", "sql", "rcpp", "observable"})


@dataclass(slots=True)
class _Box:
    """An open container: how deep its text stands in quotation marks, and what closes it."""

    lead: str
    closer: str
    quoted: bool


@dataclass(slots=True)
class DialectReader:
    """Rewrites the lines of a document; `unresolved` and `dropped` collect what the report must say."""

    language: str
    unresolved: list[Note] = field(default_factory=list)
    dropped: list[Note] = field(default_factory=list)
    _out: Source = field(default_factory=lambda: Source([], []))
    _open: list[_Box] = field(default_factory=list)

    def read(self, source: Source) -> Source:
        """The same text in plain Markdown."""
        index = 0
        while index < len(source.lines):
            index = self._line(source, index)
        return self._out

    def _line(self, source: Source, index: int) -> int:
        """Write what stands at `index` and return the index of the next line to read."""
        line, number = source.lines[index], source.numbers[index]
        fence = _FENCE.match(line)
        if fence:
            return self._fence(source, index, fence)
        container = _CONTAINER.match(line)
        if container and len(self._open) < _MAX_NESTED_BOXES:
            self._container(container, number)
            return index + 1
        indented = _INDENTED_BOX.match(line)
        if indented and len(self._open) < _MAX_NESTED_BOXES:
            return self._indented_box(source, index, indented)
        tag = _TAG_BOX.match(line)
        if tag and len(self._open) < _MAX_NESTED_BOXES and self._is_closed(source, index, tag["name"]):
            style = re.search(r"[\"'=]\s*(\w+)[\"']?", tag["rest"]) or re.search(r"^\s*(\w+)", tag["rest"])
            kind = admonition_kind(tag["name"]) if tag["name"].lower() != "alert" else ""
            kind = (admonition_kind(style[1]) if style else "") or kind or "note"
            self._start_box(tag["lead"], closer=tag["name"].lower(), heading=label(kind, self.language), number=number)
            return index + 1
        tag_end = _TAG_BOX_END.match(line)
        if tag_end and any(box.closer == tag_end["name"].lower() for box in self._open):
            self._close(tag_end["name"].lower(), number)
            return index + 1
        self._write(self._plain_line(line), number)
        return index + 1

    def _plain_line(self, line: str) -> str:
        box = _GITHUB_BOX.match(line)
        if box:
            kind = admonition_kind(box["word"])
            name = label(kind, self.language) if kind else box["word"].capitalize()
            return f"{box['lead'].rstrip()} **{name}:** {box['title']}".rstrip()
        return line

    def _write(self, line: str, number: int) -> None:
        for box in reversed(self._open):
            if box.quoted:
                line = f"{box.lead}> {line.removeprefix(box.lead)}".rstrip()
        self._out.lines.append(line)
        self._out.numbers.append(number)

    def _start_box(self, lead: str, *, closer: str, heading: str, number: int, title: str = "") -> None:
        self._apart(number)
        self._open.append(_Box(lead, closer, quoted=True))
        self._write(f"{lead}**{heading}:** {title}".rstrip(), number)

    def _apart(self, number: int) -> None:
        """An empty line, so that a box does not run into the paragraph before it."""
        if self._out.lines and self._out.lines[-1].strip(" >"):
            self._write("", number)

    def _close(self, closer: str, number: int) -> None:
        while self._open:
            if self._open.pop().closer == closer:
                break
        self._write("", number)

    @staticmethod
    def _is_closed(source: Source, index: int, name: str) -> bool:
        ends = (_TAG_BOX_END.match(line) for line in source.lines[index + 1 :])
        return any(end and end["name"].lower() == name.lower() for end in ends)

    def _container(self, match: re.Match[str], number: int) -> None:
        rest = match["rest"].rstrip(":").strip()
        if not rest:
            colon_boxes = [box for box in self._open if box.closer.startswith(":")]
            if colon_boxes:
                self._close(colon_boxes[-1].closer, number)
            return
        closer = match["colons"] if len(match["colons"]) > 3 else ":::"
        role = _ROLE.match(rest)
        words = role["name"] if role else rest
        title = role["title"] if role else ""
        attributes = " ".join(_ATTRIBUTES.findall(rest))
        if role and role["name"].startswith((".", "#")):
            words = " ".join(re.findall(r"[.]callout-(\w+)|[.](\w+)", attributes)[0]) if "." in attributes else ""
        first, _, remainder = words.strip().partition(" ")
        kind = admonition_kind(first.removeprefix("callout-"))
        title = (title or remainder).strip(' "[]')
        if kind:
            self._start_box(
                match["lead"], closer=closer, heading=label(kind, self.language), number=number, title=title
            )
        elif attributes or not remainder:
            # A container for layout only: its text goes on as text.
            self._open.append(_Box(match["lead"], closer, quoted=False))
        else:
            # A box of the site's own making: its word is part of what readers see.
            self._start_box(match["lead"], closer=closer, heading=f"{first.capitalize()}: {title}", number=number)

    def _indented_box(self, source: Source, index: int, match: re.Match[str]) -> int:
        lead, number = match["lead"], source.numbers[index]
        first = match["words"].split()[0]
        kind = admonition_kind(first)
        name = label(kind, self.language) if kind else first.capitalize()
        self._start_box(lead, closer="indent", heading=name, number=number, title=match["title"] or "")
        inner_lead = len(lead) + 4
        index += 1
        body = Source([], [])
        while index < len(source.lines):
            line = source.lines[index]
            if line.strip() and len(line) - len(line.lstrip()) < inner_lead:
                break
            body.lines.append(lead + line[inner_lead:] if line.strip() else "")
            body.numbers.append(source.numbers[index])
            index += 1
        inner = 0
        while inner < len(body.lines):
            inner = self._line(body, inner)
        self._close("indent", source.number(index))
        return index

    def _fence(self, source: Source, index: int, match: re.Match[str]) -> int:
        """Copy a fence as it is, or turn a directive written as a fence into what it means."""
        end = self._end_of_fence(source, index, match)
        role = _ROLE.match(match["info"].strip())
        inner = source.cut(index + 1, end)
        closing = source.cut(end, end + 1)
        if role:
            self._directive(role, match, inner, closing, source.numbers[index])
        else:
            for line, number in zip(
                [source.lines[index], *inner.lines, *closing.lines],
                [source.numbers[index], *inner.numbers, *closing.numbers],
                strict=True,
            ):
                self._write(line, number)
        return min(end + 1, len(source.lines))

    @staticmethod
    def _end_of_fence(source: Source, index: int, match: re.Match[str]) -> int:
        closer = re.compile(rf"^\s*{re.escape(match['fence'][0])}{{{len(match['fence'])},}}\s*$")
        for end in range(index + 1, len(source.lines)):
            if closer.match(source.lines[end]):
                return end
        return len(source.lines)

    def _directive(
        self, role: re.Match[str], fence: re.Match[str], inner: Source, closing: Source, number: int
    ) -> None:
        name, title, lead = role["name"].lower(), role["title"].strip(), fence["lead"]
        kind = admonition_kind(name) or ("note" if name == "admonition" else "")
        if kind or name == "dropdown":
            inner = self._without_options(inner)
            heading = label(kind, self.language) if kind and name != "admonition" else (title or "Note")
            title = "" if heading == title else title
            self._start_box(lead, closer="fence", heading=heading, number=number, title=title)
            index = 0
            while index < len(inner.lines):
                index = self._line(inner, index)
            self._close("fence", number)
        elif name == "=html":
            # Raw HTML is read like HTML anywhere else; an empty line ends it.
            for line, line_number in zip(["", *inner.lines, ""], [number, *inner.numbers, number], strict=True):
                self._write(line, line_number)
        elif name in _NAVIGATION:
            self.dropped.append(
                Note(number, gettext("table of contents"), gettext("Made anew from the headings."), loss=False)
            )
        elif name in _PICTURES:
            caption = " ".join(line.strip() for line in self._without_options(inner).lines if line.strip())
            self._write(f"{lead}![{caption}]({title})", number)
        else:
            self._code(role, fence, inner, closing, number)

    def _code(self, role: re.Match[str], fence: re.Match[str], inner: Source, closing: Source, number: int) -> None:
        name, title = role["name"].lower(), role["title"].strip()
        language = title if name in _PLAIN_CODE else name.removeprefix("=")
        if name in _INCLUDES:
            self.unresolved.append(
                Note(number, f"{{{name}}} {title}".strip(), gettext("The other file is not part of this one."))
            )
            language = ""
            inner = Source([f"{fence['lead']}{{{name}}} {title}", *inner.lines], [number, *inner.numbers])
        elif name in _RUN:
            what = gettext("%(name)s code chunk") % {"name": f"{{{role['name']}}}"}
            self.unresolved.append(Note(number, what, gettext("Kept as code; it is never run.")))
        self._write(f"{fence['lead']}{fence['fence']}{language}", number)
        for line, line_number in zip(inner.lines, inner.numbers, strict=True):
            self._write(line, line_number)
        self._write(closing.lines[0] if closing.lines else f"{fence['lead']}{fence['fence']}", closing.number(0))

    def _without_options(self, inner: Source) -> Source:
        """A directive's text without the ":option: value" lines at its head, which say how it looks."""
        start = 0
        while start < len(inner.lines) and _DIRECTIVE_OPTION.match(inner.lines[start]):
            option = inner.lines[start].strip()
            self.dropped.append(Note(inner.numbers[start], option, gettext("An option of a directive."), loss=False))
            start += 1
        return inner.cut(start, len(inner.lines))


def letters_to_bullets(source: Source) -> Source:
    """Give entries marked "a." or "ii." by hand a bullet, so that they do not run together.

    Entries at the margin count when there are at least two and one is the first letter. The letter stays, because
    the text may refer to it.
    """
    code = _fenced_lines(source)
    margin = [_LETTERED.match(line) for index, line in enumerate(source.lines) if index not in code]
    letters = [match["letter"] for match in margin if match and not match["lead"]]
    at_margin = len(letters) > 1 and "a" in map(str.lower, letters)
    lines = []
    for index, line in enumerate(source.lines):
        match = None if index in code else _LETTERED.match(line)
        if match and (at_margin if not match["lead"] else len(match["lead"]) > 1 and match["letter"].islower()):
            line = f"{match['lead']}- {line.lstrip()}"
        lines.append(line)
    return Source(lines, source.numbers)


def _fenced_lines(source: Source) -> set[int]:
    fenced: set[int] = set()
    fence = ""
    for index, line in enumerate(source.lines):
        match = _FENCE.match(line)
        if fence or match:
            fenced.add(index)
        if match and not fence:
            fence = match["fence"]
        elif match and fence and match["fence"].startswith(fence) and not match["info"].strip():
            fence = ""
    return fenced
