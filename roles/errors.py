"""Errors of people administration that carry more than a sentence."""

from collections.abc import Mapping

from sopdesk.lib.errors import Refused


class NotValid(Refused):
    """Nothing was stored. `errors` holds what is wrong: name of the field → sentences, `__all__` for the whole."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(sentence for sentences in errors.values() for sentence in sentences))
        self.errors = dict(errors)
