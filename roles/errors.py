"""Errors of people administration and of signing that carry more than a sentence."""

from collections.abc import Mapping

from sopdesk.lib.errors import NotPermitted, Refused


class NotValid(Refused):
    """Nothing was stored. `errors` holds what is wrong: name of the field → sentences, `__all__` for the whole."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(sentence for sentences in errors.values() for sentence in sentences))
        self.errors = dict(errors)


class CannotSign(NotPermitted):
    """This person cannot sign at the moment, whatever they type; `target` is where they can change that."""


class NotProved(NotPermitted):
    """Nothing was signed: it was not shown that the person is who they say. `field` is what to type again."""

    field = "password"


class WrongPassword(NotProved):
    """The password does not fit."""


class WrongCode(NotProved):
    """The code of the app does not fit, or has signed already."""

    field = "code"


class StatementNotAccepted(NotProved):
    """The e-signature statement must be accepted first."""

    field = "accepts"
