"""The table, one module per area. An action without a row fails `tests/faults/test_table.py`."""

from tests.faults.acts import approving, beginning, inventory, people, relatives, reviewing, standards, writing
from tests.faults.table import ACTS

AREAS = (approving, beginning, inventory, people, relatives, reviewing, standards, writing)

__all__ = ["ACTS", "AREAS"]
