"""Words of ours inside a text: in which language they are, and how a target is said."""

from decimal import Decimal

from django.conf import settings
from django.utils.formats import number_format

from procedures.models import Direction


def labels_language(content: dict) -> str:
    """The language for the words around the text: that of the document where we speak it, else English."""
    return content["language"] if content["language"] in dict(settings.LANGUAGES) else "en"


def benchmark_target(benchmark: dict) -> str:
    """ "at most 240 minutes"; the number as the language writes it, and never apart from its unit."""
    value = f"{number_format(Decimal(benchmark['target']))}\N{NO-BREAK SPACE}{benchmark['unit']}".rstrip()
    return f"{Direction(benchmark['direction']).label} {value}"
