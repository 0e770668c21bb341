"""The shared copy of a text: what is stored, with its pictures under the link's address and no way further in."""

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from procedures.deviations.showing import DeviationView
from procedures.models import Revision
from procedures.reading.parts import Part, Place
from procedures.reading.places import marker, with_step_places
from procedures.templatetags.procedures import stored_document
from sopdesk.lib.markup import with_addresses

PICTURE = re.compile(r"/procedures/([A-Z0-9-]+)/(\d+)/(files|diagrams)/([\w-]+)(/|\.svg)")


def shared_document(revision: Revision, content: dict[str, Any], *, address: str) -> str:
    """The document of `revision`, pictures and diagrams below `address` ("/s/…/"), with the places that `parts_of`
    fills.

    Links into sopdesk become plain words: who holds the link reads this text and learns no other address.
    """
    own = (revision.procedure.code, str(revision.number))

    def address_of(wanted: str) -> str:
        picture = PICTURE.fullmatch(wanted)
        if picture is not None and picture.group(1, 2) == own:
            _code, _number, place, key, end = picture.groups()
            return f"{address}{place}/{key}{end}"
        is_inside = wanted.startswith("/") and not wanted.startswith(settings.STATIC_URL)
        return "" if is_inside else wanted

    return marker(Place.TOP) + with_step_places(with_addresses(stored_document(revision), address_of), content)


def parts_of(deviations: Iterable[DeviationView]) -> list[Part]:
    """What is done otherwise, at the steps: what, where and until when, not why and by whom."""
    template = "sharing/_deviation.html"
    return [Part(Place.STEP, template, {"row": row}, step=str(row.deviation.step)) for row in deviations]
