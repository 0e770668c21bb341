"""Contents of every shape, made by hypothesis, and a frame around them without a database."""

import datetime

from hypothesis import strategies as st

from procedures.exporting.frame import Approval, Change, Frame

# Texts as forms let them through: any character but NUL, lines that end in "\n".
signs = st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"])
tricky = st.sampled_from(
    [
        "<!-- sop:step action x -->", "\\<!-- sop:body -->", "---", "```", "| a | b |", "# Title", "> quoted",
        "→ end", '"quoted"', "\\", "**Role:** x", "media:0123456789abcdef", "files/0123456789abcdef.png", " ", "", "x",
        "~~~", "&amp;", "<script>", "step 3", "Étape\N{NO-BREAK SPACE}: 1", "\x0b", "\x85", "\u2028", "- [ ] x",
    ]
)  # fmt: skip
line = st.one_of(tricky, st.text(signs.filter(lambda sign: sign != "\n"), max_size=20))
short = st.one_of(line, st.lists(line, max_size=3).map(" ".join))
text = st.lists(line, max_size=5).map("\n".join)
filled = short.filter(lambda value: value != "")
role = st.builds(lambda name: {"id": None, "name": name}, filled)
letters = st.lists(
    st.builds(lambda role, letter: {"role": role, "letter": letter}, role, st.sampled_from("RACI")), max_size=3
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | short,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
)


@st.composite
def contents(draw: st.DrawFn) -> dict:
    uids = draw(st.lists(st.uuids().map(str), max_size=5, unique=True))
    targets = st.sampled_from(["", "end", *uids])
    branches = st.builds(lambda label, target: {"label": label, "target": target}, short, targets)
    steps = [
        {
            "uid": uid,
            "number": number,
            "kind": draw(st.sampled_from(["action", "decision", "notice", "checklist", "subprocedure"])),
            "section": draw(st.sampled_from(["", "Preparation"]) | short),
            "title": draw(short),
            "body": draw(text),
            "expected": draw(text),
            "warning": draw(text),
            "role": draw(st.none() | role),
            "minutes": draw(st.none() | st.integers(0, 10_000)),
            "branches": draw(st.lists(branches, max_size=3)),
            "responsibilities": draw(letters),
            "hold": draw(st.booleans()),
            "items": draw(st.lists(short, max_size=3)),
            "subprocedure": draw(st.sampled_from(["", "FIN-002"])),
            "due": draw(
                st.none()
                | st.builds(
                    lambda after, unit: {"after": after, "unit": unit},
                    st.integers(1, 1000),
                    st.sampled_from(["hours", "days", "working_days", "weeks"]),
                )
            ),
            "tool": draw(short),
            "record": draw(short),
            "evidence": draw(st.sampled_from(["none", "note", "number", "file", "photo"])),
            "evidence_name": draw(short),
        }
        for number, uid in enumerate(uids, start=1)
    ]
    texts = (
        "purpose",
        "scope",
        "outcome",
        "prerequisites",
        "definitions",
        "background",
        "references",
        "change_summary",
    )
    key = "0123456789abcdef"
    picture = {"key": key, "sha256": key * 4, "title": "lock.png", "content_type": "image/png"}
    return {
        "format": 2,
        "code": "FIN-014",
        "kind": draw(st.sampled_from(["procedure", "work_instruction", "policy", "standard"])),
        "number": draw(st.integers(1, 99)),
        "title": draw(short),
        "language": draw(st.sampled_from(["en", "fr", "de"])),
        "category": draw(short),
        "tags": draw(st.lists(short, max_size=3)),
        **{name: draw(text) for name in texts},
        "trigger": draw(short),
        "frequency": draw(st.sampled_from(["on_demand", "daily", "weekly", "monthly", "quarterly", "yearly"])),
        "contact": draw(short),
        "review_interval_months": draw(st.integers(1, 60)),
        "significance": draw(st.sampled_from(["major", "minor"])),
        "tools": draw(st.lists(st.fixed_dictionaries({"name": short, "note": short}), max_size=2)),
        "records": draw(st.lists(st.fixed_dictionaries({"name": short, "place": short, "kept": short}), max_size=2)),
        "benchmarks": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "name": short,
                        "unit": short,
                        "target": st.decimals(0, 10**6, places=2).map(lambda value: f"{value.normalize():f}"),
                        "direction": st.sampled_from(["at_most", "at_least"]),
                    }
                ),
                max_size=2,
            )
        ),
        "responsibilities": draw(letters),
        "steps": steps,
        "parts": draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "kind": st.sampled_from(["naming", "codes", "form", "storage"]),
                        "name": short,
                        "note": text,
                        "data": json_values,
                    }
                ),
                max_size=2,
            )
        ),
        "source": draw(st.none() | st.just({"code": "FIN-001", "number": 3})),
        "attachments": draw(st.sampled_from([[], [picture]])),
    }


def make_frame(content: dict, **changes: object) -> Frame:
    facts: dict = {
        "content": content,
        "language": content["language"],
        "code": content["code"],
        "number": content["number"],
        "title": content["title"],
        "kind": "Procedure",
        "department": "Finance",
        "owner": "Owner",
        "state": "Published",
        "mark": "",
        "warning": "",
        "effective_on": datetime.date(2026, 11, 1),
        "next_review_on": datetime.date(2027, 11, 1),
        "content_hash": "0" * 64,
        "address": "https://sop.example/procedures/FIN-014/7/",
        "approvals": (Approval("Approver", "Head of Finance", "Approved", "2026-11-01 09:00+01:00", "0123456789ab"),),
        "changes": (Change(content["number"], datetime.date(2026, 11, 1), content["change_summary"]),),
        "state_key": "",
    }
    return Frame(**{**facts, **changes})
