"""Which addresses a person may put behind a link."""

import re

ALLOWED_SCHEMES = frozenset({"http", "https", "mailto"})


def is_safe_link(address: str) -> bool:
    """Whether `address` (entities resolved) may stand in href: relative, #fragment, http, https or mailto."""
    # Browsers drop control characters, read "\" as "/" and take "//host" for another site.
    if not address or not address.isprintable() or address != address.strip() or "\\" in address:
        return False
    if address.startswith("//"):
        return False
    scheme, colon, _rest = re.split(r"[/?#]", address, maxsplit=1)[0].partition(":")
    return not colon or scheme.lower() in ALLOWED_SCHEMES
