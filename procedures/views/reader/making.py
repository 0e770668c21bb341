"""Making the reader page: what is asked about the revision, the person, and the signatures."""

from dataclasses import replace

from django.core.cache import cache
from django.http import HttpRequest

from procedures.models import Revision
from procedures.permissions import is_keeper, reads_everything, revisions_visible_to
from procedures.queries import emergency_of
from procedures.relatives import Relatives, relatives_of, source_of
from procedures.signatures import Signature, has_intact_text, is_valid_emergency, signatures_of
from procedures.standing import Standing
from procedures.states import State
from procedures.views.reader.page import TEXT_SECONDS, ReaderPage, load_text
from roles.models import User


def reader_page(
    request: HttpRequest, revision: Revision, *, current: Revision | None, standing: Standing
) -> ReaderPage:
    """The page of `revision` for the person who asks."""
    request.unread_notices = standing.unread  # type: ignore[attr-defined]  # the shell looks here first
    sees_pending = _sees_pending(request.user, revision, standing)
    has_relatives = standing.followers or source_of(revision.procedure)
    relatives = relatives_of(request.user, revision.procedure) if has_relatives else Relatives()
    signatures = _signatures(revision) if revision.content_hash else ()
    issue = emergency_of(revision)
    is_valid = issue is None or (is_valid_emergency(issue) and _is_intact(revision))
    return ReaderPage(request.user, revision, current, standing, sees_pending, relatives, signatures, issue, is_valid)


def _signatures(revision: Revision) -> tuple[Signature, ...]:
    """The signatures of `revision`, none of them valid when the text is not what was signed."""
    is_intact = _is_intact(revision)
    found = signatures_of(revision)
    return tuple(signature if is_intact else replace(signature, is_valid=False) for signature in found)


def _is_intact(revision: Revision) -> bool:
    """Whether the text is the one that was hashed; worked out as often as it is drawn, and not while the page stands
    in the cache."""
    key = f"intact:{revision.pk}:{revision.content_hash}"
    is_intact = cache.get(key)
    if is_intact is None:
        load_text(revision)
        is_intact = has_intact_text(revision)
        cache.set(key, is_intact, TEXT_SECONDS if is_intact else 0)
    return is_intact


def _sees_pending(user: User, revision: Revision, standing: Standing) -> bool:
    """Whether a later revision is on its way that `user` may see. A query only while one is in review: then
    somebody who has nothing else to do with the procedure may sit in its round."""
    if standing.pending_number is None:
        return False
    if reads_everything(user) or is_keeper(user, revision.procedure, standing):
        return True
    pending = revisions_visible_to(user).filter(procedure=revision.procedure, number=standing.pending_number)
    return standing.pending_state == State.IN_REVIEW and pending.exists()
