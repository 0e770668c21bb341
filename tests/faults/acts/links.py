from procedures.actions.linkchecks import ask_for_link_check
from tests.faults.table import NOTHING, act, call


@act(ask_for_link_check, second=NOTHING)
def ask(firm):
    return call(actor=firm.author)
