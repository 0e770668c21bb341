"""From the blocks of one step to its title, body, warning, expected result and role."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from procedures.importing.admonitions import WARNING_KINDS, labelled_kind
from procedures.importing.blocks import Block, markdown_of
from procedures.importing.document import MAX_STEP_BODY, MAX_STEP_TITLE, Note, ParsedStep, StepSource
from procedures.importing.language import fold, strip_numeral
from procedures.importing.tokens import plain_text
from procedures.importing.vocabulary import EXPECTED_LABEL, ROLE_COLUMN, ROLE_LABEL, ROLE_NAME

MAX_ROLE = 80
_LEAD_IN = re.compile(r"^\*\*(?P<title>[^*\n]{3,120}?)(?:[.:]\s*\*\*|\*\*\s*(?:[.:]|\s[-–—]))\s+(?P<rest>\S[\s\S]*)$")
_ROLE_OPENING = re.compile(
    r"^(?P<mark>\*\*|__)?(?P<role>[^\W\d_][^:*_\n\[`]{1,60}?)(?:\s*:(?(mark)(?P=mark))|(?(mark)(?P=mark)\s*(?::|\s[-–—])|(?!)))"
    r"\s+(?P<rest>\S[\s\S]*)$"
)
_SENTENCE_END = re.compile(r"(?:[.!?…][\"'”»)*_]*|:)(?=\s)")
_NO_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|no|nr|fig|ca|approx|p\.\s?ex|ex|art|vol|min|max|st|mr|mrs|ms|dr|bv|bijv|nl|resp"
    r"|incl|inc|obs)|\b[A-Za-z]|^\s*\d+)\.$",
    re.IGNORECASE,
)
_HARD_BREAK = re.compile(r"(?: {2,}|\\)\n")
# A first sentence of 200 characters is not longer than this, addresses of links included.
_SEARCHED = 4_000
# Every character can be matched in one way only, so that no text can make these slow.
_TEXT = r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
_DESTINATION = r"\((?:[^()<]|<[^<>]*>|\([^()]*\))*\)"
_SPANS = re.compile(rf"`+[^`]*`+|!?{_TEXT}{_DESTINATION}|<[^<>\s][^<>]*>")
_LINK = re.compile(rf"(?<![!\\]){_TEXT}{_DESTINATION}|<https?://[^<>\s]+>")
_IMAGE = re.compile(rf"!{_TEXT}{_DESTINATION}")
_LABELLED_LINE = re.compile(
    r"^\s*(?:[-*+]\s+)?(?:\*\*|__|\*|_)?(?P<label>[^\W\d][^:*_\n]{1,30}?)\s*(?::(?:\*\*|__|\*|_)?|(?:\*\*|__|\*|_)\s*:)\s*(?P<value>\S.*)$"
)


@dataclass(slots=True)
class StepMaker:
    """Makes steps; collects notes on what had to be changed to make them fit, and the labels that became fields."""

    notes: list[Note]
    labels: list[str] = field(default_factory=list)

    def from_paragraph(
        self,
        opening: Block | None,
        rest: Sequence[Block],
        *,
        source: StepSource,
        line: int,
        section: str = "",
        before: Sequence[Block] = (),
    ) -> ParsedStep:
        """A step whose first paragraph says what to do: an entry of a list, or a paragraph with a typed number."""
        if opening is None:
            title = _shortened(next(filter(None, map(_name_of, rest)), ""))
            return self._made(title, [*before, *rest], source=source, line=line, section=section)
        markdown = opening.text
        role, markdown = _role_and_rest(markdown)
        title, remainder = _title_and_rest(markdown)
        if remainder == markdown:
            why = _("Its first sentence is over 200 characters: title shortened, text kept.")
            self.notes.append(Note(line, _("long step"), why))
        elif remainder and len(plain_text(markdown)) > MAX_STEP_TITLE:
            why = _("The first sentence became the title, the rest the text of the step.")
            self.notes.append(Note(line, _("long step"), why))
        links = links_and_images(markdown.removesuffix(remainder))
        blocks = [Block("paragraph", text, line, plain=plain_text(text)) for text in (links, remainder) if text]
        return self._made(title, [*before, *blocks, *rest], source=source, line=line, section=section, role=role)

    def from_heading(
        self, heading: Block, rest: Sequence[Block], *, section: str = "", before: Sequence[Block] = ()
    ) -> ParsedStep:
        """A step under its own heading; everything below the heading is its text."""
        markdown = heading.text.lstrip("#").strip()
        title = strip_numeral(heading.plain)[1]
        links = links_and_images(markdown)
        blocks = [Block("paragraph", links, heading.line, plain=plain_text(links))] if links else []
        if len(title) > MAX_STEP_TITLE:
            why = _("Title shortened to 200 characters, full text kept.")
            self.notes.append(Note(heading.line, _("long step"), why))
            blocks.insert(0, Block("paragraph", markdown, heading.line, plain=heading.plain))
            title = _shortened(title)
        return self._made(title, [*before, *blocks, *rest], source="heading", line=heading.line, section=section)

    def _made(
        self, title: str, blocks: Sequence[Block], *, source: StepSource, line: int, section: str, role: str = ""
    ) -> ParsedStep:
        warnings, expected, body = [], [], []
        own = True
        for block in blocks:
            label, value = _labelled(block)
            # What stands under a heading further down speaks of that part only and stays there.
            own = own and block.kind != "heading"
            if not own:
                body.append(block)
            elif _is_warning(block):
                warnings.append(_without_label(block))
                self.labels.append(_unquoted(block.text).removesuffix(warnings[-1]))
            elif re.fullmatch(EXPECTED_LABEL, label):
                expected.append(value)
                self.labels.append(label)
            elif not role and re.fullmatch(ROLE_LABEL, label) and len(value) <= MAX_ROLE:
                role = plain_text(value).rstrip(".")
                self.labels.append(label)
            else:
                role = role or _role_in_table(block)
                body.append(block)
        return ParsedStep(
            title=title,
            body=markdown_of(body),
            source=source,
            line=line,
            expected="\n\n".join(expected),
            warning="\n\n".join(warnings),
            role=role,
            section=section,
        )

    def fitted(self, step: ParsedStep) -> list[ParsedStep]:
        """The step, or several that follow each other when its text is over 20,000 characters."""
        if len(step.body) <= MAX_STEP_BODY:
            return [step]
        self.notes.append(
            Note(step.line, _("long step"), _("Its text is over 20,000 characters; it goes on in a further step."))
        )
        pieces = _pieces(step.body)
        first = replace(step, body=pieces[0])
        title = _shortened(f"{step.title} (…)")
        return [first, *(replace(step, title=title, body=piece, warning="", expected="") for piece in pieces[1:])]


def _role_and_rest(markdown: str) -> tuple[str, str]:
    """Part a role that opens a step: "**Payroll clerk:** collect the sheets" → the role and what it does."""
    match = _ROLE_OPENING.match(markdown)
    if not match or not ROLE_NAME.fullmatch(fold(match["role"])):
        return "", markdown
    return plain_text(match["role"]), match["rest"]


def _title_and_rest(markdown: str) -> tuple[str, str]:
    """The plain title and the Markdown behind it: all of it when even the first sentence is too long for a title."""
    lead = _LEAD_IN.match(markdown)
    if lead and "**" not in lead["rest"][:2]:
        return plain_text(lead["title"]), lead["rest"]
    plain = plain_text(markdown)
    if len(plain) <= MAX_STEP_TITLE and not _HARD_BREAK.search(markdown):
        return plain, ""
    end = next(_sentence_ends(markdown), None)
    title = plain_text(markdown[:end]) if end else plain
    if len(title) > MAX_STEP_TITLE:
        return _shortened(plain), markdown
    return title, markdown[end:].strip() if end else ""


def _sentence_ends(markdown: str) -> Iterator[int]:
    """Where a sentence ends outside code, links and bold text, so that both halves are whole Markdown."""
    markdown = markdown[:_SEARCHED]
    spans = [match.span() for match in _SPANS.finditer(markdown)]
    candidates = [match.end() for match in _SENTENCE_END.finditer(markdown)]
    candidates += [match.start() for match in _HARD_BREAK.finditer(markdown)]
    for end in sorted(candidates):
        head = markdown[:end]
        if any(start < end < stop for start, stop in spans) or _NO_END.search(head[-40:]):
            continue
        bare = _SPANS.sub("", head)
        if bare.count("**") % 2 or bare.replace("**", "").count("*") % 2 or bare.count("(") > bare.count(")"):
            continue
        yield end


def _shortened(text: str) -> str:
    if len(text) <= MAX_STEP_TITLE:
        return text
    return text[: MAX_STEP_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def _name_of(block: Block) -> str:
    """A title for a step that has no sentence: its code, the words below its picture, its first line."""
    if block.kind == "code":
        return " ".join("\n".join(block.text.split("\n")[1:-1]).split())
    if block.items:
        return next(filter(None, (_name_of(inner) for item in block.items for inner in item.blocks)), "")
    return block.plain or plain_text(block.text.lstrip("> ").split("\n")[0])


def links_and_images(markdown: str) -> str:
    """Links and images of a text that becomes a plain title, so that their addresses are not lost."""
    images = _IMAGE.findall(_LINK.sub("", markdown))
    links = _LINK.findall(markdown)
    return "\n\n".join(filter(None, [" · ".join(links), *images]))


def _labelled(block: Block) -> tuple[str, str]:
    """The folded label and the value of a paragraph "Label: value", else two empty strings."""
    match = _LABELLED_LINE.match(block.text) if block.kind == "paragraph" and "\n" not in block.text else None
    return (fold(match["label"]), match["value"]) if match else ("", "")


def _is_warning(block: Block) -> bool:
    if block.kind == "quote":
        return labelled_kind(_unquoted(block.text)) in WARNING_KINDS
    return block.kind == "paragraph" and labelled_kind(block.text) in WARNING_KINDS


def _unquoted(text: str) -> str:
    return "\n".join(re.sub(r"^\s*>\s?", "", line) for line in text.split("\n"))


def _without_label(block: Block) -> str:
    """The text of a warning: the field says already that it is one."""
    text = _unquoted(block.text) if block.kind == "quote" else block.text
    bare = re.sub(r"^[^\w*_]{0,4}(\*\*|__)[^*_\n]{1,20}?[:!]?(\*\*|__)\s*[:!]?\s*", "", text, count=1)
    if bare == text:
        bare = re.sub(
            r"^[^\w*_]{0,4}(?:\*\*|__)?\w+(?: op)?\s*[:!]\s*", lambda m: "**" if "**" in m[0] else "", text, count=1
        )
    return bare.strip() or text.strip()


def _role_in_table(block: Block) -> str:
    """The role of a small table "When | Who" with one row, as some firms put it below the heading of a step."""
    if block.kind != "table" or len(block.rows) != 2:
        return ""
    head, row = block.rows
    for name, value in zip(head, row, strict=False):
        if re.fullmatch(ROLE_COLUMN, fold(plain_text(name))):
            role = plain_text(value)
            return role if len(role) <= MAX_ROLE else ""
    return ""


def _pieces(body: str) -> list[str]:
    """The text cut at empty lines outside code into parts below the limit; a longer paragraph is cut anywhere."""
    pieces, current, fenced = [""], "", False
    for line in [*body.split("\n"), ""]:
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        current += line + "\n"
        if line.strip() or fenced:
            continue
        while current:
            room = MAX_STEP_BODY - len(pieces[-1])
            if len(current) > room and pieces[-1]:
                pieces.append("")
                room = MAX_STEP_BODY
            pieces[-1] += current[:room]
            current = current[room:]
    if current:
        pieces.append(current)
    return [piece.strip("\n") for piece in pieces if piece.strip()]
