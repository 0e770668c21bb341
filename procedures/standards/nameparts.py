"""The typed parts of a naming rule: which stretches of a name each can stand for, and where it gives up.

Positions count from 0 here. A part never looks further than its own longest stretch.
"""

import datetime
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

DIGITS = frozenset("0123456789")
YEARS = range(1900, 2101)
MONTHS = range(1, 13)
JANUARY, DECEMBER = 1, 12


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a part cannot go on. `start` is where the part began, `expected` what would be right from
    `position` on; `words` says more where the place alone does not ("30 February")."""

    position: int
    start: int
    expected: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class NamePart:
    """The base: a part with a name for people. `number` counts from 1."""

    number: int
    label: str

    def advance(self, name: str, starts: list[int]) -> tuple[list[int], list[Stop]]:
        """Where the part can end when it begins at any of `starts` (sorted), and where it gives up."""
        ends: set[int] = set()
        stops = []
        for start in starts:
            ends.update(self._ends(name, start))
            stops.append(self._stop(name, start))
        return sorted(ends), stops

    def _ends(self, name: str, start: int) -> Iterator[int]:
        raise NotImplementedError

    def _stop(self, name: str, start: int) -> Stop:
        raise NotImplementedError

    @property
    def expected(self) -> str:
        """What the part stands for, in words."""
        raise NotImplementedError

    @property
    def pattern(self) -> str:
        """The part at a glance."""
        raise NotImplementedError

    def example(self, day: datetime.date) -> str:
        raise NotImplementedError

    def repairs(self, found: str) -> Iterator[str]:
        """What `found` may have meant, in a form that fits the part; likely ones first."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Literal(NamePart):
    """Fixed text or a separator."""

    text: str

    def _ends(self, name: str, start: int) -> Iterator[int]:
        if name.startswith(self.text, start):
            yield start + len(self.text)

    def _stop(self, name: str, start: int) -> Stop:
        same = common_length(name, start, self.text)
        return Stop(start + same, start, shown(self.text[same:] or self.text))

    @property
    def expected(self) -> str:
        return shown(self.text)

    @property
    def pattern(self) -> str:
        return self.text

    def example(self, day: datetime.date) -> str:
        return self.text

    def repairs(self, found: str) -> Iterator[str]:
        yield self.text


@dataclass(frozen=True, slots=True)
class Date(NamePart):
    """A day, month or year in one format, of the letters Y, M and D."""

    format: str

    def _ends(self, name: str, start: int) -> Iterator[int]:
        if self._stop(name, start).position == start + len(self.format):
            yield start + len(self.format)

    def _stop(self, name: str, start: int) -> Stop:
        """The first character that is no digit, or the beginning of the year, month or day that cannot be."""
        for offset, letter in enumerate(self.format):
            position = start + offset
            character = name[position : position + 1]
            if (character not in DIGITS or not character) if letter in "YMD" else character != letter:
                return Stop(position, start, self.expected)
        values = {letter: self._number(name, start, letter) for letter in "YMD" if letter in self.format}
        year, month, day = values.get("Y", 2000), values.get("M", 1), values.get("D", 1)
        if "YYYY" in self.format and year not in YEARS:
            words = _("%(year)d is no likely year") % {"year": year}
            return Stop(start + self.format.index("Y"), start, self.expected, words)
        if month not in MONTHS:
            words = _("there is no month %(month)02d") % {"month": month}
            return Stop(start + self.format.index("M"), start, self.expected, words)
        if not 1 <= day <= days_in(year, month):
            words = _("this month has no day %(day)02d") % {"day": day}
            return Stop(start + self.format.index("D"), start, self.expected, words)
        return Stop(start + len(self.format), start, "")

    def _number(self, name: str, start: int, letter: str) -> int:
        first = self.format.index(letter)
        number = int(name[start + first : start + self.format.rindex(letter) + 1])
        return number + 2000 if letter == "Y" and "YYYY" not in self.format else number

    @property
    def expected(self) -> str:
        return _("a date as %(format)s") % {"format": self.format}

    @property
    def pattern(self) -> str:
        return self.format

    def example(self, day: datetime.date) -> str:
        return self.write(day)

    def write(self, day: datetime.date) -> str:
        written = self.format.replace("YYYY", f"{day.year:04d}").replace("YY", f"{day.year % 100:02d}")
        return written.replace("MM", f"{day.month:02d}").replace("DD", f"{day.day:02d}")

    def repairs(self, found: str) -> Iterator[str]:
        """Other ways to write a day, the year first or last, with any separators or none."""
        runs = "".join(character if character in DIGITS else " " for character in found).split()
        joined = "".join(runs)
        ways = [(runs, order) for order in ("YMD", "DMY")] if len(runs) == len("YMD") else []
        if len(joined) == len("YYYYMMDD"):
            ways += [([joined[:4], joined[4:6], joined[6:]], "YMD"), ([joined[:2], joined[2:4], joined[4:]], "DMY")]
        if len(joined) == len("YYMMDD"):
            ways += [([joined[:2], joined[2:4], joined[4:]], "YMD"), ([joined[:2], joined[2:4], joined[4:]], "DMY")]
        for numbers, order in ways:
            values = dict(zip(order, map(int, numbers), strict=True))
            year = values["Y"] + 2000 if values["Y"] < 100 else values["Y"]
            if year in YEARS and values["M"] in MONTHS and 1 <= values["D"] <= days_in(year, values["M"]):
                yield self.write(datetime.date(year, values["M"], values["D"]))


@dataclass(frozen=True, slots=True)
class Text(NamePart):
    """Characters of a set; `with_letters` adds the letters of every alphabet."""

    allowed: frozenset[str]
    with_letters: bool
    words: str
    low: int
    high: int

    def allows(self, character: str) -> bool:
        return character in self.allowed or (self.with_letters and character.isalpha())

    def advance(self, name: str, starts: list[int]) -> tuple[list[int], list[Stop]]:
        run = [0] * (len(name) + 1)
        for position in range(len(name) - 1, -1, -1):
            run[position] = run[position + 1] + 1 if self.allows(name[position]) else 0
        ends: list[int] = []
        stops = []
        for start in starts:
            furthest = start + min(self.high, run[start])
            first = max(start + self.low, ends[-1] + 1 if ends else 0)
            ends.extend(range(first, furthest + 1))
            stops.append(Stop(furthest, start, self._expected_at(furthest - start)))
        return ends, stops

    def _expected_at(self, length: int) -> str:
        if length < self.low:
            more = self.low - length
            words = ngettext("%(count)d more of: %(words)s", "%(count)d more of: %(words)s", more)
            return words % {"count": more, "words": self.words}
        return "" if length >= self.high else self.words

    @property
    def expected(self) -> str:
        if self.low == self.high:
            words = ngettext("%(count)d character of: %(words)s", "%(count)d characters of: %(words)s", self.low)
            return words % {"count": self.low, "words": self.words}
        return _("%(low)d to %(high)d characters of: %(words)s") % {
            "low": self.low, "high": self.high, "words": self.words,
        }  # fmt: skip

    @property
    def pattern(self) -> str:
        return f"[{self.label}]"

    def example(self, day: datetime.date) -> str:
        wanted = self._fitted(self.label)
        if len(wanted) >= self.low and wanted:
            return wanted
        letters = "".join(sorted(filter(str.isalnum, self.allowed)) or sorted(self.allowed)) or "abcdefghij"
        start = letters.find("A") if "A" in letters else 0
        filler = letters[max(start, 0) :] or letters
        return (wanted + filler * self.low)[: max(self.low, min(4, self.high))]

    def _fitted(self, text: str) -> str:
        """`text` with the characters that are not allowed changed into such as are, or left out."""
        fitted = []
        filler = next((character for character in "-_." if self.allows(character)), "")
        for character in text:
            plain = unicodedata.normalize("NFD", character)[0]
            ways = (character, character.upper(), character.lower(), plain, plain.upper(), plain.lower())
            fitted.append(next((way for way in ways if self.allows(way)), filler))
        joined = "".join(fitted)
        if filler:
            joined = filler.join(piece for piece in joined.split(filler) if piece)
        return joined[: self.high].rstrip(filler) if filler else joined[: self.high]

    def repairs(self, found: str) -> Iterator[str]:
        fitted = self._fitted(found)
        if len(fitted) >= self.low:
            yield fitted


@dataclass(frozen=True, slots=True)
class Number(NamePart):
    """Digits, so many of them and, if a range is given, between two numbers."""

    low: int
    high: int
    range: tuple[int, int] | None

    def _run(self, name: str, start: int) -> int:
        length = 0
        while length < self.high and name[start + length : start + length + 1] in DIGITS and start + length < len(name):
            length += 1
        return length

    def _fits(self, digits: str) -> bool:
        return self.range is None or self.range[0] <= int(digits) <= self.range[1]

    def _ends(self, name: str, start: int) -> Iterator[int]:
        for length in range(self.low, self._run(name, start) + 1):
            if self._fits(name[start : start + length]):
                yield start + length

    def _stop(self, name: str, start: int) -> Stop:
        length = self._run(name, start)
        if length < self.low:
            return Stop(start + length, start, self.expected)
        if self.range and not any(self._fits(name[start : start + count]) for count in range(self.low, length + 1)):
            words = _("%(number)s is not between %(low)d and %(high)d") % {
                "number": name[start : start + length], "low": self.range[0], "high": self.range[1],
            }  # fmt: skip
            return Stop(start, start, self.expected, words)
        return Stop(start + length, start, "" if length >= self.high else _("a digit"))

    @property
    def expected(self) -> str:
        if self.low == self.high:
            words = ngettext("%(count)d digit", "%(count)d digits", self.low) % {"count": self.low}
        else:
            words = _("%(low)d to %(high)d digits") % {"low": self.low, "high": self.high}
        if self.range is None:
            return words
        return _("%(digits)s, between %(low)d and %(high)d") % {
            "digits": words, "low": self.range[0], "high": self.range[1],
        }  # fmt: skip

    @property
    def pattern(self) -> str:
        return "0" * self.low if self.low == self.high else f"[{self.label}]"

    def example(self, day: datetime.date) -> str:
        number = 1 if self.range is None else max(self.range[0], min(1, self.range[1]))
        return f"{number:0{self.low}d}"

    def repairs(self, found: str) -> Iterator[str]:
        digits = "".join(character for character in found if character in DIGITS)
        if digits:
            for length in range(self.low, self.high + 1):
                written = f"{int(digits):0{length}d}"
                if len(written) == length and self._fits(written):
                    yield written
                    return


@dataclass(frozen=True, slots=True)
class Choice(NamePart):
    """One value of a list; `lead` stands before each (the dot of an extension)."""

    values: tuple[str, ...]
    lead: str = ""

    def _ends(self, name: str, start: int) -> Iterator[int]:
        for value in self.values:
            if name.startswith(self.lead + value, start):
                yield start + len(self.lead) + len(value)

    def _stop(self, name: str, start: int) -> Stop:
        same = max(common_length(name, start, self.lead + value) for value in self.values)
        if any(same == len(self.lead + value) for value in self.values):
            return Stop(start + same, start, "")
        return Stop(start + same, start, self.expected)

    @property
    def expected(self) -> str:
        values = [self.lead + value for value in self.values]
        if len(values) == 1:
            return shown(values[0])
        return _("one of %(values)s") % {"values": ", ".join(values)}

    @property
    def pattern(self) -> str:
        few = 3
        return self.lead + ("|".join(self.values) if len(self.values) <= few else f"[{self.label}]")

    def example(self, day: datetime.date) -> str:
        return self.lead + self.values[0]

    def repairs(self, found: str) -> Iterator[str]:
        bare = found.removeprefix(self.lead).strip(" -_.")
        folded = {value.casefold(): value for value in reversed(self.values)}
        for key in [bare.casefold(), *get_close_matches(bare.casefold(), folded, n=1, cutoff=0.5)]:
            if key in folded:
                yield self.lead + folded[key]
                return
        if len(self.values) == 1:
            yield self.lead + self.values[0]


def common_length(name: str, start: int, text: str) -> int:
    """How many characters `name` from `start` on and `text` begin with in common."""
    length = 0
    for mine, theirs in zip(name[start : start + len(text)], text, strict=False):
        if mine != theirs:
            break
        length += 1
    return length


def days_in(year: int, month: int) -> int:
    following = datetime.date(year + month // DECEMBER, month % DECEMBER + JANUARY, 1)
    return (following - datetime.timedelta(days=1)).day


def shown(text: str) -> str:
    """`text` in quotation marks; a character that cannot be seen by its name."""
    names = {" ": _("a space"), "\t": _("a tab"), "\n": _("a line break"), "\N{NO-BREAK SPACE}": _("a no-break space")}
    if text in names:
        return names[text]
    if text and not text.isprintable():
        return _("the character U+%(number)s") % {"number": f"{ord(text[0]):04X}"}
    return f"“{text}”"
