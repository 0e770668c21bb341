"""Why nothing is seeded."""


class NotEmpty(Exception):
    """The database holds people or procedures that are not from the same call."""


class BadLine(Exception):
    """A line of the file cannot become a procedure. `number` counts from 1."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")
        self.number = number
        self.reason = reason
