"""The rest of the dialects, inside lines: references, template tags, attribute lists.

Works on a `Source` whose boxes and directives are already plain Markdown; leaves code alone.
"""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markdown_it.common.utils import normalizeReference

from procedures.importing.document import Note
from procedures.importing.source import INCLUDE, TEMPLATE_TAG, Source, tokenizer

_SNIPPET = r"(?:^[ \t]*(?:--8<--[^\n]*|include::[^\n]+|@include[^\n]+)$|!\[\[[^\]\n]+\]\])"
_LINK_TEXT = r"\[(?P<text>[^\[\]]{0,600}(?:\[[^\[\]]{0,300}\][^\[\]]{0,300}){0,5})\]"
_TOC_MARK = r"^[ \t]*(?:\[\[?_?TOC_?\]?\]|\$\{toc\}|\{:\s*toc\s*\}|\{\{\s*toc\s*\}\}|<toc\s*/?>)[ \t]*$"
_ATTRIBUTE = r"(?:[.#][\w:-]+|-|[\w:-]+=(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s{}\"']+))"
_ATTRIBUTES = (
    rf"(?:[ \t]?\{{:?\s*(?:[.#][\w:-]+|-)(?:\s+{_ATTRIBUTE})*\s*\}}"
    rf"|\{{:\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*\}}"
    rf"|(?<=[)\]])\{{\s*{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*\}})"
)

_WHY_TAG = gettext_lazy("Template tags are never evaluated; the tag stands in the text as it was.")
_WHY_INCLUDE = gettext_lazy("The other file is not part of this one.")
_parser = tokenizer()


def clean(source: Source, *, unresolved: list[Note], dropped: list[Note], anchors: set[str]) -> None:
    """Bring references, template tags and attribute lists in `source` into a form that can be cut into pieces."""
    source.lines = [
        _without_tabs(line, index in code) for code in [source.code_lines()] for index, line in enumerate(source.lines)
    ]
    _resolve_references(source)

    def toc(match: re.Match[str], number: int) -> str:
        dropped.append(Note(number, _("table of contents"), _("Made anew from the headings."), loss=False))
        return ""

    def link_with_tag(match: re.Match[str], number: int) -> str:
        target = _on_one_line(match["target"])
        unresolved.append(Note(number, f"[{_on_one_line(match['text'])}]({target})", str(_WHY_TAG)))
        return f"{match['text']} ({_as_code(target)})"

    def tag(match: re.Match[str], number: int) -> str:
        text = _on_one_line(match[0])
        unresolved.append(Note(number, text, str(_WHY_TAG)))
        return _as_code(text)

    def include(match: re.Match[str], number: int) -> str:
        text = _on_one_line(match[0])
        unresolved.append(Note(number, text, str(_WHY_INCLUDE)))
        return _as_code(text)

    def attributes(match: re.Match[str], number: int) -> str:
        anchors.update(re.findall(r"#([\w:-]+)", match[0]))
        return ""

    source.replace(_TOC_MARK, toc, flags=re.MULTILINE)
    source.replace(rf"!?{_LINK_TEXT}\((?P<target>[^()\n]*{TEMPLATE_TAG}(?:[^()\n]|\([^()\n]*\))*)\)", link_with_tag)
    source.replace(TEMPLATE_TAG, tag)
    source.replace(f"{INCLUDE}|{_SNIPPET}", include, flags=re.MULTILINE)
    source.replace(_ATTRIBUTES, attributes)
    # A rule of "=" below a heading that already has its "#".
    source.replace(r"(?P<heading>^#{1,6} [^\n]*)\n=+[ \t]*$", lambda match, number: f"{match['heading']}\n", flags=re.M)


def _without_tabs(line: str, is_code: bool) -> str:
    if is_code or "\t" not in line:
        return line
    lead = re.match(r"^\s*(?:(?:[-*+]|\d+[.)])\s+)?", line)
    width = lead.end() if lead else 0
    return line[:width].expandtabs(4) + line[width:]


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _as_code(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if longest else f"`{text}`"


def _resolve_references(source: Source) -> None:
    """Put the address into every `[text][label]`, so that a piece of the text needs no list at its end."""
    env: dict[str, dict] = {}
    _parser.parse(source.text, env)
    references = env.get("references", {})
    if not references:
        return
    for reference in references.values():
        for index in range(*reference["map"]):
            source.lines[index] = ""

    def resolved(match: re.Match[str], number: int) -> str:
        reference = references.get(normalizeReference(match["label"] or match["text"]))
        if not reference:
            return match[0]
        address = reference["href"]
        address = f"<{address}>" if re.search(r"[\s()]", address) else address
        title = f' "{reference["title"]}"' if reference.get("title") and '"' not in reference["title"] else ""
        return f"{match['image']}[{match['text']}]({address}{title})"

    # The shortcut form must not take a box "[ ]", a link with its own address or a box's "[!NOTE]".
    source.replace(
        rf"(?P<image>!?){_LINK_TEXT}(?:\[(?P<label>[^\[\]]*)\]|(?P<shortcut>)(?![\[(:]))",
        resolved,
    )
