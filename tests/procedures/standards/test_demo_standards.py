"""The data standards of the demo firm can be used as they stand, and its procedures link to them."""

import re
import tomllib
from pathlib import Path

import pytest

from procedures.demo import datastandards
from procedures.standards.codes import codes_of
from procedures.standards.kinds import keyed, part_problems

DEMO = Path(datastandards.__file__).parent
TEXTS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((DEMO / "standards").glob("*.toml"))
}


class AnyRole(dict):
    """Roles by name, without a database."""

    def __missing__(self, name: str):
        return type("Role", (), {"pk": 1, "name": name})()


@pytest.mark.parametrize("code", TEXTS)
def test_every_part_can_be_used(code):
    text = TEXTS[code]
    assert text["code"] == code
    for row in text["parts"]:
        data = datastandards._data(row, AnyRole())
        assert part_problems(row["kind"], data) == [], row["name"]


def test_the_chart_of_accounts_has_its_codes():
    rows = next(row for row in TEXTS["FIN-S02"]["parts"] if row["kind"] == "codes")
    codes = codes_of(datastandards._data(rows, AnyRole()))
    assert len(codes) >= 60
    assert {code["code"] for code in codes if code.get("status")} == {"6350"}


def test_references_of_the_demo_texts_lead_to_parts_that_are_there():
    keys = {code: set(keyed([{**row, "data": {}} for row in text["parts"]])) for code, text in TEXTS.items()}
    found = []
    for path in DEMO.rglob("*.toml"):
        for code, part in re.findall(r"\[\[([A-Z]+-S\d+)(?:#([a-z-]+))?[\]|]", path.read_text(encoding="utf-8")):
            assert not part or part in keys[code], f"{path.name}: {code}#{part}"
            found.append(code)
    assert set(found) == set(TEXTS)
