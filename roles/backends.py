"""Who may sign in: asked at log-in, and of every session on every request."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from roles.models import User
from roles.queries import today
from sopdesk.db.composed import Composed


def _person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


_people = Composed(_person, pk=int)
"""Asked on every request, where composing it would be a tenth of the reader page."""


class PersonBackend(AuthenticationBackend):
    """People whose access has ended by its date are strangers, like those who were deactivated.

    Django asks `user_can_authenticate` at log-in and again whenever it reads the person of a session.
    """

    def get_user(self, user_id: int) -> User | None:
        person = next(_people.ask(pk=user_id), None)
        return person if self.user_can_authenticate(person) else None

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        return super().user_can_authenticate(user) and (not isinstance(user, User) or user.has_access(today()))
