"""How wide text is, and where its lines break. Widths come from a table, so that a server needs no font for it.

The table holds DejaVu Sans, which is wider than the faces of the page: what fits here fits there
(`scripts/measure_widths.py` makes it).
"""

import json
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

BOLD = 1.19
"""DejaVu Sans Bold against Book, on the wide side for words; single letters differ up to 1.27."""

_UNKNOWN = 0.8
_EMOJI = 1.4
_FIRST_EMOJI = 0x1F000
_NO_BREAK = "\N{NO-BREAK SPACE}"
_SPACES = re.compile(r"[ \t\n\r\f\v\u2028\u2029]+")
_NOT_DRAWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u200b\u202a-\u202e\u2066-\u2069]")
_TIED = re.compile(r" (?=[;:?!»%])|(?<=«) |(?<=\d) (?=[€$£°]|(?:[kcmµ]?[gml]|mL|h|min|days?|jours?)\b)")
"""Spaces at which no line ends: before and within French punctuation, between a number and its unit."""
_AFTER = "-/_\\·.,;:@&=+"
"""Letters after which a word that is too long may be cut."""

_NEVER_FIRST = "、。，．：；！？）］｝」』】〉》〕〗〙ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…‥"
_NEVER_LAST = "（［｛「『【〈《〔〖〘"


def _table() -> dict[str, float]:
    blocks = json.loads(Path(__file__).with_name("widths.json").read_text(encoding="ascii"))
    return {
        chr(int(first) + place): thousandths / 1000
        for first, widths in blocks.items()
        for place, thousandths in enumerate(widths)
        if thousandths >= 0
    }


_WIDTHS = _table()


@lru_cache(maxsize=4096)
def _unlisted(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0.0
    if ord(letter) >= _FIRST_EMOJI:
        return _EMOJI
    return 1.0 if is_wide(letter) else _UNKNOWN


@lru_cache(maxsize=4096)
def is_wide(letter: str) -> bool:
    """Whether `letter` is as wide as it is high: Chinese, Japanese, Korean."""
    return unicodedata.east_asian_width(letter) in ("W", "F")


def width(text: str, size: float) -> float:
    """How wide `text` becomes in letters of `size`, at most."""
    return _ems(text) * size


@lru_cache(maxsize=8192)  # words come again and again
def _ems(text: str) -> float:
    return sum([_WIDTHS[letter] if letter in _WIDTHS else _unlisted(letter) for letter in text])


def plain(text: str) -> str:
    """`text` on one line, without what cannot be drawn or would turn the words around."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = _NOT_DRAWN.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return _SPACES.sub(" ", text).strip(" ")


def wrap(text: str, limit: float, size: float, *, scale: float = 1.0, indent: float = 0.0) -> list[str]:
    """`text`, which is `plain`, in lines no wider than `limit`, the first one by `indent` narrower. Empty text gives
    no line. `scale` is BOLD for bold text.

    Words stay whole unless one alone is too wide. Marks that French sets apart by a space never begin a line, nor
    do closing marks of Chinese and Japanese, which breaks between any other two letters.
    """
    text = _TIED.sub(_NO_BREAK, text)
    limit /= size * scale
    space = _WIDTHS[" "]
    lines: list[str] = []
    line, used = "", indent / (size * scale)
    for word, glued in _pieces(text):
        needed = _ems(word)
        gap = 0.0 if glued or not line else space
        if used + gap + needed <= limit:
            line += word if glued or not line else f" {word}"
            used += gap + needed
            continue
        if line:
            lines.append(line)
            used = 0.0
        if used + needed > limit:
            *full, word = _cut(word, limit, used)
            lines += full
            needed = _ems(word)
        line, used = word, needed
    return [*lines, line] if line else lines


def _pieces(text: str) -> list[tuple[str, bool]]:
    """What may not be broken, in order, each with whether it stands right behind the one before."""
    pieces: list[tuple[str, bool]] = []
    for word in text.split(" "):
        if not word:
            continue
        if word.isascii() or not any(map(is_wide, word)):
            pieces.append((word, False))
            continue
        piece, glued = word[0], False
        for before, letter in zip(word, word[1:], strict=False):
            may_break = is_wide(before) or is_wide(letter)
            if may_break and letter not in _NEVER_FIRST and before not in _NEVER_LAST and _unlisted(letter):
                pieces.append((piece, glued))
                piece, glued = letter, True
            else:
                piece += letter
        pieces.append((piece, glued))
    return pieces


def _cut(word: str, limit: float, used: float) -> list[str]:
    """A word too wide for a line, in parts that fit, cut behind punctuation where there is some. Of the first line
    `used` is taken."""
    parts, part = [], ""
    for letter in word:
        needed = _ems(letter)
        if part and used + needed > limit:
            at = max(part.rfind(mark) for mark in _AFTER) + 1
            at = at if at > len(part) // 3 else len(part)
            parts.append(part[:at])
            part = part[at:]
            used = _ems(part)
        part += letter
        used += needed
    return [*parts, part]
