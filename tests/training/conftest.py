"""Confirming in one word, and pages as somebody."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from procedures.models import Revision
from roles.models import User
from training.actions import acknowledge_revision
from training.models import Acknowledgement


@pytest.fixture
def confirm() -> Callable[[Revision, User], Acknowledgement]:
    def confirm(revision: Revision, person: User) -> Acknowledgement:
        return acknowledge_revision(revision, actor=person, content_hash=revision.content_hash)

    return confirm


@pytest.fixture
def page(client):
    """The page `name` of a procedure as `person` sees it."""

    def get(person, name, *args, query="", status=200, **kwargs) -> str:
        client.force_login(person)
        response = client.get(reverse(name, args=args) + query, **kwargs)
        assert response.status_code == status
        return response.content.decode()

    return get


@pytest.fixture
def send(client):
    """Press the button at the end of the text of `revision`."""

    def post(person, revision, **changes):
        client.force_login(person)
        data = {"number": revision.number, "content_hash": revision.content_hash, **changes}
        return client.post(reverse("acknowledge", args=[revision.procedure.code]), data)

    return post
