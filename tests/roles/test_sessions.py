"""Sessions end when they should, and a key that is none opens nothing."""

import datetime

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from roles.sessions import SessionStore

pytestmark = pytest.mark.django_db


def test_what_django_stores_is_found_and_the_other_way_round():
    ours, djangos = SessionStore(), DjangosStore()
    for store in (ours, djangos):
        store["seen"] = "here"
        store.save()
    assert DjangosStore(ours.session_key).load() == {"seen": "here"}
    assert SessionStore(djangos.session_key).load() == {"seen": "here"}


@pytest.mark.parametrize("key", ["", "nothing-of-this-name", "\x00", "x" * 100])
def test_a_key_that_is_none_opens_nothing(key):
    store = SessionStore(key)
    assert store.load() == {}
    assert store.session_key is None


def test_a_session_that_has_ended_signs_nobody_in(firm, client):
    client.force_login(firm.staff)
    assert client.get("/library/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))
    assert client.get("/library/").status_code == 302
    assert SessionStore.__module__ == settings.SESSION_ENGINE
