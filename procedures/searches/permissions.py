"""Who sees what was searched for, and who keeps the synonyms: predicate and queryset side by side, and the doors.

What people do not find concerns those who write: authors and administrators see it, auditors read along. Who searched
is for administrators only, and only while it is kept. To readers none of these pages exist.
"""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from procedures.models import IgnoredSearch, SearchRecord, SynonymGroup
from roles.models import Access, User
from roles.permissions import can_administer, sees_people
from sopdesk.lib.errors import Missing, NotPermitted

REPORT_READERS = (Access.AUTHOR, Access.AUDITOR, Access.ADMINISTRATOR)


# What was searched for ---------------------------------------------------------------------------------------


def sees_searches(user: User) -> bool:
    """Whether the report of searches exists for `user`."""
    return user.is_active and user.access in REPORT_READERS


def searches_visible_to(user: User) -> QuerySet[SearchRecord]:
    """All searches, for those who see the report."""
    return SearchRecord.objects.all() if sees_searches(user) else SearchRecord.objects.none()


def sees_searchers(user: User) -> bool:
    """Whether `user` also sees who searched."""
    return can_administer(user)


def can_ignore_searches(user: User) -> bool:
    """Whether `user` takes searches out of the report, and brings them back."""
    return user.is_active and user.access in (Access.AUTHOR, Access.ADMINISTRATOR)


def check_sees_searches(user: User) -> None:
    """Raise Missing unless the report of searches exists for `user`."""
    if not sees_searches(user):
        raise Missing()


def check_ignores_searches(user: User) -> None:
    """Raise Missing for those who do not even see the report, NotPermitted for those who only read it."""
    check_sees_searches(user)
    if not can_ignore_searches(user):
        raise NotPermitted(_("Only authors and administrators change this list."))


def get_ignored_for(user: User, pk: int) -> IgnoredSearch:
    """Words that stay out of the report, for somebody who may bring them back. Raises Missing and NotPermitted."""
    check_ignores_searches(user)
    ignored = IgnoredSearch.objects.filter(pk=pk).first()
    if ignored is None:
        raise Missing(_("This search is in the report again."))
    return ignored


# Synonyms ----------------------------------------------------------------------------------------------------


def sees_synonyms(user: User) -> bool:
    """Whether the page of synonyms exists for `user`: administrators keep it, auditors read it."""
    return sees_people(user)


def synonym_groups_visible_to(user: User) -> QuerySet[SynonymGroup]:
    """All groups, for those who see them."""
    return SynonymGroup.objects.all() if sees_synonyms(user) else SynonymGroup.objects.none()


def check_sees_synonyms(user: User) -> None:
    """Raise Missing unless the page of synonyms exists for `user`."""
    if not sees_synonyms(user):
        raise Missing()


def check_changes_synonyms(user: User) -> None:
    """Raise Missing for those who may not even see synonyms, NotPermitted for those who only read them."""
    check_sees_synonyms(user)
    if not can_administer(user):
        raise NotPermitted(_("Only administrators change synonyms."))


def get_synonyms_to_change(user: User, pk: int) -> SynonymGroup:
    """A group for somebody who may change it. Raises Missing and NotPermitted."""
    check_changes_synonyms(user)
    group = synonym_groups_visible_to(user).prefetch_related("synonyms").filter(pk=pk).first()
    if group is None:
        raise Missing(_("This group of synonyms was removed."))
    return group
