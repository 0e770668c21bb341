"""Form templates (an invoice, a receipt): which fields a paper or file must have, and in which format."""

from django.utils.translation import gettext as _

from procedures.standards.problems import Problem, rows_of, text_of, too_long

FORMATS = ("text", "long_text", "date", "amount", "number", "list", "email", "iban", "vat", "yes_no")
MAX_FIELDS = 100
MAX_NAME = 120
MAX_DETAIL = 300


def fields_of(data: dict) -> list[dict]:
    """The fields: dicts of name, format, required, values (of a list, with commas) and note."""
    return rows_of(data, "fields")


def values_of(field: dict) -> list[str]:
    """The values of a list, in order."""
    return [value.strip() for value in text_of(field.get("values")).split(",") if value.strip()]


def form_problems(data: dict) -> list[Problem]:
    """What stands in the way of using a form."""
    fields = fields_of(data)
    if not fields:
        return [Problem("fields", _("There are no fields yet."))]
    if len(fields) > MAX_FIELDS:
        return [Problem("fields", _("A form has at most %(count)d fields.") % {"count": MAX_FIELDS})]
    problems = []
    seen: set[str] = set()
    for number, field in enumerate(fields, start=1):
        name = text_of(field.get("name"))
        problems += too_long("fields", name, MAX_NAME, number)
        for detail in ("values", "note"):
            problems += too_long("fields", text_of(field.get(detail)), MAX_DETAIL, number)
        if not name:
            problems.append(Problem("fields", _("Name the field."), number))
        elif name.casefold() in seen:
            problems.append(Problem("fields", _("A field “%(name)s” is there already.") % {"name": name}, number))
        seen.add(name.casefold())
        if field.get("format") not in FORMATS:
            problems.append(Problem("fields", _("Choose a format."), number))
        elif field["format"] == "list" and not values_of(field):
            problems.append(Problem("fields", _("Write the values of the list with commas between them."), number))
    return problems
