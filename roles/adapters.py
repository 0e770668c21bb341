"""How allauth behaves here: administrators add people, nobody signs up, and mail leaves in the person's language."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest  # noqa: TID251  (allauth's adapter is part of the view layer)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are given by an administrator."""
        return False
