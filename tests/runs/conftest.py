"""Suggesting and answering in one word, and pages as somebody."""

import pytest
from django.urls import reverse

from procedures.models import Revision
from runs.actions import remarks
from runs.models import Answer, Remark
from tests.factories import first_step, make_revision


@pytest.fixture
def revision(firm) -> Revision:
    return Revision.objects.get(pk=make_revision(firm, code="FIN-700").pk)


@pytest.fixture
def suggest(firm):
    """Have the staff, or somebody else, suggest a change of the first step, or of the step `step`."""

    def suggest(revision, *, actor=None, step="first", kind="unclear", text="Which day?") -> Remark:
        uid = first_step(revision).uid if step == "first" else step
        return remarks.add_remark(revision, actor=actor or firm.staff, kind=kind, text=text, step=uid)

    return suggest


@pytest.fixture
def promise(firm):
    def promise(remark, *, actor=None, version=1, text="") -> Remark:
        return remarks.answer_remark(
            remark, actor=actor or firm.owner, version=version, answer=Answer.PROMISED, text=text
        )  # fmt: skip

    return promise


@pytest.fixture
def page(client):
    """The page `name` as `person` sees it."""

    def get(person, name, *args, query="", status=200, **headers) -> str:
        client.force_login(person)
        response = client.get(reverse(name, args=args) + query, headers=headers)
        assert response.status_code == status, response.content[:1000]
        return response.content.decode()

    return get


@pytest.fixture
def send(client):
    """What `person` sends to `name`; returns the response."""

    def post(person, name, *args, status=302, hx=False, **data):
        client.force_login(person)
        headers = {"HX-Request": "true"} if hx else {}
        response = client.post(reverse(name, args=args), data, headers=headers)
        assert response.status_code == status, response.content[:1000]
        return response

    return post
