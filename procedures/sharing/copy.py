"""The shared copy of a text: what is stored, with its pictures under the link's address and no way further in."""

import re

from django.conf import settings
from django.utils.safestring import SafeString

from procedures.models import Revision
from procedures.templatetags.procedures import stored_document
from sopdesk.lib.markup import with_addresses

PICTURE = re.compile(r"/procedures/([A-Z0-9-]+)/(\d+)/(files|diagrams)/([\w-]+)(/|\.svg)")


def shared_document(revision: Revision, *, address: str) -> SafeString:
    """The document of `revision`, its pictures and diagrams below `address` ("/s/…/").

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

    return with_addresses(stored_document(revision), address_of)
