"""The demo firm's data standards with parts that can be used, made by the actions that users call. Texts:
`standards/*.toml`."""

from collections.abc import Callable, Iterator
from functools import partial

from procedures.actions import drafts, standards
from procedures.models import Category, Procedure
from roles.models import Department, Role, User

DETAILS = ("purpose", "scope", "outcome", "definitions", "contact", "review_interval_months", "tags")
DAYS_TO_SUBMIT, DAYS_TO_WRITE = 3, 9

Moments = Iterator[tuple[int, int, Callable[[], None]]]


def life(text: dict, *, submit: Callable[[str], None], decide: Callable[[str], None]) -> Moments:
    """The moments of a standard: (days ago, turn, act)."""
    published = text["published_days_ago"]
    yield published + DAYS_TO_WRITE, 90, partial(_write, text)
    yield published + DAYS_TO_SUBMIT, 91, partial(submit, text["code"])
    yield published, 92, partial(decide, text["code"])


def _write(text: dict) -> None:
    author = User.objects.get(email=text["author"])
    draft = drafts.create_procedure(
        actor=author,
        code=text["code"],
        kind="standard",
        department=Department.objects.get(code=text["department"]),
        owner=User.objects.get(email=text["owner"]),
        title=text["title"],
        language=text["language"],
        category=Category.objects.get(name=text["category"]),
        risk=text["risk"],
        audience=text["audience"],
    )
    roles = {role.name: role for role in Role.objects.all()}
    drafts.save_draft(
        draft,
        actor=author,
        version=draft.version,
        fields={name: text[name] for name in DETAILS},
        responsibilities=[(roles[row["role"]].pk, row["letter"]) for row in text["responsibilities"]],
    )
    draft = Procedure.objects.get(code=text["code"]).revisions.get()
    for row in text["parts"]:
        part = standards.add_part(draft, actor=author, kind=row["kind"], name=row["name"], data=_data(row, roles))
        fields = {"note": row.get("note", "").strip()}
        standards.save_part(part, actor=author, version=standards.version_of(part), fields=fields)


def _data(row: dict, roles: dict[str, Role]) -> dict:
    """The part's data; codes are written as rows of code, name and note, with the deprecated ones apart."""
    match row["kind"]:
        case "naming":
            return {"parts": row["rows"], "examples": row["examples"]}
        case "codes":
            codes = [
                {name: value for name, value in zip(("code", "name", "note"), cells, strict=False) if value}
                for cells in row["rows"]
            ]
            old = {code["code"]: code for code in row.get("deprecated", [])}
            return {"codes": [{**code, **old.get(code["code"], {}), **_status(code, old)} for code in codes]}
        case "form":
            return {"fields": row["rows"]}
        case _:
            return {"rules": [{**rule, "who": _role(roles[rule["who"]])} for rule in row["rows"]]}


def _status(code: dict, old: dict) -> dict:
    return {"status": "deprecated"} if code["code"] in old else {}


def _role(role: Role) -> dict:
    return {"id": role.pk, "name": role.name}
