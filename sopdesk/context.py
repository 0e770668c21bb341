"""What the frame around every page needs to know about the person who looks at it."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import cached_property

from notifications.queries import unread_count
from roles.models import Access

MAIN_PLACES = ("home", "library", "people")
BELOW = {
    "home": ("remarks", "reviews"),
    "library": (
        "library", "procedures", "manuals", "share-links", "standards", "glossary", "inventory", "search",
        "categories", "templates",
    ),
    "people": ("people", "departments", "roles"),
}  # fmt: skip
"""Where an address belongs, by how it begins."""


class Shell:
    """Answers the questions of `base.html`; each is worked out when a template asks, so fragments pay nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        # A request for a host that is not ours ends before anybody could be signed in.
        self.user = getattr(request, "user", AnonymousUser())

    @property
    def place(self) -> str:
        """Where in the main navigation this page is: `home`, `library` or `people`, `in-library` and so on for a page
        below it; empty for all others."""
        match = self.request.resolver_match
        if match is None:
            return ""
        if match.url_name in MAIN_PLACES:
            return match.url_name
        start = match.route.partition("/")[0]
        return next((f"in-{place}" for place, starts in BELOW.items() if start in starts), "")

    @property
    def is_signed_in(self) -> bool:
        return bool(self.user.is_authenticated)

    @property
    def name(self) -> str:
        return str(self.user) if self.is_signed_in else ""

    @property
    def access_name(self) -> str:
        """The access level in words, in the language of the page."""
        return "" if isinstance(self.user, AnonymousUser) else str(self.user.get_access_display())

    @cached_property
    def theme(self) -> str:
        """`light`, `dark` or, when the device decides, an empty string."""
        return getattr(self.user, "theme", "")

    @cached_property
    def keys_enabled(self) -> bool:
        """Whether single-letter keys may act (a person can switch them off)."""
        return getattr(self.user, "keys_enabled", True)

    @cached_property
    def access(self) -> str:
        """The access level, empty for somebody who has not signed in."""
        return getattr(self.user, "access", "")

    @property
    def may_author(self) -> bool:
        return self.access == Access.AUTHOR

    @property
    def is_administrator(self) -> bool:
        return self.access == Access.ADMINISTRATOR

    @property
    def sees_people(self) -> bool:
        """People, roles and departments are changed by administrators and read by auditors."""
        return self.access in {Access.ADMINISTRATOR, Access.AUDITOR}

    @property
    def sees_inventory(self) -> bool:
        """The task inventory is for those who write, and for those who read everything."""
        return self.access in {Access.AUTHOR, Access.ADMINISTRATOR, Access.AUDITOR}

    @property
    def may_list_tasks(self) -> bool:
        """Who adds tasks to the inventory: authors for their department, administrators for all."""
        return self.access in {Access.AUTHOR, Access.ADMINISTRATOR}

    @cached_property
    def unread_notices(self) -> int:
        """One query on the first question; none for somebody who has not signed in, or when the view has asked."""
        if hasattr(self.request, "unread_notices"):
            return self.request.unread_notices
        return 0 if isinstance(self.user, AnonymousUser) else unread_count(self.user)


def shell(request: HttpRequest) -> dict[str, Shell]:
    return {"shell": Shell(request)}
