"""An action that dies in front of any of its writes has done nothing: state, trail, notices, tasks, search."""

import pytest
from django.db import connection, transaction

from tests.faults.acts import ACTS
from tests.faults.faults import Counter, Killed, die, everything_stored

pytestmark = pytest.mark.django_db

MOST = 10
"""Of an action with more writes, as many are tried, and the last one."""


def writes_of(act) -> int:
    """How often `act` writes; it is undone."""
    counter = Counter()
    with transaction.atomic(), connection.execute_wrapper(counter):
        act()
        transaction.set_rollback(True)
    return counter.found


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_nothing_is_left_of_an_action_that_dies_half_way(firm, act):
    calls = act.calls(firm)
    before = everything_stored(without=act.apart)
    last = writes_of(calls())
    assert last > 0
    for number in sorted({*range(1, last, 1 + last // MOST), last}):
        with transaction.atomic():
            with pytest.raises(Killed), connection.execute_wrapper(Counter(number, die)):
                calls()()
            if act.apart:  # what may stay would make the next try another one
                assert everything_stored(without=act.apart) == before
                transaction.set_rollback(True)
    assert everything_stored(without=act.apart) == before
