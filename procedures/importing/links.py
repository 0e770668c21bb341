"""Links and pictures of a document that lead nowhere once it stands alone."""

import re
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from markdown_it.token import Token

from procedures.importing.blocks import Block
from procedures.importing.document import Note
from procedures.importing.source import tokenizer

_parser = tokenizer()


def unresolved_addresses(blocks: tuple[Block, ...], anchors: set[str]) -> list[Note]:
    """Links and pictures that lead to another file of the source, and links to places that do not exist."""
    places = {anchor.casefold() for anchor in anchors}
    places |= {_slug(block.plain) for block in blocks if block.kind == "heading"}
    notes = []
    for block in blocks:
        for line, token in _links(block):
            address = str(token.attrGet("href") or token.attrGet("src") or "")
            is_image = token.type == "image"
            if address.startswith("#"):
                # A heading that occurs twice gets "-1" behind its anchor.
                place = unquote(address[1:]).casefold()
                if not {place, re.sub(r"-\d+$", "", place)} & places:
                    notes.append(Note(line, address, _("There is no such place in the document.")))
            elif is_image and urlsplit(address).scheme in ("http", "https"):
                notes.append(Note(line, address, _("A picture on another site; it is not fetched.")))
            elif not urlsplit(address).scheme and not address.startswith("//"):
                why = _("A picture in another file.") if is_image else _("A link to another file.")
                notes.append(Note(line, address, why))
    return notes


def _links(block: Block) -> list[tuple[int, Token]]:
    """Links and pictures of a block, each with the line of the file near which it stands."""
    if block.items:
        return [found for item in block.items for inner in item.blocks for found in _links(inner)]
    if block.kind == "code":
        return []
    return [
        (block.line + (token.map[0] if token.map else 0), child)
        for token in _parser.parse(block.text)
        if token.type == "inline"
        for child in token.children or ()
        if child.type in ("link_open", "image")
    ]


def _slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")
