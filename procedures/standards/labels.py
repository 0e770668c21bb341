"""Words for what a part's data holds as keys."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PART_TYPES = {
    "fixed": _("Fixed text"),
    "separator": _("Separator"),
    "date": pgettext_lazy("part of a name", "Date"),
    "text": pgettext_lazy("part of a name", "Text"),
    "number": pgettext_lazy("part of a name", "Number"),
    "value": _("One of a list"),
    "extension": _("Extension"),
}
FIELD_FORMATS = {
    "text": pgettext_lazy("format", "Text"),
    "long_text": _("Text of several lines"),
    "date": pgettext_lazy("format", "Date"),
    "amount": _("Amount of money"),
    "number": pgettext_lazy("format", "Number"),
    "list": _("One of a list"),
    "email": _("E-mail address"),
    "iban": _("IBAN"),
    "vat": _("VAT number"),
    "yes_no": _("Yes or no"),
}
CODE_STATES = {"active": pgettext_lazy("code", "In use"), "deprecated": pgettext_lazy("code", "Deprecated")}
