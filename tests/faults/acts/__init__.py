"""The table, one module per area. An action without a row fails `tests/faults/test_table.py`."""

from tests.faults.acts import (
    approving,
    beginning,
    browsing,
    changesets,
    deciding,
    deviations,
    emergency,
    firm,
    inventory,
    links,
    manuals,
    people,
    reading,
    relatives,
    remarks,
    reviewing,
    routes,
    searching,
    sharing,
    standards,
    trail,
    writing,
)
from tests.faults.table import ACTS

AREAS = (
    approving,
    beginning,
    browsing,
    changesets,
    deciding,
    deviations,
    emergency,
    firm,
    inventory,
    links,
    manuals,
    people,
    reading,
    relatives,
    remarks,
    reviewing,
    routes,
    searching,
    sharing,
    standards,
    trail,
    writing,
)

__all__ = ["ACTS", "AREAS"]
