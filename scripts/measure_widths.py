"""Measures the letters of DejaVu Sans for `procedures/flowchart/widths.json`; run it when the ranges change.

The server that draws charts needs no font: it takes the widths from the table. DejaVu Sans is wider than the faces
of browsers and systems, so what fits in it fits everywhere.
"""

import json
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
TABLE = Path(__file__).resolve().parents[1] / "procedures" / "flowchart" / "widths.json"
RANGES = (
    (0x20, 0x24F),  # Latin
    (0x370, 0x4FF),  # Greek, Cyrillic
    (0x1E00, 0x1EFF),  # Latin, more accents
    (0x2000, 0x206F),  # dashes, quotation marks, spaces
    (0x20A0, 0x20BF),  # currencies
    (0x2190, 0x22FF),  # arrows, mathematics
    (0x25A0, 0x27BF),  # shapes, ticks
)


def main() -> None:
    font = TTFont(FONT)
    names, metrics, units = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    table = {
        str(first): [
            round(1000 * metrics[names[code]][0] / units) if code in names else -1 for code in range(first, last + 1)
        ]
        for first, last in RANGES
    }
    TABLE.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="ascii")
    sys.stdout.write(f"{sum(map(len, table.values()))} letters in {TABLE}\n")


if __name__ == "__main__":
    main()
