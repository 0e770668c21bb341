"""System checks of procedures: what the machine must have before PDFs come out right."""

import os.path
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path

from django.core.checks import CheckMessage, Warning, register

LIBRARIES = {
    "libpango-1.0-0": "pango-1.0",
    "libpangoft2-1.0-0": "pangoft2-1.0",
    "libharfbuzz-subset0": "harfbuzz-subset",
}
"""Debian package → library."""
FONTS = {"fonts-dejavu": "DejaVuSans.ttf", "fonts-noto-cjk": "NotoSansCJK-Regular.ttc"}
"""Debian package → one of its files."""
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts")


@register
def pdf_packages_are_there(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without the libraries no PDF is made, without the fonts letters are missing in it. Loads none of them."""
    missing = [*_missing_libraries(), *_missing_fonts()]
    if not missing:
        return []
    return [
        Warning(
            f"PDFs need Debian packages that are missing: {' '.join(missing)}.",
            hint=f"apt-get install {' '.join(missing)}",
            id="procedures.W001",
        )
    ]


def _missing_libraries() -> Iterator[str]:
    return (package for package, library in LIBRARIES.items() if find_library(library) is None)


def _missing_fonts() -> Iterator[str]:
    found = {path.name for folder in FONT_FOLDERS for path in Path(os.path.expanduser(folder)).rglob("*.tt[fc]")}
    return (package for package, name in FONTS.items() if name not in found)
