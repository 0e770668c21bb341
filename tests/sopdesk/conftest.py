"""The persons that the frame of the pages tells apart."""

from collections.abc import Callable

import pytest
from django.test import Client

from roles.models import Access, User

PASSWORD = "correct-horse-battery"


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Make a person: `person(access=…, language=…)`."""

    def make(**fields: object) -> User:
        return User.objects.create_user("person@firm.test", PASSWORD, **{"full_name": "Payroll clerk"} | fields)

    return make


@pytest.fixture
def sign_in(person: Callable[..., User]) -> Callable[..., Client]:
    """A browser in which a new person has signed in."""

    def make(**fields: object) -> Client:
        client = Client()
        client.force_login(person(**{"access": Access.READER} | fields))
        return client

    return make
