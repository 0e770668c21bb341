"""Makes the demo firm: people first, then the life of every procedure in the order in which it would have happened.

The texts are data (`firm.toml`, `procedures/*.toml`). Everything goes through the actions that users call; only the
clock is set back while an action of the past is carried out.
"""

import datetime
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from notifications.outbox import settle
from procedures.actions import approval, categories, drafts, publishing, routes, steps
from procedures.demo import datastandards, deviations, family, searching, sharing
from procedures.demo.errors import NotEmpty
from procedures.demo.inventory import list_tasks, settle_tasks
from procedures.models import Category, DueUnit, Evidence, Procedure, Revision, Round
from procedures.permissions import rounds_awaiting
from procedures.queries import open_round
from procedures.routes.specs import SlotSpec, StageSpec
from roles import actions as people
from roles.models import Department, Role, User
from roles.statements import current_statement

HERE = Path(__file__).parent
DETAILS = (
    "purpose", "scope", "prerequisites", "outcome", "trigger", "frequency", "definitions", "background", "references",
    "contact", "review_interval_months", "tags",
)  # fmt: skip
ROUTES = {
    "low": [("Approval", "head", "")],
    "high": [("Department head", "head", ""), ("Compliance", "role", "Compliance officer")],
}
UIDS = uuid.UUID("2f6d7a52-62a1-4d0e-9a4c-1d5b1b7f4c11")
RECENT = datetime.timedelta(days=14)


@dataclass(order=True)
class Moment:
    """Something that happened `days_ago`; `turn` orders what happened on one day."""

    days_ago: int
    turn: int
    act: Callable[[], None] = field(compare=False)


@dataclass
class Summary:
    departments: int
    people: int
    procedures: int
    revisions: int


def load_demo() -> Summary | None:
    """Make the firm, or return None when it is there already. Raises NotEmpty when other data is in the way."""
    firm = _read(HERE / "firm.toml")
    emails = {row["email"] for row in firm["users"]}
    if User.objects.filter(email__in=emails).exists():
        return None
    if User.objects.exists() or Procedure.objects.exists():
        raise NotEmpty
    texts = [_read(path) for path in sorted((HERE / "procedures").glob("*.toml"))]
    with transaction.atomic():
        with _days_ago(2000):
            _make_firm(firm)
        moments = [moment for text in texts for moment in _life(text, firm["lifecycle"][text["code"]])]
        tasks = _read(HERE / "inventory.toml")["tasks"]
        moments += [Moment(230, 60, partial(list_tasks, tasks)), Moment(1, 60, partial(settle_tasks, tasks))]
        moments += [Moment(*moment) for moment in searching.life(_read(HERE / "searches.toml")["searches"])]
        for path in sorted((HERE / "relatives").glob("*.toml")):
            family_life = family.life(_read(path), uid=_uid, submit=_submit, decide=_decide_all)
            moments += [Moment(*moment) for moment in family_life]
        for path in sorted((HERE / "standards").glob("*.toml")):
            moments += [
                Moment(*moment) for moment in datastandards.life(_read(path), submit=_submit, decide=_decide_all)
            ]
        for row in _read(HERE / "deviations.toml")["deviations"]:
            moments += [Moment(*moment) for moment in deviations.life(row, uid=_uid)]
        for name in settings.DEMO_LIVES:
            moments += [Moment(*moment) for moment in import_string(name)()]
        moments += [Moment(*moment) for moment in sharing.life()]
        for moment in sorted(moments, key=lambda moment: (-moment.days_ago, moment.turn)):
            with _days_ago(moment.days_ago, minutes=moment.turn * 7):
                moment.act()
        settle(before=timezone.now() - RECENT)
    return Summary(
        Department.objects.count(), User.objects.count(), Procedure.objects.count(), Revision.objects.count()
    )


def _read(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@contextmanager
def _days_ago(days: int, *, minutes: int = 0) -> Iterator[None]:
    """Have the clock say that it is `days` ago (09:00 and some minutes of a working morning)."""
    today = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0)
    then = today - datetime.timedelta(days=days) + datetime.timedelta(minutes=minutes)
    now = min(then, timezone.now())
    with mock.patch.object(timezone, "now", return_value=now.astimezone(datetime.UTC)):
        yield


# People ------------------------------------------------------------------------------------------------------


def _make_firm(firm: dict) -> None:
    for row in firm["departments"]:
        people.add_department(actor=None, code=row["code"], name=row["name"])
    departments = {department.code: department for department in Department.objects.all()}
    for row in firm["roles"]:
        people.add_role(
            actor=None,
            name=row["name"],
            department=departments.get(row.get("department", "")),
            description=row["description"],
        )
    roles = {role.name: role for role in Role.objects.all()}
    today = timezone.localdate() + datetime.timedelta(days=2000)
    for row in firm["users"]:
        person = people.add_person(
            actor=None,
            email=row["email"],
            full_name=row["full_name"],
            department=departments.get(row.get("department", "")),
            access=row["access"],
            language=row["language"],
        )
        person.set_password(settings.DEMO_PASSWORD)
        person.password_is_own = True
        person.save(update_fields=["password", "password_is_own"])
        for held in row.get("roles", []):
            starts = today - datetime.timedelta(days=held["from_days_ago"])
            people.add_holding(person, actor=None, role=roles[held["role"]], starts=starts)
    for row in firm["departments"]:
        head = User.objects.get(email=row["head"])
        people.change_department(departments[row["code"]], actor=None, fields={"head": head})
    for row in firm["categories"]:
        above = Category.objects.get(name=row["below"]) if "below" in row else None
        categories.add_category(actor=None, name=row["name"], parent=above)
    _make_routes(roles)


def _make_routes(roles: dict[str, Role]) -> None:
    """The default route of a new installation serves normal risk; low and high risk get their own."""
    for risk, stages in ROUTES.items():
        specs = [
            StageSpec(name=name, slots=(SlotSpec(kind, role_id=roles[role].pk if role else None),))
            for name, kind, role in stages
        ]
        routes.add_route(actor=None, name=f"{risk.capitalize()} risk", risk=risk, stages=specs)


# Procedures --------------------------------------------------------------------------------------------------


def _life(text: dict, plan: dict) -> Iterator[Moment]:
    """The moments of one procedure's life, from its texts and its plan."""
    code, turn = text["code"], int(text["code"].rsplit("-", 1)[1]) * 6
    published = plan["published_days_ago"]
    versions = [text] + ([_revised(text)] if "revision_2" in text else [])
    open_plan = plan.get("open")
    for number, days in enumerate(published, start=1):
        version = versions[min(number, len(versions)) - 1]
        yield Moment(days + 9, turn, partial(_draft, code, number, version))
        yield Moment(days + 3, turn + 1, partial(_submit, code))
        yield Moment(days, turn + 2, partial(_decide_all, code))
    if open_plan:
        number = len(published) + 1
        version = versions[min(number, len(versions)) - 1]
        yield Moment(open_plan["started_days_ago"], turn + 3, partial(_draft, code, number, version))
        if "submitted_days_ago" in open_plan:
            yield Moment(open_plan["submitted_days_ago"], turn + 4, partial(_submit, code))
        if "returned_days_ago" in open_plan:
            reason = open_plan["return_reason"]
            yield Moment(open_plan["returned_days_ago"], turn + 5, partial(_return, code, reason))
    if "withdrawn" in plan:
        withdrawn = plan["withdrawn"]
        yield Moment(withdrawn["days_ago"], turn + 5, partial(_withdraw, code, withdrawn["reason"]))


def _revised(text: dict) -> dict:
    """The text as its `[revision_2]` leaves it."""
    changes = text["revision_2"]
    revised = {**text, **changes.get("fields", {}), "steps": [dict(step) for step in text["steps"]]}
    revised |= {name: changes[name] for name in ("change_summary", "significance")}
    rows = revised["steps"]

    def place(key: str) -> int:
        return next(index for index, step in enumerate(rows) if step["key"] == key)

    for change in changes["step_changes"]:
        if "add_after" in change:
            rows.insert(place(change["add_after"]) + 1, change["step"])
        elif "remove" in change:
            del rows[place(change["remove"])]
        elif "move" in change:
            step = rows.pop(place(change["move"]))
            rows.insert(place(change["after"]) + 1, step)
        else:
            rows[place(change["key"])][change["field"]] = change["value"]
    return revised


def _draft(code: str, number: int, text: dict) -> None:
    author = User.objects.get(email=text["author"])
    if number == 1:
        revision = _create(code, text, author)
    else:
        revision = drafts.start_draft(Procedure.objects.get(code=code), actor=author)
    roles = {role.name: role for role in Role.objects.all()}
    fields = {name: text[name] for name in DETAILS if name in text}
    fields["category"] = Category.objects.get(name=text["category"])
    fields |= {name: text[name] for name in ("change_summary", "significance") if name in text and number > 1}
    drafts.save_draft(
        revision,
        actor=author,
        version=revision.version,
        fields=fields,
        tools=text.get("tools", []),
        records=text.get("records", []),
        benchmarks=text.get("benchmarks", []),
        responsibilities=_letters(text, roles),
    )
    _write_steps(revision, text, roles, author)


def _create(code: str, text: dict, author: User) -> Revision:
    listed = text.get("audience_list", [])
    return drafts.create_procedure(
        actor=author,
        code=code,
        kind=text["kind"],
        department=Department.objects.get(code=text["department"]),
        owner=User.objects.get(email=text["owner"]),
        title=text["title"],
        language=text["language"],
        risk=text["risk"],
        audience=text["audience"],
        audience_departments=Department.objects.filter(code__in=listed),
        audience_roles=Role.objects.filter(name__in=listed),
    )


def _write_steps(revision: Revision, text: dict, roles: dict[str, Role], author: User) -> None:
    """Bring the draft's steps to what the text says; steps keep their uid, which comes from their key."""
    code = text["code"]
    present = {step.uid: step for step in revision.steps.all()}
    wanted = {_uid(code, step["key"]): step for step in text["steps"]}
    for uid, step in present.items():
        if uid not in wanted:
            steps.remove_step(step, actor=author)
    for position, (uid, row) in enumerate(wanted.items(), start=1):
        fields = _step_fields(code, row, roles)
        letters = _letters(row, roles)
        step = present.get(uid) or steps.add_step(revision, actor=author, fields={"uid": uid, **fields})
        if uid in present or letters:
            step = steps.save_step(step, actor=author, version=step.version, fields=fields, responsibilities=letters)
        if step.position != position:
            steps.move_step(step, actor=author, position=position)


def _step_fields(code: str, row: dict, roles: dict[str, Role]) -> dict[str, object]:
    branches = [
        {"label": branch["label"], "target": branch["to"] if branch["to"] == "end" else str(_uid(code, branch["to"]))}
        for branch in row.get("branches", [])
    ]
    return {
        "kind": row["kind"],
        "title": row["title"],
        "body": row.get("body", "").strip(),
        "expected": row.get("expected", "").strip(),
        "warning": row.get("warning", "").strip(),
        "role": roles[row["role"]],
        "minutes": row.get("minutes"),
        "branches": branches,
        "items": row.get("items", []),
        "hold": row.get("hold", False),
        "due_after": row.get("due", {}).get("after"),
        "due_unit": row.get("due", {}).get("unit", DueUnit.DAYS),
        "tool": row.get("tool", ""),
        "record": row.get("record", ""),
        "evidence": row.get("evidence", Evidence.NONE),
        "evidence_name": row.get("evidence_name", ""),
    }


def _letters(row: dict, roles: dict[str, Role]) -> list[tuple[int, str]]:
    return [(roles[item["role"]].pk, item["letter"]) for item in row.get("responsibilities", [])]


def _uid(code: str, key: str) -> uuid.UUID:
    return uuid.uuid5(UIDS, f"{code}/{key}")


def _open(code: str) -> Revision:
    return Revision.objects.open().select_related("procedure", "created_by").get(procedure__code=code)


def _submit(code: str) -> None:
    revision = _open(code)
    approval.submit(revision, actor=revision.created_by)


def _decide_all(code: str) -> None:
    """Have every stage signed by somebody who may."""
    revision = _open(code)
    while (round := open_round(revision)) is not None:
        approval.approve_revision(
            round,
            actor=_decider(round),
            content_hash=round.content_hash,
            password=settings.DEMO_PASSWORD,
            accepts=current_statement("en").version,
        )


def _return(code: str, reason: str) -> None:
    round = open_round(_open(code))
    approval.return_revision(round, actor=_decider(round), content_hash=round.content_hash, reason=reason)


def _decider(round: Round) -> User:
    return next(
        person
        for person in User.objects.filter(is_active=True).order_by("pk")
        if rounds_awaiting(person).filter(pk=round.pk).exists()
    )


def _withdraw(code: str, reason: str) -> None:
    procedure = Procedure.objects.get(code=code)
    publishing.withdraw(procedure, actor=procedure.owner, reason=reason)
