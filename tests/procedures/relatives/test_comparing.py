"""A text and the one it follows: what differs, and what was not taken into account; pure functions."""

import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procedures.content import step_hash
from procedures.redline.fields import detail_parts, redline_parts, said_in, step_parts
from procedures.redline.words import ADDED, REMOVED, SAME, redline
from procedures.relatives import DETAILS, Point, PointKind, Relation, lag, missing_texts, relations, value_hash
from tests.procedures.contents import make_content, make_step

UIDS = [str(uuid.UUID(int=number)) for number in range(1, 9)]


def content(*steps: tuple[str, str], **fields) -> dict:
    """A content with steps of (uid, title)."""
    rows = [make_step(number, uid=uid, title=title) for number, (uid, title) in enumerate(steps, start=1)]
    return make_content(steps=rows, **fields)


def hashes_of(value: dict) -> dict[str, str]:
    return {step["uid"]: step_hash(step) for step in value["steps"]}


def kinds(points: list[Point]) -> list[tuple[str, str]]:
    return [(point.kind, point.key) for point in points]


A, B, C, D = UIDS[:4]
STEPS = st.lists(
    st.tuples(st.sampled_from(UIDS), st.sampled_from("xyz")), unique_by=lambda row: row[0], max_size=len(UIDS)
)


class TestRelations:
    def test_each_step_is_inherited_replaced_added_or_left_out(self):
        parent = content((A, "Count"), (B, "Sign"), (C, "File"))
        variant = content((A, "Count"), (D, "Call the site"), (C, "File it here"))
        found = [(row.relation, row.step["title"]) for row in relations(parent, variant)]
        assert found == [
            (Relation.INHERITED, "Count"), (Relation.LEFT_OUT, "Sign"), (Relation.ADDED, "Call the site"),
            (Relation.REPLACED, "File it here"),
        ]  # fmt: skip

    def test_a_first_step_that_is_left_out_stands_first(self):
        found = relations(content((A, "Count"), (B, "Sign")), content((B, "Sign")))
        assert [row.relation for row in found] == [Relation.LEFT_OUT, Relation.INHERITED]

    def test_a_place_alone_does_not_replace_a_step(self):
        found = relations(content((A, "Count"), (B, "Sign")), content((B, "Sign"), (A, "Count")))
        assert {row.relation for row in found} == {Relation.INHERITED}

    def test_a_role_that_was_renamed_is_the_same_role(self):
        parent, variant = content((A, "Count")), content((A, "Count"))
        parent["steps"][0]["role"] = {"id": 7, "name": "Clerk"}
        variant["steps"][0]["role"] = {"id": 7, "name": "Stock clerk"}
        assert relations(parent, variant)[0].relation == Relation.INHERITED
        variant["steps"][0]["role"] = {"id": 8, "name": "Clerk"}
        assert relations(parent, variant)[0].relation == Relation.REPLACED


class TestLag:
    def test_nothing_lags_behind_an_unchanged_source(self):
        source = content((A, "Count"), (B, "Sign"))
        assert lag(source, source, hashes_of(source), {}) == []

    def test_changed_new_and_removed_steps(self):
        base = content((A, "Count"), (B, "Sign"))
        source = content((A, "Count twice"), (C, "File"))
        points = lag(source, base, hashes_of(base), {})
        assert kinds(points) == [("changed", A), ("new", C), ("removed", B)]

    def test_a_step_that_was_left_out_knowingly_is_not_new(self):
        base = content((A, "Count"), (B, "Sign"))
        here = hashes_of(content((A, "Count")))
        assert lag(base, base, here, {}) == []
        assert lag(content((A, "Count"), (B, "Sign here")), base, here, {}) == []

    def test_a_step_of_ones_own_is_never_removed(self):
        base = content((A, "Count"))
        assert lag(base, base, hashes_of(base) | {D: ""}, {}) == []

    def test_a_step_that_was_never_checked_lags(self):
        base = content((A, "Count"))
        assert kinds(lag(base, base, {A: ""}, {})) == [("changed", A)]

    def test_details_are_compared_with_what_was_taken_into_account(self):
        base, source = content((A, "Count"), scope="Paris"), content((A, "Count"), scope="Paris and Lyon")
        [point] = lag(source, base, hashes_of(base), {})
        assert (point.kind, point.key) == (PointKind.DETAIL, "scope")
        assert lag(source, base, hashes_of(base), {"scope": point.hash}) == []
        again = content((A, "Count"), scope="France")
        assert kinds(lag(again, base, hashes_of(base), {"scope": point.hash})) == [("detail", "scope")]

    def test_another_order_is_one_point(self):
        base, source = content((A, "1"), (B, "2"), (C, "3")), content((C, "3"), (A, "1"), (B, "2"))
        [point] = lag(source, base, hashes_of(base), {})
        assert point.kind == PointKind.ORDER
        assert lag(source, base, hashes_of(base), {point.key: point.hash}) == []

    def test_what_was_decided_on_comes_back_when_it_changes_again(self):
        base, source = content((A, "1")), content((A, "1"), (B, "2"))
        [point] = lag(source, base, hashes_of(base), {})
        settled = {B: point.hash}
        assert lag(source, base, hashes_of(base), settled) == []
        assert kinds(lag(content((A, "1"), (B, "2!")), base, hashes_of(base), settled)) == [("new", B)]

    @settings(suppress_health_check=[HealthCheck.too_slow])  # machines are busy
    @given(
        old=STEPS,
        new=STEPS,
        removed=st.sets(st.sampled_from(UIDS)),
        take=st.booleans(),
        scope=st.sampled_from(["", "Paris"]),
    )
    def test_nothing_lags_after_every_point_was_decided_on(self, old, new, removed, take, scope):
        base, source = content(*old), content(*new, scope=scope)
        hashes = {uid: digest for uid, digest in hashes_of(base).items() if uid not in removed}
        settled = {}
        for point in lag(source, base, hashes, settled):
            match point.kind:
                case PointKind.CHANGED:
                    hashes[point.key] = point.hash
                case PointKind.NEW if take:
                    hashes[point.key] = point.hash
                case PointKind.REMOVED if take:
                    del hashes[point.key]
                case PointKind.REMOVED:
                    hashes[point.key] = ""
                case _:
                    settled[point.key] = point.hash
        assert lag(source, base, hashes, settled) == []
        assert lag(source, source, hashes, {}) == []


class TestMissingTexts:
    def test_what_the_original_says_must_be_said(self):
        source = make_step(1, title="Count", body="Every shelf.", warning="", items=["a", "b"])
        assert missing_texts(source, make_step(1, title="", body=" ", items=["x"])) == ["title", "body", "items"]
        assert missing_texts(source, make_step(1, title="Compter", body="Chaque rayon.", items=["x", "y"])) == []

    def test_every_branch_needs_its_label(self):
        source = make_step(1, branches=[{"label": "Yes", "target": "end"}, {"label": "No", "target": ""}])
        own = make_step(1, branches=[{"label": "Oui", "target": "end"}, {"label": "", "target": ""}])
        assert missing_texts(source, own) == ["branches"]


TEXT = st.text(st.sampled_from("ab. \n<é"), max_size=60)


class TestRedline:
    @given(TEXT, TEXT)
    def test_both_texts_are_in_it(self, old, new):
        runs = redline(old, new)
        assert "".join(run.words for run in runs if run.kind != ADDED) == old
        assert "".join(run.words for run in runs if run.kind != REMOVED) == new
        assert (old == new) == all(run.kind == SAME for run in runs)

    def test_a_changed_phrase_stays_in_one_piece(self):
        runs = redline("Send it by noon on Friday.", "Send it before ten on Friday.")
        assert [(run.kind, run.words) for run in runs] == [
            (SAME, "Send it "), (REMOVED, "by noon"), (ADDED, "before ten"), (SAME, " on Friday."),
        ]  # fmt: skip

    def test_long_texts_are_compared_by_line(self):
        old = "\n".join(f"line {number}" for number in range(2000))
        assert len(redline(old, old.replace("line 7\n", "line seven\n"))) == 4

    def test_parts_name_the_fields_that_differ(self):
        old, new = content((A, "Count"), scope="Paris"), content((A, "Count"), purpose="Order.")
        changed = redline_parts(detail_parts(old), detail_parts(new))
        assert {"scope", "purpose"} <= {part.name for part in changed}
        assert redline_parts(detail_parts(old), detail_parts(old)) == []

    def test_a_branch_is_told_by_the_title_of_its_target(self):
        value = content((A, "Count"), (B, "Sign"))
        value["steps"][0]["branches"] = [{"label": "Yes", "target": B}, {"label": "No", "target": "end"}]
        parts = {part.name: said_in(part) for part in step_parts(value["steps"][0], value)}
        assert parts["branches"] == "Yes → Sign\nNo → The procedure ends"


def test_every_detail_has_its_own_hash():
    value = content((A, "Count"))
    assert {name for name in DETAILS if name not in value} == set()
    assert value_hash(value["title"]) != value_hash("something else")
