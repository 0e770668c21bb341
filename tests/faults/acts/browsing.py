import itertools

from procedures.actions import categories, marking
from procedures.models import Favourite, Watch
from roles.errors import NotValid
from sopdesk.lib.errors import Missing
from sopdesk.lib.merging import BothChanged, base_of
from tests.factories import make_revision
from tests.faults.table import NOTHING, act, call

NUMBERS = itertools.count(1)


def shelf(firm, **fields):
    return categories.add_category(actor=firm.administrator, name=f"Shelf {next(NUMBERS)}", **fields)


@act(categories.add_category, second=NotValid)
def add_category(firm):
    return call(actor=firm.administrator, name=f"Shelf {next(NUMBERS)}", parent=shelf(firm))


@act(categories.change_category, second=NOTHING)
def change_category(firm):
    fields = {"name": f"Renamed {next(NUMBERS)}", "parent": shelf(firm)}
    return call(shelf(firm), actor=firm.administrator, fields=fields)


@act(categories.change_category, second=BothChanged)
def change_category_differently(firm):
    row = shelf(firm)
    base = base_of({"name": row.name})
    names = (f"Mine {next(NUMBERS)}", f"Theirs {next(NUMBERS)}")
    return [call(row, actor=firm.administrator, fields={"name": name}, base=base) for name in names]


@act(categories.change_category, second=NotValid)
def put_two_below_one_another(firm):
    one, other = shelf(firm), shelf(firm)
    return [
        call(one, actor=firm.administrator, fields={"parent": other}),
        call(other, actor=firm.administrator, fields={"parent": one}),
    ]


@act(categories.move_category, second=NOTHING)
def move_category(firm):
    parent = shelf(firm)
    rows = [shelf(firm, parent=parent) for _number in range(3)]
    return call(rows[2], actor=firm.administrator, position=1)


@act(categories.merge_category, second=Missing)
def merge_category(firm):
    row = shelf(firm)
    shelf(firm, parent=row)
    make_revision(firm, category=row)
    return call(row, actor=firm.administrator, into=shelf(firm))


@act(categories.remove_category, second=Missing)
def remove_category(firm):
    return call(shelf(firm), actor=firm.administrator)


@act(marking.set_favourite, second=NOTHING)
def set_favourite(firm):
    return call(make_revision(firm).procedure, actor=firm.staff, on=True)


@act(marking.set_favourite, second=NOTHING)
def take_favourite_off(firm):
    procedure = make_revision(firm).procedure
    marking.set_favourite(procedure, actor=firm.staff, on=True)
    assert Favourite.objects.filter(procedure=procedure).exists()
    return call(procedure, actor=firm.staff, on=False)


@act(marking.set_watch, second=NOTHING)
def set_watch(firm):
    return call(make_revision(firm).procedure, actor=firm.staff, on=True)


@act(marking.set_watch, second=NOTHING)
def stop_watching(firm):
    procedure = make_revision(firm).procedure
    marking.set_watch(procedure, actor=firm.staff, on=True)
    assert Watch.objects.filter(procedure=procedure).exists()
    return call(procedure, actor=firm.staff, on=False)


@act(marking.note_opened, second=NOTHING)
def note_opened(firm):
    return call(make_revision(firm).procedure, actor=firm.staff)


@act(marking.forget_opened, second=NOTHING)
def forget_opened(firm):
    marking.note_opened(make_revision(firm).procedure, actor=firm.staff)
    return call(actor=firm.staff)
