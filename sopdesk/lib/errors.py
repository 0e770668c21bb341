"""Domain errors: what actions and queries raise, and what `sopdesk.middleware` turns into pages.

DomainError
├── Missing             404  there is nothing here, or nothing that this person may know of
├── NotPermitted        403  the person sees it, but may not do this
├── InvalidTransition   409  the state has moved on since the page was opened
├── Conflict            409  somebody else saved first
└── Refused             400  the content is not fit for this act yet
"""


class DomainError(Exception):
    """The root. `message` is a translated sentence for the person; `target` is where to go on from."""

    status = 400

    def __init__(self, message: str, *, target: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.target = target


class Missing(DomainError):
    status = 404


class NotPermitted(DomainError):
    status = 403


class InvalidTransition(DomainError):
    status = 409


class Conflict(DomainError):
    status = 409


class Refused(DomainError):
    status = 400
