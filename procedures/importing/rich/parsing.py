"""Text of HTML → a tree. Nothing is fetched, nothing is run; what is no HTML becomes what a browser makes of it."""

import re

from django.utils.translation import gettext as _
from lxml.etree import HTMLParser, LxmlError, fromstring
from lxml.etree import _Element as Element

from procedures.importing.document import UnreadableDocument

MAX_ELEMENTS = 400_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Word's conditions for other programs, as tags that no parser knows; those in comments go with the comments.
_CONDITION = re.compile(r"<!\[(?:if|endif)[^\]<>]{0,80}\]>|<\?xml[^<>]{0,200}>", re.IGNORECASE)


def parse_html(text: str) -> Element:
    """The <html> element of a page or a fragment. Raises UnreadableDocument when there is nothing in it."""
    text = _CONTROLS.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    text = _CONDITION.sub("", text)
    parser = HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = fromstring(text.encode() or b"<p>", parser)
    except (LxmlError, ValueError) as error:
        raise UnreadableDocument(_("The file cannot be read as HTML.")) from error
    if sum(1 for _element in root.iter()) > MAX_ELEMENTS:
        message = _("The file has more than %(limit)d parts; this is not a written text.")
        raise UnreadableDocument(message % {"limit": MAX_ELEMENTS})
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise UnreadableDocument(_("The parts of the file lie too deep in each other; this is not a written text."))
    return root
