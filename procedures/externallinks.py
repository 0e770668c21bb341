"""Links that lead out of sopdesk: which there are in a text, and what became of asking them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from procedures.links import positions_of
from procedures.models import ExternalLink, LinkCheck, Revision
from procedures.permissions import library_revisions_for
from procedures.references import STEP_TEXTS, TEXTS
from roles.models import User
from roles.queries import today
from sopdesk.lib.markup import render_markdown
from sopdesk.lib.reaching import Reach

IN_ORDER = (Reach.FOUND,)
NOT_ASKED = (Reach.NOT_LISTED, Reach.PRIVATE)
MAX_LISTED = 500


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address stands: in the step `number`, or around the steps."""

    revision: Revision
    number: int | None


@dataclass(slots=True)
class Asked:
    """An address, what became of asking it, and the places that lead there."""

    link: ExternalLink
    places: list[Place] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        return sentence_of(self.link)


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The last check of a person: `faults` want mending, `not_asked` are for a look of one's own."""

    check: LinkCheck
    total: int
    asked: int
    faults: list[Asked]
    not_asked: list[Asked]

    @property
    def is_running(self) -> bool:
        return self.check.finished_at is None


def sentence_of(link: ExternalLink) -> str:
    """What became of asking the address of `link`, in words."""
    match link.reach:
        case Reach.FOUND:
            return _("It is there.")
        case Reach.MOVED:
            return _("It has moved for good, to %(address)s.") % {"address": link.moved_to}
        case Reach.GONE:
            return _("There is nothing any more (%(status)d).") % {"status": link.status}
        case Reach.FORBIDDEN:
            return _("It asks for a log-in (%(status)d); look yourself.") % {"status": link.status}
        case Reach.FAILED:
            return _("It answers with an error (%(status)d).") % {"status": link.status}
        case Reach.NOT_LISTED:
            return _("Not asked: its site is not on the list of sites that sopdesk may ask.")
        case Reach.PRIVATE:
            return _("Not asked: it leads into a private network.")
        case Reach.UNREACHABLE:
            return _("No answer.")
    return _("Not asked yet.")


def addresses_in_text(text: str) -> list[str]:
    """The external addresses that one Markdown text leads to, each once; exactly those that become links."""
    if "://" not in text:
        return []
    finder = _Addresses()
    finder.feed(render_markdown(text))
    return list(finder.found)


def external_links_in(content: dict) -> Iterator[tuple[str | None, str]]:
    """The addresses that a content leads to, with the uid of the step or None for the rest; each pair once."""
    around = [content[name] for name in TEXTS] + [part["note"] for part in content["parts"]]
    yield from ((None, at) for at in dict.fromkeys(at for text in around for at in addresses_in_text(text)))
    for step in content["steps"]:
        found = dict.fromkeys(at for name in STEP_TEXTS for at in addresses_in_text(step[name]))
        yield from ((step["uid"], at) for at in found)


def report_for(user: User) -> LinkReport | None:
    """What the last check that `user` asked for has brought, as far as they may still read the texts; None without
    one. Three queries."""
    check = LinkCheck.objects.filter(requested_by=user).first()
    if check is None:
        return None
    readable = library_revisions_for(user, today())
    links = list(
        check.links.filter(revision__in=readable)
        .select_related("revision__procedure")
        .defer("revision__content", "revision__rendered")
    )
    numbers = dict(positions_of([(link.revision_id, link.step_uid) for link in links]))
    by_address: dict[str, Asked] = {}
    for link in links:
        place = Place(link.revision, numbers.get((link.revision_id, link.step_uid)))
        by_address.setdefault(link.address, Asked(link)).places.append(place)
    groups: dict[bool, list[Asked]] = defaultdict(list)
    for asked in by_address.values():
        if asked.link.reach and asked.link.reach not in IN_ORDER:
            groups[asked.link.reach in NOT_ASKED].append(asked)
    return LinkReport(
        check=check,
        total=len(by_address),
        asked=sum(bool(asked.link.reach) for asked in by_address.values()),
        faults=groups[False][:MAX_LISTED],
        not_asked=groups[True][:MAX_LISTED],
    )


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith(("http://", "https://")):
            self.found[address] = None
