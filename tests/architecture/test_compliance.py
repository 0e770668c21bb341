"""The table of what rules ask for is whole, and names tests that exist."""

import ast
import re
from functools import cache

import pytest

from tests.architecture.test_docs import ROOT, read

ROW = re.compile(r"^\| (DC-\d\d) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall(read("docs", "compliance.md"))
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def names_in(path: str) -> set[str]:
    """The tests that a module defines, in its classes too."""
    tree = ast.parse(ROOT.joinpath(path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_row_is_there_once_and_in_order():
    assert [name for name, *_rest in ROWS] == [f"DC-{number:02}" for number in range(1, 55)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_where_it_stands_and_names_tests_that_exist(row):
    name, _wanted, state, where, shown_by = row
    assert state in ("met", "partly", "not yet")
    tests = NAMED.findall(shown_by)
    assert shown_by == (", ".join(f"`{path}::{test}`" for path, test in tests) or "–")
    assert tests or state != "met", f"{name} is met, and no test shows it"
    assert state != "not yet" or "come" in where, f"{name} does not say with what it comes"
    assert [f"{path}::{test}" for path, test in tests if test not in names_in(path)] == []


def test_rows_about_faults_name_tests_that_exist_too():
    rows = re.findall(r"^\| FM-\d\d \|.*$", read("docs", "compliance.md"), re.MULTILINE)
    assert rows
    for row in rows:
        tests = NAMED.findall(row)
        assert tests, row
        assert [f"{path}::{test}" for path, test in tests if test not in names_in(path)] == []
