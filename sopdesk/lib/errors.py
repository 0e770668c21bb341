"""Domain errors: what actions and queries raise, and what `sopdesk.middleware` turns into pages.

DomainError
├── Missing             404  there is nothing here, or nothing that this person may know of
├── NotPermitted        403  the person sees it, but may not do this
├── InvalidTransition   409  the state has moved on since the page was opened
├── Conflict            409  somebody else saved first
└── Refused             400  the content is not fit for this act yet
"""

from django.utils.translation import gettext as _


class DomainError(Exception):
    """The root. `message` is a translated sentence for the person; `target` is where to go on from."""

    status = 400

    def __init__(self, message: str, *, target: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.target = target


class Missing(DomainError):
    """Says the same of what does not exist and of what is not for this person, unless a page has more to say."""

    status = 404

    def __init__(self, message: str = "", *, target: str = "") -> None:
        super().__init__(message or _("There is nothing at this address, or nothing that you may see."), target=target)


class NotPermitted(DomainError):
    status = 403


class InvalidTransition(DomainError):
    status = 409


class Conflict(DomainError):
    status = 409


class Refused(DomainError):
    status = 400
