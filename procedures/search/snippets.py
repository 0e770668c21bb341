"""The steps of a hit that answer the query, quoted with the matched words marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from procedures.search.analysis import fold, is_cjk, plain, stem, stems

MAX_STEPS = 2
WINDOW = 28  # words quoted of a step
LEAD = 4  # words before the first match
PURPOSE_LENGTH = 200

_WORD = re.compile(r"[^\W_]+")
_MARKUP = re.compile(r"[*_`#>|\[\]~]+|!\[|^\s*[-+]\s", re.MULTILINE)
_SPACES = re.compile(r"\s+")


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
    prefixes = _prefixes(terms)
    candidates = []
    for step in content["steps"]:
        text = f"{step['title']}. {step['body']} {step['expected']} {step['warning']}"
        found = set(prefixes.findall(fold(text)))
        if found:
            candidates.append((-len(found), step["number"], step, text))
    best = sorted(candidates, key=lambda candidate: candidate[:2])[:MAX_STEPS]
    quoted = (
        Snippet(step["number"], step["uid"], html)
        for _, _, step, text in sorted(best, key=lambda candidate: candidate[1])
        if (html := quote(plain_line(text), terms, content["language"]))
    )
    return list(quoted)


def quote(text: str, terms: frozenset[str], language: str) -> SafeString | None:
    """The part of `text` with most different `terms`, escaped, with `<mark>` around each; None when it has none."""
    if is_cjk(text):
        characters = list(_pieces(text, language))
        spans = [(start, end) for start, end, _ in characters]
        found = [terms.intersection(spelt) for _, _, spelt in characters]
    else:
        spans = [match.span() for match in _WORD.finditer(text)]
        lowered = "\n".join([text[start:end] for start, end in spans]).lower().split("\n")
        found = [terms & {spelt} for spelt in stems(lowered, language)]
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
    """`markdown` on one line without its marks."""
    return _SPACES.sub(" ", _MARKUP.sub("", plain(markdown))).strip()


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


def _prefixes(terms: frozenset[str]) -> re.Pattern[str]:
    """What to look for first: a stem without its last letter nearly always begins the words that have it. In scripts
    without spaces it may stand anywhere."""
    starts = sorted({term[:-1] if len(term) > 4 else term for term in terms}, key=len, reverse=True)
    return re.compile("|".join(re.escape(start) if is_cjk(start) else rf"\b{re.escape(start)}" for start in starts))
