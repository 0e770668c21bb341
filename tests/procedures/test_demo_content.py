"""The texts of the demo firm are data; these rules keep them loadable through the app's own actions."""

import copy
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from procedures.models import (
    Audience,
    Benchmark,
    Direction,
    Frequency,
    Kind,
    Letter,
    Procedure,
    Record,
    Revision,
    Risk,
    Significance,
    Step,
    StepKind,
    Tool,
)
from roles.models import Access, User
from tests.factories import make_firm

DEMO = Path(__file__).resolve().parents[2] / "procedures" / "demo"
FIRM: dict[str, Any] = tomllib.loads((DEMO / "firm.toml").read_text(encoding="utf-8"))
TEXTS: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((DEMO / "procedures").glob("*.toml"))
}

DEPARTMENTS = {row["code"] for row in FIRM["departments"]}
HEADS = {row["code"]: row["head"] for row in FIRM["departments"]}
ROLES = {row["name"] for row in FIRM["roles"]}
USERS = {row["email"]: row for row in FIRM["users"]}
CATEGORIES = {row["name"] for row in FIRM["categories"]}
LIFECYCLE = FIRM["lifecycle"]

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
REQUIRED_TEXT = (
    "title", "purpose", "scope", "prerequisites", "outcome", "trigger", "definitions", "contact", "owner", "author",
    "kind", "category", "language",
)  # fmt: skip
STEP_FIELDS = {
    "key", "kind", "title", "body", "role", "minutes", "expected", "warning", "branches", "responsibilities",
    "hold", "items", "due", "tool", "record", "evidence", "evidence_name",
}  # fmt: skip


def revised(text: dict[str, Any]) -> dict[str, Any]:
    """Return the text as its [revision_2] leaves it; the changes are applied in the order of the file."""
    revision = copy.deepcopy(text)
    changes = revision.pop("revision_2")
    revision.update(changes.get("fields", {}))
    steps = revision["steps"]

    def position(key: str) -> int:
        return [step["key"] for step in steps].index(key)

    for change in changes["step_changes"]:
        match change:
            case {"add_after": key, "step": step}:
                steps.insert(position(key) + 1, step)
            case {"remove": key}:
                del steps[position(key)]
            case {"move": key, "after": after}:
                step = steps.pop(position(key))
                steps.insert(position(after) + 1, step)
            case {"key": key, "field": field, "value": value}:
                assert field in STEP_FIELDS
                assert steps[position(key)].get(field) != value, f"{key}.{field} does not change"
                steps[position(key)][field] = value
            case _:
                pytest.fail(f"unknown change {change}")
    return revision


REVISIONS = {f"{code} revision 1": text for code, text in TEXTS.items()} | {
    f"{code} revision 2": revised(text) for code, text in TEXTS.items() if "revision_2" in text
}

each_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
each_revision = pytest.mark.parametrize("revision", REVISIONS.values(), ids=REVISIONS)


def prose(value: object) -> list[str]:
    """Return every string below a parsed TOML value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in prose(item)]
    if isinstance(value, list):
        return [text for item in value for text in prose(item)]
    return []


def test_every_department_has_a_head_and_an_author_who_is_not_the_head() -> None:
    for code, head in HEADS.items():
        assert USERS[head]["department"] == code
        authors = {row["email"] for row in FIRM["users"] if row["department"] == code and row["access"] == "author"}
        assert authors - {head}, code


def test_users_and_roles_refer_to_what_exists() -> None:
    assert len(USERS) == len(FIRM["users"])
    assert len(ROLES) == len(FIRM["roles"])
    assert all(row["department"] in DEPARTMENTS for row in FIRM["roles"] + FIRM["users"])
    for user in USERS.values():
        assert user["email"].endswith("@demo.sopdesk.test")
        assert user["access"] in Access.values
        assert user["language"] in dict(User._meta.get_field("language").choices)
        assert all(held["role"] in ROLES and held["from_days_ago"] > 0 for held in user["roles"])


def test_every_role_has_a_holder() -> None:
    assert {held["role"] for user in USERS.values() for held in user["roles"]} == ROLES


def test_codes_are_unique_and_carry_their_department() -> None:
    assert 12 <= len(TEXTS) <= 14
    assert set(LIFECYCLE) == set(TEXTS)
    for name, text in TEXTS.items():
        assert text["code"] == name
        assert re.fullmatch(rf"{text['department']}-\d{{3}}", name)


def test_at_least_four_procedures_are_french() -> None:
    assert sum(text["language"] == "fr" for text in TEXTS.values()) >= 4


@each_text
def test_author_and_owner_are_not_the_head_who_approves(text: dict[str, Any]) -> None:
    author = USERS[text["author"]]
    assert author["access"] == "author"
    assert author["department"] == text["department"]
    assert HEADS[text["department"]] not in {text["author"], text["owner"]}
    assert text["owner"] in USERS


@each_revision
def test_fields_are_filled_and_refer_to_what_exists(revision: dict[str, Any]) -> None:
    assert all(revision[field].strip() for field in REQUIRED_TEXT)
    assert revision["kind"] in Kind.values
    assert revision["risk"] in Risk.values
    assert revision["category"] in CATEGORIES
    assert revision["frequency"] in Frequency.values
    assert revision["review_interval_months"] > 0
    assert revision["tags"]
    assert revision["tools"]
    assert all(record.keys() == {"name", "place", "kept"} for record in revision["records"])
    for benchmark in revision["benchmarks"]:
        assert Decimal(benchmark["target"]) >= 0
        assert benchmark["direction"] in Direction.values


def assert_fits(model: type[Model], values: dict[str, Any]) -> None:
    """Fail where a text is longer than the model's field of that name."""
    for field in model._meta.get_fields():
        limit = getattr(field, "max_length", None)
        value = values.get(field.name)
        if limit and isinstance(value, str):
            assert len(value) <= limit, f"{field.name}: {value}"


@each_revision
def test_texts_fit_their_fields(revision: dict[str, Any]) -> None:
    assert_fits(Procedure, revision)
    assert_fits(Revision, revision)
    for model, part in ((Tool, "tools"), (Record, "records"), (Benchmark, "benchmarks"), (Step, "steps")):
        for row in revision[part]:
            assert_fits(model, row)


@each_revision
def test_audience_names_departments_or_roles(revision: dict[str, Any]) -> None:
    known = {Audience.EVERYONE: set(), Audience.DEPARTMENTS: DEPARTMENTS, Audience.ROLES: ROLES}[revision["audience"]]
    assert set(revision["audience_list"]) <= known
    assert bool(revision["audience_list"]) == bool(known)


@each_revision
def test_head_and_author_belong_to_the_audience(revision: dict[str, Any]) -> None:
    for email in (HEADS[revision["department"]], revision["author"]):
        user = USERS[email]
        groups = {user["department"]} | {held["role"] for held in user["roles"]}
        assert revision["audience"] == Audience.EVERYONE or groups & set(revision["audience_list"])


@each_revision
def test_responsibilities_name_one_accountable_role_and_every_role_that_acts(revision: dict[str, Any]) -> None:
    letters = {row["role"]: row["letter"] for row in revision["responsibilities"]}
    assert len(letters) == len(revision["responsibilities"])
    assert set(letters) <= ROLES
    assert list(letters.values()).count("A") == 1
    assert "R" in letters.values()
    assert {role for role, letter in letters.items() if letter in "RA"} >= {step["role"] for step in revision["steps"]}


@each_revision
def test_steps_are_complete(revision: dict[str, Any]) -> None:
    steps = revision["steps"]
    assert len(steps) >= 5
    assert len({step["key"] for step in steps}) == len(steps)
    assert sum(bool(step.get("expected")) for step in steps) * 2 >= len(steps)
    for step in steps:
        assert step.keys() <= STEP_FIELDS
        assert step["kind"] in StepKind.values
        assert step["role"] in ROLES
        assert 0 < len(step["title"]) <= 120
        assert step["body"].strip()
        assert step["minutes"] > 0
        helpers = [row["role"] for row in step.get("responsibilities", [])]
        assert len({step["role"], *helpers}) == len(helpers) + 1
        assert set(helpers) <= {row["role"] for row in revision["responsibilities"]}
        assert all(
            row["letter"] in set(Letter.values) - {Letter.RESPONSIBLE} for row in step.get("responsibilities", [])
        )


@each_revision
def test_decisions_lead_to_other_steps_and_every_step_is_reached(revision: dict[str, Any]) -> None:
    steps = revision["steps"]
    keys = [step["key"] for step in steps]
    leads_to: dict[str, set[str]] = {}
    for step, following in zip(steps, [*keys[1:], "end"], strict=True):
        branches = step.get("branches", [])
        assert (len(branches) >= 2) == (step["kind"] == StepKind.DECISION), step["key"]
        targets = {branch["to"] for branch in branches}
        assert len({branch["label"] for branch in branches}) == len(targets) == len(branches)
        assert targets <= {*keys, "end"} - {step["key"]}
        leads_to[step["key"]] = targets or {following}
    reached, pending = set(), {keys[0]}
    while pending:
        key = pending.pop()
        reached.add(key)
        pending |= leads_to.get(key, set()) - reached
    assert reached == {*keys, "end"}


@each_text
def test_references_name_procedures_that_are_in_force(text: dict[str, Any]) -> None:
    in_force = {code for code, life in LIFECYCLE.items() if life["published_days_ago"] and "withdrawn" not in life}
    named = set(re.findall(r"\b(?:FIN|HR|OPS|CMP)-\d{3}\b", "\n".join(prose(text))))
    assert named - {text["code"]} <= in_force


@each_text
def test_typography_follows_the_language(text: dict[str, Any]) -> None:
    for sentence in prose(text):
        assert "TODO" not in sentence
        assert "'" not in sentence
        if text["language"] == "fr":
            assert not re.search(r" [:;?!»%€]|« |[^\s\d|:\-][;?!]|[“”]", sentence), sentence
            assert not re.search(rf"«(?!{NO_BREAK_SPACE})|(?<!{NO_BREAK_SPACE})»", sentence), sentence


@each_text
def test_second_revision_says_what_changed(text: dict[str, Any]) -> None:
    if "revision_2" not in text:
        assert len(LIFECYCLE[text["code"]]["published_days_ago"]) <= 1
        return
    assert text["revision_2"]["significance"] in Significance.values
    assert text["revision_2"]["change_summary"].strip()
    life = LIFECYCLE[text["code"]]
    assert len(life["published_days_ago"]) == 2 or "open" in life


def test_demo_leaves_procedures_in_every_state() -> None:
    open_revisions = {code: life["open"] for code, life in LIFECYCLE.items() if "open" in life}
    in_review = [code for code, revision in open_revisions.items() if revision["state"] == "in_review"]
    returned = [code for code, revision in open_revisions.items() if revision.get("return_reason")]
    first_drafts = [code for code in open_revisions if not LIFECYCLE[code]["published_days_ago"]]
    assert [HEADS[TEXTS[code]["department"]] for code in in_review] == ["approver@demo.sopdesk.test"]
    assert [len(LIFECYCLE[code]["published_days_ago"]) for code in returned] == [1]
    assert first_drafts
    assert [life["withdrawn"]["reason"] for life in LIFECYCLE.values() if "withdrawn" in life]


def test_only_the_marked_procedure_is_overdue_for_review() -> None:
    for code, life in LIFECYCLE.items():
        if not life["published_days_ago"] or "withdrawn" in life:
            continue
        assert life["published_days_ago"] == sorted(life["published_days_ago"], reverse=True)
        overdue = life["published_days_ago"][-1] > TEXTS[code]["review_interval_months"] * 30.5
        assert overdue == life.get("review_overdue", False), code


@pytest.mark.django_db
def test_it_is_not_loaded_into_a_database_with_other_data():
    make_firm()
    with pytest.raises(CommandError, match="other data"):
        call_command("demo")
    assert not Procedure.objects.exists()
