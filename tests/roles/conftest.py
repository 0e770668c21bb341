"""A small firm seen by those who look after its people."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from roles.models import Access, Department, Role, User

PASSWORD = "correct-horse-battery"


@dataclass
class Cast:
    administrator: User
    deputy: User  # the second administrator
    auditor: User
    author: User
    reader: User
    finance: Department
    clerk: Role


def make_person(name: str, *, access: str = Access.READER, **fields: object) -> User:
    return User.objects.create_user(
        f"{name}@firm.test", PASSWORD, **{"full_name": name.capitalize(), "access": access} | fields
    )


@pytest.fixture
def cast(db: None) -> Cast:
    finance = Department.objects.create(code="FIN", name="Finance")
    return Cast(
        administrator=make_person("administrator", access=Access.ADMINISTRATOR),
        deputy=make_person("deputy", access=Access.ADMINISTRATOR),
        auditor=make_person("auditor", access=Access.AUDITOR),
        author=make_person("author", access=Access.AUTHOR, department=finance),
        reader=make_person("reader", department=finance),
        finance=finance,
        clerk=Role.objects.create(name="Payroll clerk", department=finance),
    )


@pytest.fixture
def as_person() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def sign_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in
