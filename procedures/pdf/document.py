"""What stands in a PDF: the signed text, who signed it, and what every page must say about itself."""

import base64
import datetime
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from procedures.content import revision_content
from procedures.flowchart import pages_of
from procedures.models import RenditionKind, Revision
from procedures.phrases import labels_language
from procedures.queries import emergency_of, media_of
from procedures.references import STEP_TEXTS, TEXTS, address_of_reference
from procedures.rendering import Reference, contents_of, document_of
from procedures.sharing.status import status_url
from procedures.signatures import signatures_of
from procedures.states import ONCE_PUBLISHED, State
from roles.firm import logo_url, the_firm
from roles.models import Firm
from sopdesk.lib.qr import qr_svg

# The room for a flowchart below a heading, on a page and on one that lies across (see procedure.css).
UPRIGHT_PX = (655.0, 880.0)
ACROSS_PX = (980.0, 545.0)
MANY_STEPS = 12
MANY_LETTERS = 3000

WATERMARK = """<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">
<text x="105" y="160" font-family="DejaVu Sans" font-weight="bold" font-size="30" fill="#f0c9c6" text-anchor="middle"
 transform="rotate(-52 105 148.5)">{word}</text></svg>"""


@dataclass(frozen=True, slots=True)
class ChartPage:
    url: str
    description: str
    is_wide: bool


def build_html(revision: Revision, *, kind: RenditionKind) -> str:
    """The page for WeasyPrint: the frozen content of `revision` with cover, approvals and history of changes.

    `kind` says whether it is the PDF of the revision in force or the one with the obsolete mark. The same rows give
    the same text: nothing in it depends on the moment at which it is made.
    """
    with translation.override(labels_language(revision_content(revision))):
        return render_to_string("pdf/procedure.html", context_of(revision, kind=kind, firm=the_firm()))


def context_of(
    revision: Revision,
    *,
    kind: RenditionKind,
    firm: Firm,
    at: str = "",
    references: Reference = address_of_reference,
) -> dict:
    """What the templates of a PDF print about `revision`, in the language that is active.

    at, references: see `procedures.rendering.document_of`, for a procedure that stands in a document with others.
    """
    content = revision_content(revision)
    is_obsolete = kind == RenditionKind.PDF_OBSOLETE
    issue = emergency_of(revision) if kind == RenditionKind.PDF_EMERGENCY else None
    origin_label, origin = _origin(revision, content)
    return {
        "at": at,
        "firm": firm,
        "logo": logo_url(firm),
        "revision": revision,
        "procedure": revision.procedure,
        "document": document_of(content, media=media_of(revision, content), at=at, references=references),
        "contents": contents_of(content),
        "is_long": not at and is_long(content),
        "charts": chart_pages(content),
        "state": revision.get_state_display() if is_obsolete or issue else State.PUBLISHED.label,
        "effective_on": timezone.localdate(issue.issued_at) if issue else revision.effective_on,
        "next_review_on": None if issue else revision.next_review_on or _first_review(revision),
        "origin_label": origin_label,
        "origin": origin,
        "signatures": signatures_of(revision),
        "changes": changes_up_to(revision),
        "base_url": settings.BASE_URL,
        "address": settings.BASE_URL + reverse("revision", args=[revision.procedure.code, revision.number]),
        "qr": qr_url(status_url(revision)),
        "is_obsolete": is_obsolete,
        "successor": successor_of(revision) if is_obsolete else None,
        "emergency": issue,
        "watermark": _watermark(_("OBSOLETE")) if is_obsolete else _watermark(_("EMERGENCY")) if issue else "",
    }


def is_long(content: dict) -> bool:
    """Whether a text needs a list of contents: more than about four pages, or more than a dozen steps."""
    steps = content["steps"]
    letters = sum(len(content[name]) for name in TEXTS) + sum(len(step[name]) for step in steps for name in STEP_TEXTS)
    return len(steps) > MANY_STEPS or letters > MANY_LETTERS


def qr_url(address: str) -> str:
    """`address` as a QR code, itself a `data:` address."""
    return _data_url(str(qr_svg(address, label="")).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def _origin(revision: Revision, content: dict) -> tuple[str, str]:
    """What the text was made from, with its name; how often it is used for one that stands for itself."""
    if source := content["source"]:
        is_translation = revision.procedure.translation_of_id is not None
        label = _("Translation of") if is_translation else _("Variant of")
        return label, _("%(code)s, revision %(number)d") % source
    return _("Used"), revision.get_frequency_display()


def chart_pages(content: dict) -> list[ChartPage]:
    """The flowchart as pictures that fit on a page each, in the language that is active."""
    return [
        ChartPage(_data_url(chart.svg), chart.description, chart.is_wide)
        for chart in pages_of(content, upright=UPRIGHT_PX, across=ACROSS_PX)
    ]


def successor_of(revision: Revision) -> Revision | None:
    """The revision that took the place of `revision`, also when the clock has not caught up with its day yet."""
    released = Q(state__in=ONCE_PUBLISHED) | Q(state=State.APPROVED, effective_on__lte=timezone.localdate())
    released |= Q(state=State.IN_REVIEW, emergency_until__gte=timezone.localdate())
    later = Revision.objects.filter(released, procedure_id=revision.procedure_id, number__gt=revision.number)
    return later.order_by("number").first()


def changes_up_to(revision: Revision) -> list[dict]:
    """Number, date and summary of `revision` and of those that were published before it, latest first."""
    earlier = Revision.objects.filter(
        procedure_id=revision.procedure_id, number__lt=revision.number, state__in=ONCE_PUBLISHED
    )
    return [
        {"number": row.number, "date": row.effective_on, "summary": row.change_summary}
        for row in [revision, *earlier.order_by("-number").defer("content", "rendered")]
    ]


def _first_review(revision: Revision) -> datetime.date | None:
    """The first review date, for a revision whose day has come before the clock wrote it down."""
    if revision.effective_on is None:
        return None
    return revision.effective_on + relativedelta(months=revision.review_interval_months)


def _watermark(word: str) -> str:
    """A page-high picture of `word` as a `data:` address."""
    return _data_url(WATERMARK.format(word=escape(word)))


def _data_url(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
