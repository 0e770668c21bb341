"""The error for what a person typed or uploaded and can put right."""

from django.core.exceptions import ValidationError


class BadInput(ValidationError, ValueError):
    """Base of errors whose message tells the person what to do.

    It is a ValidationError, so a function that raises it serves as a form or model validator as it stands,
    and a ValueError for callers that know no forms. `str()` gives the translated sentence.
    """

    def __str__(self) -> str:
        return " ".join(self.messages)
