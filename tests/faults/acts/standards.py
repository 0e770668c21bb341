from procedures.actions import standards
from procedures.errors import EditConflict
from procedures.states import State
from sopdesk.lib.errors import Missing, Refused
from tests.faults.acts.beginning import CODES as NUMBERS
from tests.faults.table import ANOTHER, act, call
from tests.procedures.standards.making import CODES, NAMING, make_standard


def draft_of(firm):
    return make_standard(firm, state=State.DRAFT, code=next(NUMBERS))


def part_of(firm, kind):
    return draft_of(firm).standardparts.select_related("revision").get(kind=kind)


@act(standards.add_part, second=ANOTHER)
def add_part(firm):
    return call(draft_of(firm), actor=firm.author, kind="naming", name="Contracts", data=NAMING)


@act(standards.save_part, second=EditConflict)
def save_part(firm):
    part = part_of(firm, "naming")
    version = standards.version_of(part)
    return [
        call(part, actor=firm.author, version=version, fields={"note": text, "data": NAMING})
        for text in ("One.", "Two.")
    ]


@act(standards.move_part, second=ANOTHER)
def move_part(firm):
    return call(part_of(firm, "storage"), actor=firm.author, position=1)


@act(standards.remove_part, second=Missing)
def remove_part(firm):
    return call(part_of(firm, "naming"), actor=firm.author)


@act(standards.save_code, second=Refused)
def add_code(firm):
    return call(part_of(firm, "codes"), actor=firm.author, fields={"code": "7010", "name": "Rent"})


@act(standards.save_code, second=EditConflict)
def change_code(firm):
    part, shown = part_of(firm, "codes"), CODES["codes"][0]
    return [
        call(part, actor=firm.author, fields={**shown, "name": name}, was="6010", shown=shown)
        for name in ("Pay", "Salaries")
    ]


@act(standards.remove_code, second=Missing)
def remove_code(firm):
    return call(part_of(firm, "codes"), actor=firm.author, code="6020")


@act(standards.take_over_codes, second=Refused)
def take_over_codes(firm):
    part = part_of(firm, "codes")
    version = standards.version_of(part)
    codes = [*CODES["codes"], {"code": "7010", "name": "Rent"}]
    return call(part, actor=firm.author, version=version, codes=codes)
