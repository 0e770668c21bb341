"""Who sees change sets, makes them and decides on them."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from procedures.changesets.manifest import change_set_of, rounds_in
from procedures.models import ChangeSet, ChangeSetItem, Revision, Round
from procedures.permissions import revisions_editable_by, revisions_visible_to, rounds_sat_in_by, why_not_decide
from procedures.states import State
from roles.models import User
from sopdesk.lib.errors import Missing, NotPermitted


def change_sets_visible_to(user: User) -> QuerySet[ChangeSet]:
    """Change sets of which `user` may see every text, or sat in every round."""
    seen = Round.objects.filter(revision__in=revisions_visible_to(user))
    items = ChangeSetItem.objects.filter(change_set=OuterRef("pk"))
    hidden = items.exclude(round__in=seen.values("pk")).exclude(round__in=rounds_sat_in_by(user).values("pk"))
    return ChangeSet.objects.filter(~Exists(hidden))


def can_see_change_set(user: User, change_set: ChangeSet) -> bool:
    """Whether `user` may look at `change_set`."""
    return change_sets_visible_to(user).filter(pk=change_set.pk).exists()


def get_change_set_for(user: User, pk: int) -> ChangeSet:
    """A change set that `user` may look at. Raises Missing."""
    found = change_sets_visible_to(user).filter(pk=pk).select_related("opened_by").first()
    if found is None:
        raise Missing()
    return found


def drafts_to_submit_by(user: User) -> QuerySet[Revision]:
    """The drafts that `user` may put into a change set: those that they write."""
    drafts = revisions_editable_by(user).filter(state=State.DRAFT)
    return drafts.select_related("procedure__department__head", "procedure__owner").order_by("procedure__code")


def can_submit(user: User, draft: Revision) -> bool:
    """Whether `user` may put `draft` into a change set."""
    return drafts_to_submit_by(user).filter(pk=draft.pk).exists()


def require_authorship(user: User) -> None:
    """Raise NotPermitted for somebody who does not write."""
    if not (user.is_active and user.is_author):
        raise NotPermitted(_("Only authors submit change sets."))


def can_decide_on_set(user: User, change_set: ChangeSet) -> bool:
    """Whether `user` may decide on `change_set` now, as a whole."""
    return not why_not_decide_on_all(user, rounds_in(change_set))


def why_not_decide_on_all(user: User, rounds: Iterable[Round]) -> str:
    """One sentence that says why `user` may not decide on `rounds` as a whole; empty when they may."""
    return next((why for round in rounds if (why := why_not_decide(user, round))), "")


def require_alone(round: Round) -> None:
    """Raise NotPermitted when `round` is decided on with others, as a change set."""
    change_set = change_set_of(round)
    if change_set is not None:
        raise NotPermitted(
            _("This revision is part of the change set “%(name)s”, which is decided on as a whole.")
            % {"name": change_set},
            target=change_set.get_absolute_url(),
        )
