"""Adding, changing, deactivating and activating people."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from audit import names, trail
from notifications.queries import notices_for
from roles import actions
from roles.errors import NotValid
from roles.models import Access, User
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from tests.roles.conftest import Cast


class Interrupted(Exception):
    """Stands for whatever rolls a transaction back."""


def trail_of(person: User) -> list[str]:
    return list(trail.entries_for(person).values_list("name", flat=True))


def add(cast: Cast, **fields: object) -> User:
    return actions.add_person(
        actor=cast.administrator, **{"email": "new.hire@firm.test", "full_name": "New hire"} | fields
    )


# Adding ------------------------------------------------------------------------------------------------------


def test_person_is_added_without_a_usable_password(cast: Cast) -> None:
    person = add(cast, email=" New.Hire@Firm.test ", full_name="New\r\n hire", department=cast.finance, language="fr")
    person.refresh_from_db()
    assert (person.email, person.full_name, person.language) == ("new.hire@firm.test", "New hire", "fr")
    assert person.department == cast.finance
    assert person.access == Access.READER
    assert not person.has_usable_password()


def test_adding_leaves_one_entry_and_a_history_row_with_the_actor(cast: Cast) -> None:
    person = add(cast)
    entry = trail.entries_for(person).get()
    assert (entry.name, entry.actor_id) == (names.PERSON_ADD, cast.administrator.pk)
    assert entry.data["email"] == "new.hire@firm.test"
    assert "password" not in entry.data
    assert person.history.get().history_user == cast.administrator


def test_new_person_gets_one_notice_of_the_event(cast: Cast) -> None:
    person = add(cast)
    notice = notices_for(person).get()
    assert (notice.kind, notice.event_seq) == ("person-added", trail.entries_for(person).get().seq)
    assert DBTaskResult.objects.count() == 1


def test_no_secret_is_kept_in_the_outbox(cast: Cast) -> None:
    person = add(cast)
    notice = notices_for(person).get()
    assert "reset" not in notice.url
    assert set(notice.context) == {"actor"}


def test_rolled_back_adding_leaves_no_person_no_entry_no_notice_and_no_task(cast: Cast) -> None:
    with pytest.raises(Interrupted), transaction.atomic():
        person = add(cast)
        raise Interrupted
    assert not User.objects.filter(email=person.email).exists()
    assert trail_of(person) == []
    assert not notices_for(person).exists()
    assert DBTaskResult.objects.count() == 0


def test_address_is_taken_whatever_its_case(cast: Cast) -> None:
    with pytest.raises(NotValid) as refused:
        add(cast, email="READER@firm.test")
    assert list(refused.value.errors) == ["email"]
    assert trail.entries_for(cast.reader).count() == 0


def test_address_taken_a_moment_ago_is_said_beside_the_field(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    validate, calls = actions.storing._validate, []

    def first_look_finds_nothing(row: User, fields: tuple[str, ...]) -> None:
        calls.append(row)
        if len(calls) > 1:
            validate(row, fields)

    monkeypatch.setattr(actions.storing, "_validate", first_look_finds_nothing)
    with pytest.raises(NotValid) as refused:
        add(cast, email=cast.reader.email)
    assert refused.value.errors == {"email": ["Somebody has this e-mail address already."]}
    assert User.objects.filter(email=cast.reader.email).count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("email", "no address"), ("full_name", "  "), ("access", "king"), ("language", "tlh")]
)
def test_person_with_a_wrong_value_is_refused(cast: Cast, field: str, value: str) -> None:
    with pytest.raises(NotValid) as refused:
        add(cast, **{field: value})
    assert list(refused.value.errors) == [field]
    assert not User.objects.filter(full_name="New hire").exists()


def test_person_is_not_added_to_a_department_that_is_not_active(cast: Cast) -> None:
    actions.change_department(cast.finance, actor=cast.administrator, fields={"is_active": False})
    cast.finance.refresh_from_db()
    with pytest.raises(NotValid) as refused:
        add(cast, department=cast.finance)
    assert list(refused.value.errors) == ["department"]


# Changing ----------------------------------------------------------------------------------------------------


def test_change_records_old_and_new_of_what_differs_only(cast: Cast) -> None:
    fields = {"full_name": "Reader", "access": Access.AUTHOR, "department": None}
    changed = actions.change_person(cast.reader, actor=cast.administrator, fields=fields)
    entry = trail.entries_for(changed).get()
    assert entry.name == names.PERSON_CHANGE
    assert entry.data == {
        "access": {"old": "reader", "new": "author"},
        "department": {"old": "Finance", "new": None},
    }
    assert changed.history.first().history_user == cast.administrator


def test_change_of_nothing_leaves_nothing(cast: Cast) -> None:
    actions.change_person(cast.reader, actor=cast.administrator, fields={"full_name": " Reader "})
    assert trail_of(cast.reader) == []
    assert cast.reader.history.count() == 1  # its creation


def test_change_does_not_undo_what_somebody_else_changed_since(cast: Cast) -> None:
    stale = User.objects.get(pk=cast.reader.pk)
    actions.change_person(cast.reader, actor=cast.deputy, fields={"full_name": "Payroll clerk"})
    changed = actions.change_person(stale, actor=cast.administrator, fields={"language": "fr"})
    assert (changed.full_name, changed.language) == ("Payroll clerk", "fr")


def test_old_address_no_longer_leads_to_the_account(cast: Cast) -> None:
    old = EmailAddress.objects.create(user=cast.reader, email=cast.reader.email, primary=True)
    changed = actions.change_person(cast.reader, actor=cast.administrator, fields={"email": "moved@firm.test"})
    assert changed.email == "moved@firm.test"
    assert not EmailAddress.objects.filter(pk=old.pk).exists()


def test_other_changes_keep_the_addresses_that_allauth_noted(cast: Cast) -> None:
    noted = EmailAddress.objects.create(user=cast.reader, email=cast.reader.email, primary=True)
    actions.change_person(cast.reader, actor=cast.administrator, fields={"full_name": "Payroll clerk"})
    assert EmailAddress.objects.filter(pk=noted.pk).exists()


def test_last_active_administrator_keeps_that_access(cast: Cast) -> None:
    actions.change_person(cast.deputy, actor=cast.administrator, fields={"access": Access.READER})
    with pytest.raises(NotValid) as refused:
        actions.change_person(cast.administrator, actor=cast.administrator, fields={"access": Access.READER})
    assert list(refused.value.errors) == ["access"]
    cast.administrator.refresh_from_db()
    assert cast.administrator.access == Access.ADMINISTRATOR


def test_field_of_another_kind_is_a_fault_of_the_caller(cast: Cast) -> None:
    with pytest.raises(ValueError, match="is_superuser"):
        actions.change_person(cast.reader, actor=cast.administrator, fields={"is_superuser": True})


# Deactivating and activating ---------------------------------------------------------------------------------


def test_deactivation_is_recorded_with_its_reason(cast: Cast) -> None:
    person = actions.deactivate_person(cast.reader, actor=cast.administrator, reason="Left the firm.")
    entry = trail.entries_for(person).get()
    assert not person.is_active
    assert (entry.name, entry.reason) == (names.PERSON_DEACTIVATE, "Left the firm.")
    assert entry.data == {"is_active": {"old": True, "new": False}}


def test_deactivating_twice_counts_once(cast: Cast) -> None:
    actions.deactivate_person(cast.reader, actor=cast.administrator)
    with pytest.raises(InvalidTransition):
        actions.deactivate_person(cast.reader, actor=cast.deputy)
    assert trail_of(cast.reader) == [names.PERSON_DEACTIVATE]


def test_nobody_deactivates_oneself(cast: Cast) -> None:
    with pytest.raises(Refused):
        actions.deactivate_person(cast.administrator, actor=cast.administrator)
    assert trail_of(cast.administrator) == []


def test_of_two_administrators_who_deactivate_each_other_one_remains(cast: Cast) -> None:
    actions.deactivate_person(cast.deputy, actor=cast.administrator)
    with pytest.raises(NotPermitted):  # the deputy's page was opened before
        actions.deactivate_person(cast.administrator, actor=cast.deputy)
    assert User.objects.filter(access=Access.ADMINISTRATOR, is_active=True).get() == cast.administrator


def test_not_even_the_system_deactivates_the_last_administrator(cast: Cast) -> None:
    actions.deactivate_person(cast.deputy, actor=None)
    with pytest.raises(Refused):
        actions.deactivate_person(cast.administrator, actor=None)
    cast.administrator.refresh_from_db()
    assert cast.administrator.is_active


def test_activation_gives_the_access_back(cast: Cast) -> None:
    actions.deactivate_person(cast.reader, actor=cast.administrator)
    person = actions.activate_person(cast.reader, actor=cast.administrator)
    assert person.is_active
    assert trail_of(person) == [names.PERSON_DEACTIVATE, names.PERSON_ACTIVATE]


def test_active_person_is_not_activated_again(cast: Cast) -> None:
    with pytest.raises(InvalidTransition):
        actions.activate_person(cast.reader, actor=cast.administrator)
    assert trail_of(cast.reader) == []


@pytest.mark.parametrize("kind", ["auditor", "author", "reader"])
def test_only_administrators_change_people(cast: Cast, kind: str) -> None:
    actor = getattr(cast, kind)
    for act in (
        lambda: actions.add_person(actor=actor, email="x@firm.test", full_name="X"),
        lambda: actions.change_person(cast.reader, actor=actor, fields={"access": Access.ADMINISTRATOR}),
        lambda: actions.change_person(cast.reader, actor=actor, fields={"full_name": "Boss"}),
        lambda: actions.deactivate_person(cast.deputy, actor=actor),
        lambda: actions.activate_person(cast.deputy, actor=actor),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert trail.entries_for(cast.reader).count() == trail.entries_for(cast.deputy).count() == 0


# One's own settings ------------------------------------------------------------------------------------------


def test_own_settings_leave_history_and_no_entry(cast: Cast) -> None:
    wanted = {"language": "fr", "theme": "dark", "keys_enabled": False, "watch_mail": "daily"}
    changed = actions.change_own_settings(cast.reader, **wanted)
    assert {name: getattr(changed, name) for name in wanted} == wanted
    assert changed.history.first().history_user == cast.reader
    assert trail_of(changed) == []


def test_unknown_language_is_refused(cast: Cast) -> None:
    with pytest.raises(NotValid) as refused:
        actions.change_own_settings(cast.reader, language="tlh", theme="", keys_enabled=True)
    assert list(refused.value.errors) == ["language"]
    assert isinstance(refused.value.__cause__, ValidationError)
