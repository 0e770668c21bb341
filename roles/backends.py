"""Who may sign in: asked at log-in, and of every session on every request."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser

from roles.models import User
from roles.queries import today


class PersonBackend(AuthenticationBackend):
    """People whose access has ended by its date are strangers, like those who were deactivated.

    Django asks `user_can_authenticate` at log-in and again whenever it reads the person of a session.
    """

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        return super().user_can_authenticate(user) and (not isinstance(user, User) or user.has_access(today()))
