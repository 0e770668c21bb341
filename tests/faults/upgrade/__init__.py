"""The migrations of `procedures` and two more, as a later release would bring; for `MIGRATION_MODULES`."""

from pathlib import Path

import procedures.migrations

REAL = Path(procedures.migrations.__path__[0])
LAST = max(path.stem for path in REAL.glob("[0-9]*.py"))
__path__ = [str(REAL), *__path__]
