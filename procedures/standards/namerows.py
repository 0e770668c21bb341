"""The rows that an author writes for a naming rule, made into typed parts, or refused with the row and field."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from procedures.standards.nameparts import DIGITS, Choice, Date, Literal, NamePart, Number, Text, shown
from procedures.standards.problems import BadPart, Problem, rows_of, text_of, too_long

MAX_PARTS = 30
MAX_LABEL = 60
MAX_LITERAL = 60
MAX_SEPARATOR = 3
MAX_TEXT = 100
DEFAULT_TEXT = 40
MAX_DIGITS = 18
DEFAULT_DIGITS = 10
MAX_VALUES = 100
MAX_VALUE = 40
MAX_EXAMPLES = 20
UNUSABLE = frozenset('/\\:*?"<>|')
"""Characters that a path or Windows does not bear in a file name."""

TYPES = ("fixed", "separator", "date", "text", "number", "value", "extension")
DATE_FORMATS = ("YYYYMMDD", "YYYY-MM-DD", "YYYYMM", "YYYY-MM", "YYYY", "YYMMDD", "DDMMYYYY", "DD-MM-YYYY")
CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
SMALL = frozenset("abcdefghijklmnopqrstuvwxyz")
CHARACTER_SETS = {"A-Z": CAPITALS, "a-z": SMALL, "0-9": DIGITS}
LETTERS = "letters"


def compile_rows(data: dict) -> tuple[NamePart, ...]:
    """The typed parts in the rows `data["parts"]`: dicts of type, label, detail, min and max. Raises BadPart.

    detail: of "fixed" and "separator" the text itself; of "date" one of DATE_FORMATS; of "text" the allowed
    characters ("A-Z a-z 0-9 letters - _"; empty: letters and digits); of "number" a range ("1-9999") or nothing; of
    "value" and "extension" a list with commas. min and max are the length of "text", the digits of "number".
    """
    rows = rows_of(data, "parts")
    problems: list[Problem] = []
    parts: list[NamePart] = []
    if not rows:
        problems.append(Problem("parts", _("There are no parts yet: a rule has one row for each part of the name.")))
    if len(rows) > MAX_PARTS:
        problems.append(Problem("parts", _("A rule has at most %(count)d parts.") % {"count": MAX_PARTS}))
    for number, row in enumerate(rows[:MAX_PARTS], start=1):
        try:
            parts.append(_part(number, row))
        except BadPart as error:
            problems += error.problems
    if not problems:
        problems += _problems_between(parts, rows)
    if problems:
        raise BadPart(problems)
    return tuple(parts)


def examples_of(data: dict) -> list[str]:
    """The names that the author gives as examples."""
    found = data.get("examples")
    return [text for text in found if isinstance(text, str) and text] if isinstance(found, list) else []


def _problems_between(parts: list[NamePart], rows: list[dict]) -> list[Problem]:
    problems = []
    for before, after in zip(parts, parts[1:], strict=False):
        is_open = isinstance(before, Text | Number) and before.low != before.high
        if is_open and isinstance(after, Text | Number):
            words = _("%(before)s and %(after)s run into each other: put a separator between them.")
            words %= {"before": before.label, "after": after.label}
            problems.append(Problem("parts", words, after.number))
    early = [number for number, row in enumerate(rows[:-1], start=1) if row.get("type") == "extension"]
    problems += [Problem("parts", _("The extension comes last."), number) for number in early]
    return problems


def _part(number: int, row: dict) -> NamePart:
    kind, label = row.get("type"), text_of(row.get("label"))
    problems = too_long("parts", label, MAX_LABEL, number)
    if kind not in TYPES:
        problems.append(Problem("parts", _("Choose what kind of part this is."), number))
    if problems:
        raise BadPart(problems)
    return MAKERS[str(kind)](number, label, row)


def _literal(number: int, label: str, row: dict) -> NamePart:
    # Not text_of: a space is a possible separator.
    detail = row.get("detail")
    text = detail if isinstance(detail, str) else ""
    is_separator = row["type"] == "separator"
    limit = MAX_SEPARATOR if is_separator else MAX_LITERAL
    if not text:
        raise _bad(number, _("Write the separator.") if is_separator else _("Write the fixed text."))
    _check_characters(number, text)
    if problems := too_long("parts", text, limit, number):
        raise BadPart(problems)
    return Literal(number, label or (_("Separator") if is_separator else _("Fixed text")), text)


def _date(number: int, label: str, row: dict) -> NamePart:
    written = text_of(row.get("detail")) or DATE_FORMATS[0]
    if written not in DATE_FORMATS:
        words = _("“%(format)s” is no format for a date; possible are %(formats)s.")
        raise _bad(number, words % {"format": written[:30], "formats": ", ".join(DATE_FORMATS)})
    return Date(number, label or _("Date"), written)


def _text(number: int, label: str, row: dict) -> NamePart:
    tokens = text_of(row.get("detail")).split() or [LETTERS, "0-9"]
    allowed: set[str] = set()
    for token in tokens:
        if token in CHARACTER_SETS:
            allowed |= CHARACTER_SETS[token]
        elif token != LETTERS:
            if len(token) > 1 and token.find("-") == 1:
                words = _("“%(token)s” is no set of characters; write A-Z, a-z, 0-9, letters, or single characters.")
                raise _bad(number, words % {"token": token[:30]})
            allowed |= set(token)
    _check_characters(number, "".join(sorted(allowed)))
    low, high = _limits(number, row, default=(1, DEFAULT_TEXT), limit=MAX_TEXT)
    named = ", ".join(_("letters") if token == LETTERS else token for token in tokens)
    return Text(number, label or _("Text"), frozenset(allowed), LETTERS in tokens, named, low, high)


def _number(number: int, label: str, row: dict) -> NamePart:
    low, high = _limits(number, row, default=(1, DEFAULT_DIGITS), limit=MAX_DIGITS)
    between = None
    if written := text_of(row.get("detail")).replace(" ", ""):
        first, dash, last = written.partition("-")
        longest = max(len(first), len(last))
        if not (dash and first and last and set(first + last) <= DIGITS and longest <= MAX_DIGITS):
            raise _bad(number, _("Write the range as two numbers with a dash, like 1-9999."))
        between = (int(first), int(last))
        if between[0] > between[1]:
            raise _bad(number, _("The range begins above its end."))
        if len(str(between[0])) > high:
            raise _bad(number, _("No number of the range fits into %(count)d digits.") % {"count": high})
    return Number(number, label or _("Number"), low, high, between)


def _choice(number: int, label: str, row: dict) -> NamePart:
    is_extension = row["type"] == "extension"
    values = [" ".join(value.split()) for value in text_of(row.get("detail")).split(",")]
    if is_extension:
        values = [value.removeprefix(".") for value in values]
    values = list(dict.fromkeys(value for value in values if value))
    if not values:
        raise _bad(number, _("Write the possible values with commas between them."))
    if len(values) > MAX_VALUES:
        raise _bad(number, _("A list has at most %(count)d values.") % {"count": MAX_VALUES})
    for value in values:
        _check_characters(number, value)
        if problems := too_long("parts", value, MAX_VALUE, number):
            raise BadPart(problems)
    name = label or (_("Extension") if is_extension else _("Value"))
    return Choice(number, name, tuple(values), "." if is_extension else "")


MAKERS: dict[str, Callable[[int, str, dict], NamePart]] = {
    "fixed": _literal, "separator": _literal, "date": _date, "text": _text, "number": _number, "value": _choice,
    "extension": _choice,
}  # fmt: skip


def _limits(number: int, row: dict, *, default: tuple[int, int], limit: int) -> tuple[int, int]:
    """The smallest and greatest length; one that is given stands for both where that is all one can mean."""
    low, high = row.get("min"), row.get("max")
    for value in (low, high):
        if value is not None and (not isinstance(value, int) or not 1 <= value <= limit):
            raise _bad(number, _("Lengths are whole numbers from 1 to %(limit)d.") % {"limit": limit})
    low = low if isinstance(low, int) else default[0]
    high = high if isinstance(high, int) else max(low, default[1])
    if low > high:
        raise _bad(number, _("The smallest length is above the greatest."))
    return low, high


def _check_characters(number: int, text: str) -> None:
    wrong = [character for character in text if character in UNUSABLE or not character.isprintable()]
    if wrong:
        words = _("File names cannot hold these characters: %(characters)s")
        named = dict.fromkeys(shown(character) for character in wrong)
        raise _bad(number, words % {"characters": ", ".join(named)})


def _bad(number: int, text: str) -> BadPart:
    return BadPart([Problem("parts", text, number)])
