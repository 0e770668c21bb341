"""What the pages of standards share."""

from collections.abc import Mapping

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from procedures.content import revision_content
from procedures.models import Kind, Revision, StandardPart
from procedures.permissions import get_draft_for
from procedures.standards.codes import search_codes
from procedures.standards.kinds import keyed
from roles.models import User
from sopdesk.lib.errors import InvalidTransition, Missing

CODES_PER_PAGE = 100
MAX_WORDS = 100


def part_of(revision: Revision, key: str) -> Mapping:
    """The part `key` of a revision. Raises Missing."""
    found = keyed(revision_content(revision)["parts"]).get(key)
    if found is None:
        raise Missing()
    return found


def get_standard_draft_for(user: User, code: str) -> Revision:
    """The draft of the standard `code` for its editor. Raises what `get_draft_for` raises, Missing for what is no
    standard and has no parts, and InvalidTransition for a revision that was submitted meanwhile."""
    revision = get_draft_for(user, code)
    if revision.procedure.kind != Kind.STANDARD and not revision.standardparts.exists():
        raise Missing()
    if not revision.is_editable:
        raise InvalidTransition(
            _("This revision is no longer a draft: it can be read here, but not changed."),
            target=revision.get_absolute_url(),
        )
    return revision


def draft_part_of(revision: Revision, key: str, *, kind: str = "") -> StandardPart:
    """The part `key` of a draft, of `kind` if one is given. Raises Missing."""
    parts = list(revision.standardparts.order_by("position"))
    as_dicts = [{"kind": part.kind, "name": part.name, "note": part.note, "data": part.data} for part in parts]
    for own_key, part in zip(keyed(as_dicts), parts, strict=True):
        if own_key == key and kind in ("", part.kind):
            part.revision = revision
            return part
    raise Missing(_("This part is not in the draft; it may have been removed."))


def keys_of(parts: list[StandardPart]) -> list[str]:
    return list(keyed([{"name": part.name, "data": part.data} for part in parts]))


def page_of_codes(codes: list[dict], parameters: QueryDict) -> tuple[Page, str, str]:
    """One page of the codes that `?q=` and `?status=` leave, with the words and the status."""
    words = parameters.get("q", "")[:MAX_WORDS].replace("\x00", "")
    status = parameters.get("status", "")
    status = status if status in ("active", "deprecated") else ""
    found = search_codes(codes, words, status=status)
    return Paginator(found, CODES_PER_PAGE).get_page(parameters.get("page")), words, status
