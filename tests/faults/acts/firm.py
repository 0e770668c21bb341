from roles.firm import change_firm, the_firm
from sopdesk.lib.merging import BothChanged, base_of
from tests.faults.table import NOTHING, act, call


@act(change_firm, second=NOTHING)
def name_the_firm(firm):
    return call(actor=firm.administrator, fields={"name": "Acme", "accent": "#7a1f1f"})


@act(change_firm, second=BothChanged)
def name_it_differently(firm):
    base = base_of({"name": the_firm().name})
    return [call(actor=firm.administrator, fields={"name": name}, base=base) for name in ("Mine", "Theirs")]
