"""Why the demo firm is not made."""


class NotEmpty(Exception):
    """The database holds people or procedures that are not the demo firm's."""
