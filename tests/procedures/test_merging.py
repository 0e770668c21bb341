"""Two people in one draft: merged field by field, asked only where both changed the same, nothing lost."""

import itertools
import json
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from procedures.actions import drafts, steps
from procedures.drafting import letters_of
from procedures.errors import EditConflict
from procedures.forms.steps import StepForm
from procedures.merging import base_of, merge
from procedures.models import Revision, Step
from sopdesk.lib.merging import read_base
from tests.factories import first_step, make_draft

AUTOSAVE = {"HX-Request": "true", "X-Autosave": "1"}
ADDRESS = "/procedures/FIN-014/draft/steps/{}/"


@pytest.fixture
def draft(firm) -> Revision:
    draft = make_draft(firm, code="FIN-014")
    draft.procedure.coauthors.add(firm.coauthor)
    return draft


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Page:
    """The form of a step as a browser holds it: what was shown, what was typed, what each answer changed."""

    def __init__(self, client: Client, step: Step) -> None:
        self.client, self.uid = client, step.uid
        step = Step.objects.get(pk=step.pk)
        shown = StepForm.initial_of(step, letters_of(step.revision, step))
        self.values = {name: shown[name] or "" for name in ("title", "body", "expected", "warning", "kind", "minutes")}
        self.values |= {"role": step.role_id or "", "version": step.version, "base": json.dumps(shown["base"])}

    def type(self, **texts: str) -> int:
        """Autosave with `texts`; the status of the answer."""
        self.values |= texts
        answer = self.client.post(ADDRESS.format(self.uid), self.values, headers=AUTOSAVE)
        page = answer.content.decode()
        if answer.status_code == 200:
            self.values["version"] = re.search(r'name="version" value="(\d+)"', page)[1]
            self.values["base"] = re.search(r'name="base" value="([^"]+)"', page)[1].replace("&quot;", '"')
            self.values |= dict(re.findall(r'<i data-control="([^"]+)">([^<]*)</i>', page))
        return answer.status_code


# The rule ----------------------------------------------------------------------------------------------------

BEGAN, CHANGED, OTHER = "began", "changed", "other"


@pytest.mark.parametrize(
    ("mine", "theirs", "comes"),
    [
        (BEGAN, BEGAN, "nothing"), (CHANGED, CHANGED, "nothing"), (CHANGED, BEGAN, "taken"),
        (BEGAN, CHANGED, "kept"), (CHANGED, OTHER, "clash"),
    ],
)  # fmt: skip
def test_each_field_goes_to_the_side_that_changed_it(mine, theirs, comes):
    result = merge(offered={"body": mine}, stored={"body": theirs}, base=base_of({"body": BEGAN}), is_current=False)
    assert (list(result.taken), result.kept, result.clashes) == (
        ["body"] if comes == "taken" else [],
        ["body"] if comes == "kept" else [],
        ["body"] if comes == "clash" else [],
    )


def test_without_a_base_a_later_version_is_a_clash_and_the_same_one_is_not():
    row = {"offered": {"body": "mine"}, "stored": {"body": "theirs"}, "base": {}}
    assert merge(**row, is_current=False).clashes == ["body"]
    assert merge(**row, is_current=True).taken == {"body": "mine"}


def test_a_base_knows_the_same_value_in_every_shape():
    rows = [{"role": 1, "letter": "R"}, {"role": 2, "letter": "C"}]
    assert base_of({"responsibilities": rows}) == base_of({"responsibilities": [(2, "C"), (1, "R")]})
    stored = [{"name": "Time", "unit": "min", "target": Decimal("45.000"), "direction": "at_most"}]
    for target in (45, "45", Decimal(45)):
        offered = [{**stored[0], "target": target, "extra": 1}]
        assert base_of({"benchmarks": offered}) == base_of({"benchmarks": stored})
    assert base_of({"minutes": None}) != base_of({"minutes": 0})


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", '{"a": 1}'])
def test_a_base_that_is_none_is_empty(text):
    assert read_base(text) == {}


# Two writers -------------------------------------------------------------------------------------------------


def test_two_people_in_two_fields_of_one_step_both_count(firm, draft):
    step = first_step(draft)
    one, two = Page(client_of(firm.author), step), Page(client_of(firm.coauthor), step)
    assert one.type(title="A new title") == 200
    assert two.type(body="A new text") == 200
    assert two.values["title"] == "A new title", "the second learns what the first wrote"
    assert two.type(warning="Careful") == 200
    assert one.type(expected="A receipt") == 200
    stored = Step.objects.get(pk=step.pk)
    assert (stored.title, stored.body, stored.warning, stored.expected) == (
        "A new title", "A new text", "Careful", "A receipt",
    )  # fmt: skip


def test_one_field_of_one_step_asks_and_overwrites_nothing(firm, draft):
    step = first_step(draft)
    one, two = Page(client_of(firm.author), step), Page(client_of(firm.coauthor), step)
    assert one.type(body="First") == 200
    assert two.type(body="Second", title="Also mine") == 409
    stored = Step.objects.get(pk=step.pk)
    assert (stored.body, stored.title) == ("First", step.title), "all or nothing"


def test_a_save_whose_answer_was_lost_is_no_conflict_with_oneself(firm, draft):
    """What autosave.js does after a failure: the same once more, and only then what was typed since."""
    page = Page(client_of(firm.author), first_step(draft))
    before = dict(page.values)
    assert page.type(body="Half a sen") == 200
    page.values = before  # the answer never arrived
    assert page.type(body="Half a sen") == 200
    assert page.type(body="Half a sentence.") == 200
    assert first_step(draft).body == "Half a sentence."
    assert first_step(draft).history.count() == 3, "made, and two saves: the repeated one wrote nothing"


def test_letters_and_fields_are_merged_apart(firm, draft):
    step = first_step(draft)
    base = StepForm.initial_of(step, [])["base"]
    steps.save_step(step, actor=firm.coauthor, version=1, fields={}, responsibilities=[(firm.clerk_role.pk, "I")])
    saved = steps.save_step(
        step, actor=firm.author, version=1, fields={"title": "Mine"}, responsibilities=[], base=base
    )
    assert saved.title == "Mine"
    assert list(saved.responsibilities.values_list("letter", flat=True)) == ["I"]
    with pytest.raises(EditConflict):
        steps.save_step(
            step, actor=firm.author, version=1, fields={}, responsibilities=[(firm.clerk_role.pk, "C")], base=base
        )


def test_two_hundred_saves_of_two_writers_lose_nothing(firm, draft):
    """Two people write in turns, one line per save: in two steps, and in two fields of a third."""
    one, two, shared = draft.steps.order_by("position")
    first, second = client_of(firm.author), client_of(firm.coauthor)
    pages = [
        (Page(first, one), "body"), (Page(second, two), "body"),
        (Page(first, shared), "body"), (Page(second, shared), "expected"),
    ]  # fmt: skip
    written: dict[tuple, list[str]] = {}
    for number, (page, field) in zip(range(200), itertools.cycle(pages), strict=False):
        lines = written.setdefault((page.uid, field), [])
        lines.append(f"{field} line {number}")
        assert page.type(**{field: "\n".join(lines)}) == 200, f"save {number}"
    assert sum(map(len, written.values())) == 200
    for (uid, field), lines in written.items():
        assert getattr(draft.steps.get(uid=uid), field) == "\n".join(lines)


# Drafts that are no more --------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, AUTOSAVE])
@pytest.mark.parametrize("what", ["step", "draft-details"])
def test_who_writes_in_a_discarded_draft_gets_the_text_back(client, firm, draft, what, headers):
    step = first_step(draft)
    drafts.discard(draft, actor=firm.coauthor, reason="Begun twice.")
    client.force_login(firm.author)
    arguments = ["FIN-014", step.uid] if what == "step" else ["FIN-014"]
    data = {"version": 1, "title": "Typed too late", "kind": "action"}
    response = client.post(reverse(what, args=arguments), data, headers=headers)
    page = response.content.decode()
    assert response.status_code == 409
    assert "no longer a draft" in page
    assert ("Typed too late" in page) is (not headers), "the script leaves the text where it was typed"
    assert step.history.count() == 1


def test_a_discarded_draft_tells_strangers_nothing(client, firm, draft):
    step = first_step(draft)
    drafts.discard(draft, actor=firm.author, reason="Begun twice.")
    for who in ("outsider", "staff", "auditor", "owner"):
        client.force_login(firm.people[who])
        assert client.post(ADDRESS.format(step.uid), {"version": 1}).status_code == 404
