"""Counting what a text holds, the same way for the file and for what was kept of it."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from html import unescape

from markdown_it.token import Token

from procedures.importing.blocks import checkbox_of
from procedures.importing.document import COUNTED
from procedures.importing.source import INCLUDE, TEMPLATE_TAG, tokenizer

_parser = tokenizer()

_COMMENT = re.compile(r"<!--[\s\S]*?(?:-->|\Z)")
_UNSEEN_HTML = re.compile(
    r"<(script|style|noscript|template|svg|math)\b[^<>]*>(?:[^<]|<(?!/?\1\b))*</\1\s*>", re.IGNORECASE
)
_FENCE = re.compile(r"^([ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?:>[ \t]?)*)(?:`{3,}|~{3,})[^`\n]*$", re.MULTILINE)
_TEMPLATE_TAG = re.compile(TEMPLATE_TAG)
_INCLUDE = re.compile(INCLUDE)
_BOX_MARK = re.compile(
    r"^([ \t]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(?:>[ \t]?)*)"
    r"(?:\[!\w+\][+-]?|!!![ \t]*\w+|\?\?\?\+?[ \t]*\w+|:{3,}[ \t]*\{?[.\w-]*\}?)",
    re.MULTILINE,
)
_ATTRIBUTE_LIST = re.compile(r"\{:?\s*[.#][^{}\n]*\}|(?<=[)\]])\{[^{}\n]*\}|\{-\}")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*\n?[ \t]*\S+[^\n]*$", re.MULTILINE)
_ADDRESS = re.compile(r"\]\((?:<[^>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"\n]*\")?\)")
# Marks and links that begin or end within a word must not part it.
_ENDS_IN_WORD = re.compile(
    r"\*{0,3}\]\((?:<[^>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)\*{0,3}(?=\w)|(?<=\w)\\?\*{1,3}(?=\w)"
)
_BEGINS_IN_WORD = re.compile(r"(?<=\w)\*{0,3}\[\*{0,3}(?=\w[^\[\]\n]{0,600}\]\()")
_LABEL = re.compile(r"\]\[[^\[\]\n]*\]")
_URL = re.compile(r"<?\b(?:https?|ftp|mailto):[^\s<>()\]|]+>?")
_IMAGE_TAG = re.compile(r"<img\b[^<>]*?\balt\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')[^>]*>", re.IGNORECASE)
_RAISED = re.compile(r"</?su[bp]\b[^<>]*>", re.IGNORECASE)
_RAISED_TEXT = re.compile(r"(?<=\w)[\^_]\(([^()\n]{1,40})\)")
_OPTION = re.compile(r"^[ \t>]*:[a-z-]+:(?: [^\n]*)?$", re.MULTILINE)
_HTML_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_TYPED_NUMBER = re.compile(
    r"^([ \t>#*_-]{0,80})(?:\d{1,9}[.)](?=\s)|\(?\d{1,3}(?:\.\d{1,3})*[a-z]?[.):]+(?=\D)|\d{1,3}(?:\.\d{1,3})+(?=\s)"
    r"|\d{1,3}\s?[-–—°º](?=\s)"
    r"|(?:step|étape|stap|passo|etapa)\s+\d{1,3}[a-z]?\b)",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> Counter[str]:
    """The words a reader sees: no addresses, tags, comments, marks of a dialect or numbers typed at a line's head."""
    for pattern, replacement in (
        (_COMMENT, " "),
        (_UNSEEN_HTML, " "),
        (_FENCE, r"\1"),
        (_INCLUDE, " "),
        (_DEFINITION, " "),
        (_TEMPLATE_TAG, " "),
        (_BOX_MARK, r"\1"),
        (_ATTRIBUTE_LIST, " "),
        (_BEGINS_IN_WORD, ""),
        (_ENDS_IN_WORD, ""),
        (_ADDRESS, "] "),
        (_LABEL, "] "),
        (_IMAGE_TAG, r" \1 \2 "),
        (_RAISED, ""),
        (_RAISED_TEXT, r"\1"),
        (_OPTION, " "),
        (_HTML_TAG, " "),
        (_URL, " "),
        (_TYPED_NUMBER, r"\1"),
    ):
        text = pattern.sub(replacement, text)
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", unescape(text)).casefold()))


def counts_of(markdown: str) -> Counter[str]:
    """How many headings, list items … `markdown` holds, by the keys of COUNTED. Must be free of dialects."""
    counts: Counter[str] = Counter()
    lists: list[str] = []
    tokens = _parser.parse(markdown)
    for index, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            lists.append(token.type)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            counts["list items"] += 1
            counts["ordered items"] += lists[-1] == "ordered_list_open"
            counts["checkboxes"] += _has_box(tokens, index)
        elif token.type == "heading_open":
            counts["headings"] += 1
        elif token.type == "table_open":
            counts["tables"] += 1
        elif token.type in ("fence", "code_block"):
            counts["code blocks"] += 1
        elif token.type == "inline":
            counts.update(_inline_counts(token.children or ()))
    counts["words"] = words_of(markdown).total()
    return counts


def total(counts: Iterable[Counter[str]]) -> Counter[str]:
    """All keys of COUNTED with their sums."""
    summed = Counter(dict.fromkeys(COUNTED, 0))
    for part in counts:
        summed.update(part)
    return summed


def _has_box(tokens: list[Token], index: int) -> bool:
    following = tokens[index + 1 : index + 3]
    return len(following) == 2 and following[1].type == "inline" and checkbox_of(following[1].content)[0] is not None


def _inline_counts(children: Iterable[Token]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for child in children:
        if child.type == "link_open":
            counts["links"] += 1
        elif child.type == "image":
            counts["images"] += 1
            counts.update(_inline_counts(child.children or ()))
    return counts
