"""SVG → PNG, for programs that show no SVG: the same bytes for the same drawing and the same fonts."""

from functools import cache
from pathlib import Path

import resvg_py

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# Those of our PDFs. Named one by one, because of several that have a letter the first one on the disk would win.
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")


def png_of(svg: str, *, width: int) -> bytes:
    """`svg` on white, `width` pixels wide. Raises ValueError for what is no drawing."""
    fonts = _fonts()
    return resvg_py.svg_to_bytes(
        svg_string=svg, width=width, background="#ffffff", font_files=fonts, skip_system_fonts=bool(fonts)
    )


@cache
def _fonts() -> list[str]:
    """Where our fonts lie; none of them on a machine of another kind, which then takes what it has."""
    found = {path.name: str(path) for folder in FONT_FOLDERS for name in FONTS for path in sorted(folder.rglob(name))}
    return [found[name] for name in FONTS if name in found]
