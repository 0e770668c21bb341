"""Signs between a label and what it says, as the language writes them."""

from django.utils.translation import pgettext

ENDS = ("?", "!", ":", "…")


def colon(label: object = "") -> str:
    """The colon behind `label`, with the space before it where the language has one; nothing behind a label that ends
    with a sign of its own."""
    return "" if str(label).endswith(ENDS) else pgettext("behind a label", ":")


def labelled(label: object, text: object) -> str:
    """ "Label: text"."""
    return f"{label}{colon(label)} {text}"
