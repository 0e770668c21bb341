"""The steps of a hit that answer the query, quoted with the matched words marked."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from procedures.search.analysis import fold, is_cjk, plain, stem
from sopdesk.lib.markdown_rules import REFERENCE

MAX_STEPS = 2
WINDOW = 28  # words quoted of a step
LEAD = 4  # words before the first match
PURPOSE_LENGTH = 200

_REFERENCE = re.compile(REFERENCE)
_WORD = re.compile(r"[^\W_]+")
_MARKUP = re.compile(r"[*_`#>|\[\]~]+|!\[|^\s*[-+]\s|(?<![^\s|]):?-{3,}:?(?![^\s|])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One quoted step. `number` is its place in the procedure; `uid` stays the same in every revision."""

    number: int
    uid: str
    html: SafeString


def snippets(content: dict, terms: frozenset[str]) -> list[Snippet]:
    """The steps of `content` with most of `terms`, at most two, in their order; none when no step has any."""
    if not terms:
        return []
    starts = _Starts(terms)
    candidates = []
    for step in content["steps"]:
        text = f"{step['title']}. {step['body']} {step['expected']} {step['warning']}"
        if found := starts.of(fold(text)):
            candidates.append((-len(found), step["number"], step, text))
    best = sorted(candidates, key=lambda candidate: candidate[:2])[:MAX_STEPS]
    quoted = (
        Snippet(step["number"], step["uid"], html)
        for _, _, step, text in sorted(best, key=lambda candidate: candidate[1])
        if (html := quote(plain_line(text), terms, content["language"], starts))
    )
    return list(quoted)


def quote(text: str, terms: frozenset[str], language: str, starts: "_Starts | None" = None) -> SafeString | None:
    """The part of `text` with most different `terms`, escaped, with `<mark>` around each; None when it has none.

    starts: those of `terms`, where they are known already.
    """
    if is_cjk(text):
        characters = list(_pieces(text, language))
        spans = [(start, end) for start, end, _ in characters]
        found = [terms.intersection(spelt) for _, _, spelt in characters]
    else:
        spans = [match.span() for match in _WORD.finditer(text)]
        found = _found_in(text, spans, terms, language, starts or _Starts(terms))
    hits = [at for at, matched in enumerate(found) if matched]
    if not hits:
        return None
    first = max(hits, key=lambda at: len(frozenset().union(*found[at : at + WINDOW])))
    begin = max(0, first - LEAD)
    end = min(len(spans), begin + WINDOW)
    shape, pieces = _marked(text, spans[begin:end], [bool(matched) for matched in found[begin:end]])
    before, after = "… " if begin else "", " …" if end < len(spans) else ""
    return format_html(before + shape + after, *pieces)


def _pieces(text: str, language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(start, end, index terms) of what may be marked: a word, or one character of a script without spaces, which
    belongs to the pair on either side."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        if not is_cjk(match[0]):
            yield start, end, (stem(match[0].lower(), language),)
            continue
        for at in range(start, end):
            around = (text[at], text[max(start, at - 1) : at + 1], text[at : min(end, at + 2)])
            yield at, at + 1, tuple(stem(characters, language) for characters in around)


def plain_line(markdown: str) -> str:
    """`markdown` on one line without its marks; of a link to a procedure its words, or else the code."""
    if "[[" in markdown:
        markdown = _REFERENCE.sub(lambda match: match[3] or match[1], markdown)
    return " ".join(_MARKUP.sub("", plain(markdown)).split())


@lru_cache(maxsize=1000)
def opening(markdown: str) -> str:
    """The first words of a text, for a line of a list."""
    line = plain_line(markdown)
    if len(line) <= PURPOSE_LENGTH:
        return line
    return line[:PURPOSE_LENGTH].rsplit(" ", 1)[0] + " …"


def _marked(text: str, spans: list[tuple[int, int]], is_hit: list[bool]) -> tuple[str, list[str]]:
    """`text` from the first to the last of `spans`, as a format with its pieces; neighbouring hits share one mark."""
    at, last = spans[0][0], spans[-1][1]
    shape, pieces = "", []
    position = 0
    while position < len(spans):
        if not is_hit[position]:
            position += 1
            continue
        follower = position
        while follower + 1 < len(spans) and is_hit[follower + 1] and _adjoin(text, spans, follower):
            follower += 1
        start, end = spans[position][0], spans[follower][1]
        shape += "{}<mark>{}</mark>"
        pieces += [text[at:start], text[start:end]]
        at, position = end, follower + 1
    return shape + "{}", [*pieces, text[at:last]]


def _adjoin(text: str, spans: list[tuple[int, int]], at: int) -> bool:
    """Whether nothing but space stands between the word `at` and the next."""
    return not text[spans[at][1] : spans[at + 1][0]].strip()


def _found_in(
    text: str, spans: list[tuple[int, int]], terms: frozenset[str], language: str, starts: "_Starts"
) -> list[frozenset[str]]:
    """Which of `terms` each word of `text` is. Only words that begin like one are stemmed, which few do."""
    nothing: frozenset[str] = frozenset()
    found = [nothing] * len(spans)
    for at in starts.beginning(text, spans):
        start, end = spans[at]
        found[at] = terms & {stem(text[start:end].lower(), language)}
    return found


class _Starts:
    """How the words of some terms begin: a stem without its last letter nearly always begins the words that have it.
    In scripts without spaces it may stand anywhere."""

    def __init__(self, terms: frozenset[str]) -> None:
        starts = sorted({term[:-1] if len(term) > 4 else term for term in terms}, key=len, reverse=True)
        self._starts = tuple(starts)
        self._pattern = re.compile(
            "|".join(re.escape(start) if is_cjk(start) else rf"\b{re.escape(start)}" for start in starts)
        )

    def of(self, folded: str) -> set[str]:
        """Those that stand in a text."""
        # A pattern with a word boundary is tried at every letter; most steps have none of the words anywhere.
        if not any(start in folded for start in self._starts):
            return set()
        return set(self._pattern.findall(folded))

    def beginning(self, text: str, spans: list[tuple[int, int]]) -> list[int]:
        """Places in `spans` of the words of `text` that may be one of the terms."""
        if text.isascii():
            return [bisect_left(spans, match.span()[:1]) for match in self._pattern.finditer(text.lower())]
        words = (fold(text[start:end]) for start, end in spans)
        return [at for at, word in enumerate(words) if word.startswith(self._starts)]
