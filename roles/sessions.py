"""Sessions in the database, as Django keeps them, asked for by a composed question: every request does."""

import datetime

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from sopdesk.db.composed import Composed


def _open_session(key: str, now: datetime.datetime) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


_open_sessions = Composed(_open_session, key=str, now=datetime.datetime)


class SessionStore(db.SessionStore):
    """Django's store; only how a session is found is ours. Its name is part of the salt, so it stays."""

    def _get_session_from_db(self) -> Session | None:
        found = next(_open_sessions.ask(key=self.session_key or "", now=timezone.now()), None)
        if found is None:
            self._session_key = None
        return found
