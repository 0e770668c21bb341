"""How allauth behaves here: administrators add people, nobody signs up, and mail leaves in the person's language."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse  # noqa: TID251  (allauth's adapter is part of the view layer)

from roles.models import User
from roles.queries import today


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are given by an administrator."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """A password that somebody has chosen under their own log-in or link: it may sign (see `roles.signing`)."""
        user.set_password(password)
        user.password_is_own = True
        user.save(update_fields=["password", "password_is_own"])

    def pre_login(self, request: HttpRequest, user: User, **kwargs: object) -> HttpResponse | None:
        """Who may not sign in any more is told so, after the right password: deactivated, or at the end of a term."""
        if not user.has_access(today()):
            user.is_active = False  # in memory, for allauth, which asks nothing else
        return super().pre_login(request, user, **kwargs)
