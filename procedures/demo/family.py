"""The demo firm's variant and translation, made by the actions that users call. Texts: `relatives/*.toml`."""

import uuid
from collections.abc import Callable, Iterator
from functools import partial

from procedures.actions import drafts, relatives, steps
from procedures.models import Procedure, Revision
from procedures.permissions import get_source_for
from procedures.queries import revision_in_force
from procedures.relatives import Point, PointKind, following_of
from procedures.states import State
from roles.models import Department, Role, User

DAYS_TO_SUBMIT = 3
LISTS = ("tools", "records", "benchmarks")

Uid = Callable[[str, str], uuid.UUID]
Moments = Iterator[tuple[int, int, Callable[[], None]]]


def life(text: dict, *, uid: Uid, submit: Callable[[str], None], decide: Callable[[str], None]) -> Moments:
    """The moments of a variant or translation: (days ago, turn, act). `uid` names a step by code and key."""
    start = partial(_vary if "variant_of" in text else _translate, text, uid)
    versions = [(text, start)]
    if "revision_2" in text:
        versions.append((text["revision_2"], partial(_catch_up, text, uid)))
    for version, write in versions:
        published = version["published_days_ago"]
        yield version["started_days_ago"], 80, write
        yield published + DAYS_TO_SUBMIT, 81, partial(submit, text["code"])
        yield published, 82, partial(decide, text["code"])


def _source(text: dict) -> Revision:
    procedure = Procedure.objects.get(code=text.get("variant_of") or text["translation_of"])
    return Revision.objects.select_related("procedure").get(pk=revision_in_force(procedure).pk)


def _beginning(text: dict) -> dict:
    return {
        "actor": _author(text),
        "code": text["code"],
        "department": Department.objects.get(code=text["department"]),
        "owner": User.objects.get(email=text["owner"]),
        "title": text["title"],
        "risk": text["risk"],
        "audience": text["audience"],
        "audience_departments": Department.objects.filter(code__in=text["audience_list"]),
    }


def _author(text: dict) -> User:
    return User.objects.get(email=text["author"])


def _save_details(draft: Revision, text: dict, author: User) -> Revision:
    fields = {name: value for name, value in text.items() if name not in LISTS}
    lists = {name: text.get(name) for name in LISTS}
    draft = Revision.objects.get(pk=draft.pk)
    return drafts.save_draft(
        draft,
        actor=author,
        version=draft.version,
        fields=fields,
        tools=lists["tools"],
        records=lists["records"],
        benchmarks=lists["benchmarks"],
    )


def _vary(text: dict, uid: Uid) -> None:
    author, parent = _author(text), text["variant_of"]
    draft = relatives.make_variant(_source(text), **_beginning(text))
    _save_details(draft, text["details"], author)
    for key, reason in text["leave_out"].items():
        steps.remove_step(draft.steps.get(uid=uid(parent, key)), actor=author)
        relatives.explain_left_out(draft, actor=author, uid=str(uid(parent, key)), reason=reason)
    for row in text["replace"]:
        step = draft.steps.get(uid=uid(parent, row["key"]))
        fields = {name: _stripped(value) for name, value in row.items() if name != "key"}
        steps.save_step(step, actor=author, version=step.version, fields=fields)
    for row in text["add"]:
        fields = {name: _stripped(value) for name, value in row.items() if name not in ("key", "after", "role")}
        fields |= {"role": Role.objects.get(name=row["role"]), "uid": uid(text["code"], row["key"])}
        after = draft.steps.get(uid=uid(parent, row["after"]))
        steps.add_step(draft, actor=author, after=after, fields=fields)


def _translate(text: dict, uid: Uid) -> None:
    author = _author(text)
    draft = relatives.start_translation(_source(text), language=text["language"], **_beginning(text))
    _write(text["steps"], draft, text, uid, author)
    _save_details(draft, {name: _stripped(value) for name, value in text["details"].items()}, author)
    _check_details(draft, author)


def _catch_up(text: dict, uid: Uid) -> None:
    """The translation's next revision: everything that the original has changed, but the steps that stay behind."""
    author, changes = _author(text), text["revision_2"]
    draft = drafts.start_draft(Procedure.objects.get(code=text["code"]), actor=author)
    number = get_source_for(author, draft.procedure).number
    behind = {str(uid(text["translation_of"], key)) for key in changes["behind"]}
    for point in _points(draft, author):
        if point.kind == PointKind.NEW:
            relatives.settle_point(
                draft.procedure, actor=author, number=number, kind=point.kind, key=point.key, take=True
            )
    _write(changes["steps"], draft, text, uid, author)
    moved = draft.steps.get(uid=uid(text["translation_of"], "collect"))
    steps.move_step(moved, actor=author, position=1)
    _save_details(draft, {**changes["details"], "change_summary": changes["change_summary"]}, author)
    for point in _points(draft, author):
        if point.key not in behind:
            relatives.settle_point(
                draft.procedure, actor=author, number=number, kind=point.kind, key=point.key, take=False
            )


def _points(draft: Revision, author: User) -> list[Point]:
    draft = Revision.objects.select_related("procedure", "source").get(pk=draft.pk, state=State.DRAFT)
    return following_of(draft, get_source_for(author, draft.procedure)).points


def _write(rows: list[dict], draft: Revision, text: dict, uid: Uid, author: User) -> None:
    for row in rows:
        step = draft.steps.get(uid=uid(text["translation_of"], row["key"]))
        relatives.save_translated_step(
            step,
            actor=author,
            version=step.version,
            texts={name: _stripped(value) for name, value in row.items() if name not in ("key", "labels")},
            labels=row.get("labels", []),
            number=get_source_for(author, draft.procedure).number,
            is_checked=True,
        )


def _check_details(draft: Revision, author: User) -> None:
    draft = Revision.objects.select_related("procedure").get(pk=draft.pk)
    number = get_source_for(author, draft.procedure).number
    relatives.save_translated_details(
        draft, actor=author, version=draft.version, fields={}, number=number, is_checked=True
    )


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
