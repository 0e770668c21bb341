"""Two people, or one with two windows, act from the same page: one after the other, and both in the same moment.

The second one is told, or changes nothing, or counts as well; nothing is lost, nothing happens twice by mistake.
"""

import pytest

from procedures.invariants import violations
from runs import invariants as runs
from sopdesk.lib.errors import DomainError
from tests.factories import make_firm
from tests.faults.acts import ACTS, AREAS
from tests.faults.faults import CLOCKS, at_once, errors_in, everything_stored
from tests.faults.table import ANOTHER, NOTHING
from training import invariants as training


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_a_page_that_is_out_of_date(firm, act):
    first, second = act.two_calls(firm)
    first()
    before = everything_stored(columns=CLOCKS)
    if act.second == ANOTHER:
        second()
        assert everything_stored(columns=CLOCKS) != before
        return
    if act.second == NOTHING:
        second()
    else:
        with pytest.raises(DomainError) as refusal:
            second()
        assert type(refusal.value) is act.second
    assert everything_stored(columns=CLOCKS) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.__name__.rpartition(".")[2])
def test_both_in_the_same_moment(area):
    firm = make_firm()
    acts = [act for act in ACTS.values() if act.prepare.__module__ == area.__name__]
    assert acts
    for act in acts:
        errors = [type(error) for error in errors_in(at_once(*act.two_calls(firm)))]
        wanted = [] if act.second in (NOTHING, ANOTHER) else [act.second]
        assert errors in (wanted, [act.meanwhile]), act.name
    assert [*violations(), *training.violations(), *runs.violations()] == []
