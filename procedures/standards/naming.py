"""Naming rules: a file name as a row of typed parts, and what is wrong with a name that does not follow them.

A rule is data (see `compile_rule`). Nothing of it becomes a regular expression: a name is read part by part, and all
ways of reading it are followed at once, so that the time grows with the length of the name only.
"""

import datetime
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from procedures.standards.nameparts import Choice, Literal, NamePart, Stop, shown
from procedures.standards.namerows import MAX_EXAMPLES, compile_rows, examples_of
from procedures.standards.problems import BadPart, Problem

MAX_NAME = 255
BETWEEN_WORDS = "_-. "
EXAMPLE_DAY = datetime.date(2026, 1, 31)


@dataclass(frozen=True, slots=True)
class NamingRule:
    """A rule that can be used: `parts` in order."""

    parts: tuple[NamePart, ...]

    def example(self, day: datetime.date = EXAMPLE_DAY) -> str:
        """A name that follows the rule, as it would be built on `day`."""
        return "".join(part.example(day) for part in self.parts)

    @property
    def pattern(self) -> str:
        """The rule at a glance: "YYYYMMDD_[Supplier]_INV|CRN.pdf"."""
        return "".join(part.pattern for part in self.parts)


@dataclass(frozen=True, slots=True)
class Piece:
    """What one part of the rule stands for in a name."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class NameCheck:
    """Whether a name follows its rule. If not: where it goes wrong, in which part, and how it could be mended.

    `position` counts characters from 1: what stands before it can begin a right name, and with the character there
    it cannot. `part` counts parts from 1 (None: behind the last one). `found` is what was taken for that
    part, from character `start` + 1 on. `suggestion` is a right name, or empty.
    """

    name: str
    ok: bool
    pieces: tuple[Piece, ...] = ()
    position: int = 0
    part: int | None = None
    label: str = ""
    expected: str = ""
    start: int = 0
    found: str = ""
    message: str = ""
    suggestion: str = ""

    @property
    def before(self) -> str:
        return self.name[: max(self.position - 1, 0)]

    @property
    def after(self) -> str:
        """What stands from the wrong character on."""
        return self.name[max(self.position - 1, 0) :]


def compile_rule(data: dict) -> NamingRule:
    """The rule in `data`, whose `parts` are rows of type, label, detail, min and max (see `namerows`). Raises
    BadPart."""
    return NamingRule(compile_rows(data))


def naming_problems(data: dict) -> list[Problem]:
    """Everything that stands in the way of using the rule in `data`; examples that do not follow it among them."""
    try:
        rule = compile_rule(data)
    except BadPart as error:
        return error.problems
    problems = []
    examples = examples_of(data)
    if len(examples) > MAX_EXAMPLES:
        problems.append(Problem("examples", _("There are at most %(count)d examples.") % {"count": MAX_EXAMPLES}))
    for number, example in enumerate(examples[:MAX_EXAMPLES], start=1):
        check = check_name(rule, example)
        if not check.ok:
            words = _("“%(name)s” does not follow the rule. %(message)s")
            problems.append(Problem("examples", words % {"name": example, "message": check.message}, number))
    return problems


# Checking a name ---------------------------------------------------------------------------------------------


def check_name(rule: NamingRule, name: str) -> NameCheck:
    """Say whether `name` follows `rule`, and if not, what is wrong and where."""
    name = unicodedata.normalize("NFC", name)
    check = _check(rule, name)
    return check if check.ok else replace(check, suggestion=_suggestion(rule, check))


def _check(rule: NamingRule, name: str) -> NameCheck:
    if not name:
        return NameCheck(name, False, position=1, part=1, message=_("There is no name to check."))
    if len(name) > MAX_NAME:
        message = _("The name has %(count)d characters; %(limit)d are possible.")
        words = message % {"count": len(name), "limit": MAX_NAME}
        return NameCheck(name, False, position=MAX_NAME + 1, message=words)
    reached, stops = _read(rule, name)
    if len(reached) > len(rule.parts) and reached[-1][-1] == len(name):
        return NameCheck(name, True, pieces=tuple(_pieces(rule, name, reached)))
    return _failure(rule, name, reached, stops)


def _read(rule: NamingRule, name: str) -> tuple[list[list[int]], list[tuple[NamePart, Stop]]]:
    """Where each part can begin, part by part, until one finds no place; and where the parts gave up."""
    reached = [[0]]
    stops: list[tuple[NamePart, Stop]] = []
    for part in rule.parts:
        ends, gave_up = part.advance(name, reached[-1])
        stops += [(part, stop) for stop in gave_up]
        if not ends:
            break
        reached.append(ends)
    return reached, stops


def _pieces(rule: NamingRule, name: str, reached: list[list[int]]) -> Iterator[Piece]:
    """What each part stands for, going back from the end of the name."""
    end, found = len(name), []
    for part, starts in reversed(list(zip(rule.parts, reached, strict=False))):
        start = next(start for start in starts if end in part.advance(name, [start])[0])
        found.append(Piece(part.label, name[start:end]))
        end = start
    return reversed(found)


def _failure(rule: NamingRule, name: str, reached: list[list[int]], stops: list[tuple[NamePart, Stop]]) -> NameCheck:
    """The furthest place that any reading came to, and the part that is to blame there."""
    furthest = max([stop.position for _part, stop in stops] + (reached[-1] if len(reached) > len(rule.parts) else []))
    there = [(part, stop) for part, stop in stops if stop.position == furthest]
    blamed = _to_blame(rule, name, there)
    if blamed is None:
        words = _("Character %(position)d: the name should end here; %(found)s is too much.")
        message = words % {"position": furthest + 1, "found": shown(name[furthest:])}
        return NameCheck(
            name, False, position=furthest + 1, start=furthest, found=name[furthest:], message=message
        )  # fmt: skip
    part, stop = blamed
    is_literal = isinstance(part, Literal)
    start = furthest if is_literal else stop.start
    end = furthest + 1 if is_literal else _end_of(rule, part, name, furthest)
    found = name[start:end]
    return NameCheck(
        name, False, position=furthest + 1, part=part.number, label=part.label, expected=part.expected, start=start,
        found=found, message=_sentence(part, stop, found, is_at_end=furthest == len(name)),
    )  # fmt: skip


def _to_blame(rule: NamingRule, name: str, there: list[tuple[NamePart, Stop]]) -> tuple[NamePart, Stop] | None:
    """Of the parts that give up at one place: the one in progress, when what comes after it stands further on; else
    the one that should begin there; None when nothing should."""
    for part, stop in there:
        if stop.start < stop.position and _following(rule, part, name, stop.position) is not None:
            return part, stop
    open_ones = [(part, stop) for part, stop in there if stop.expected]
    with_words = [(part, stop) for part, stop in open_ones if stop.words]
    chosen = with_words or open_ones
    return chosen[-1] if chosen else None


def _following(rule: NamingRule, part: NamePart, name: str, position: int) -> int | None:
    """Where the fixed text behind `part` stands in `name` behind `position`; None without one."""
    following = rule.parts[part.number] if part.number < len(rule.parts) else None
    if isinstance(part, Literal) or not isinstance(following, Literal | Choice):
        return None
    text = following.text if isinstance(following, Literal) else following.lead
    place = name.find(text, position + 1) if text else -1
    return place if place >= 0 else None


def _end_of(rule: NamingRule, part: NamePart, name: str, furthest: int) -> int:
    """Where the stretch ends that was meant to be `part`: before what follows it, or the next mark between words."""
    following = _following(rule, part, name, furthest)
    if following is not None:
        return following
    if isinstance(part, Choice) and part.lead:
        return len(name)
    marks = (place for place in range(furthest, len(name)) if name[place] in BETWEEN_WORDS)
    return next(marks, len(name))


def _sentence(part: NamePart, stop: Stop, found: str, *, is_at_end: bool) -> str:
    values = {
        "position": stop.position + 1, "label": part.label, "expected": stop.expected or part.expected,
        "found": shown(found), "words": stop.words, "whole": part.expected,
    }  # fmt: skip
    if stop.words:
        return _("Character %(position)d, %(label)s: %(words)s. Expected %(expected)s.") % values
    if is_at_end:
        return _("The name ends too early: character %(position)d should be %(expected)s (%(label)s).") % values
    if not found:
        return _("Character %(position)d: nothing stands for %(label)s. Expected %(whole)s.") % values
    if not stop.expected and not isinstance(part, Choice):
        return _("Character %(position)d, %(label)s: %(found)s is too long. Expected %(whole)s.") % values
    return _("Character %(position)d, %(label)s: expected %(expected)s, found %(found)s.") % values


# Suggesting a right name -------------------------------------------------------------------------------------


def _suggestion(rule: NamingRule, check: NameCheck) -> str:
    """A right name near the wrong one, or nothing: the wrong parts are mended one after the other."""
    for _turn in range(len(rule.parts) + 2):
        checks = [_check(rule, name) for name in dict.fromkeys(_mended(rule, check))]
        best = max(checks, key=lambda found: _progress(rule, found), default=None)
        if best is None or _progress(rule, best) <= _progress(rule, check):
            return ""
        if best.ok:
            return best.name
        check = best
    return ""


def _progress(rule: NamingRule, check: NameCheck) -> tuple[bool, int, int]:
    """How near a name is to a right one: the parts that it has got through, and how little is left."""
    return check.ok, check.part or len(rule.parts) + 1, -len(check.after)


def _mended(rule: NamingRule, check: NameCheck) -> Iterator[str]:
    """The name with the part that is to blame put right, in the ways that may have been meant."""
    name, end = check.name, check.start + len(check.found)
    if not check.position or len(name) > MAX_NAME:
        return
    if check.part is None:
        yield name[: check.start]
        return
    part = rule.parts[check.part - 1]
    if not isinstance(part, Literal):
        yield from (name[: check.start] + fitting + name[end:] for fitting in part.repairs(check.found))
        return
    rest = part.text[_begun(part, name, check.start) :]
    yield name[: check.start] + rest + name[check.start :]
    wrong = len(name[check.start :]) - len(name[check.start :].lstrip(BETWEEN_WORDS))
    if wrong:
        yield name[: check.start] + rest + name[check.start + wrong :]
        # Whoever writes one separator wrong writes all of them so.
        yield name.replace(name[check.start], part.text)


def _begun(part: Literal, name: str, position: int) -> int:
    """How much of the text of `part` stands in `name` before `position` already."""
    return next(
        (length for length in range(len(part.text) - 1, 0, -1) if name[:position].endswith(part.text[:length])), 0
    )
