"""Making a manual, in the worker: begun anew when a worker died, ended when it is cancelled, stored once."""

import datetime
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from audit import names, trail
from notifications import outbox
from procedures.content import revision_content
from procedures.errors import SignatureInvalid
from procedures.keeping import keep_file
from procedures.manuals.document import chapter_html, front_html, index_html
from procedures.manuals.selecting import MOST, Selection, select
from procedures.mermaid import diagram_sources, draw_missing
from procedures.models import Manual, ManualItem, ManualState, Revision
from procedures.pdf.renderer import ManualParts, ManualPdf, RenderingFailed, render_manual
from procedures.pdf.storing import CONTENT_TYPE, diagrams_of, pictures_of
from procedures.phrases import labels_language
from procedures.signatures import check_signatures
from roles.firm import the_firm
from roles.queries import today
from sopdesk.lib.errors import DomainError
from sopdesk.lib.files import StoredFileDamaged

logger = logging.getLogger("procedures")


class Overtaken(Exception):
    """The manual was cancelled, or another worker makes it."""


@dataclass(frozen=True, slots=True)
class Made:
    pdf: ManualPdf
    revisions: list[Revision]


def build(pk: int) -> None:
    """Make the manual `pk` unless it is done or cancelled, store it and tell who asked for it.

    What stands in it is what they may read now. A failure is written down with its reason and told.
    """
    manual = _begin(pk)
    if manual is None:
        return
    try:
        made = _make(manual)
        _finish(manual, made)
    except Overtaken:
        return
    except (RenderingFailed, StoredFileDamaged, DomainError) as error:
        logger.warning("No manual %s: %s", pk, error)
        _fail(manual, _reason(error, manual))
    except Exception:
        logger.exception("No manual %s", pk)
        _fail(manual, _reason(None, manual))


def _begin(pk: int) -> Manual | None:
    now = timezone.now()
    unfinished = Manual.objects.filter(pk=pk, state__in=[ManualState.WAITING, ManualState.BUILDING])
    began = unfinished.update(
        state=ManualState.BUILDING, attempt=F("attempt") + 1, done=0, total=0, moved_at=now, as_of=now, failure=""
    )
    return Manual.objects.select_related("person").get(pk=pk) if began else None


def _make(manual: Manual) -> Made:
    person = manual.person
    if not person.is_active:
        raise Overtaken
    found = select(person, Selection.from_json(manual.selection))
    revisions = list(found.select_related("procedure__department", "procedure__owner", "category")[: MOST + 1])
    with translation.override(person.language):
        if not revisions:
            raise DomainError(_("Nothing that you may read fits the selection any more."))
        if len(revisions) > MOST:
            raise DomainError(too_many())
    _write(manual, total=len(revisions))
    firm = the_firm()
    included = frozenset(row.procedure.code for row in revisions)
    chapters: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    for revision in revisions:
        check_signatures(revision)
        content = revision_content(revision)
        sources = diagram_sources(content)
        draw_missing(sources)
        chapters.append((chapter_html(revision, firm=firm, included=included), labels_language(content)))
        files |= pictures_of(revision) | diagrams_of(revision, sources)
        _write(manual)
    parts = ManualParts(
        front=front_html(manual, revisions, firm=firm),
        chapters=chapters,
        index=index_html(manual, revisions, firm=firm),
        files=files,
    )
    return Made(render_manual(parts, done=lambda count: _write(manual, done=count)), revisions)


def too_many() -> str:
    return _("A manual holds %(most)d procedures at most. Choose fewer, and make several manuals.") % {"most": MOST}


def _mine(manual: Manual) -> QuerySet[Manual]:
    return Manual.objects.filter(pk=manual.pk, state=ManualState.BUILDING, attempt=manual.attempt)


def _write(manual: Manual, **progress: int) -> None:
    """Note how far it is. Raises Overtaken when it is no longer ours."""
    if not _mine(manual).update(moved_at=timezone.now(), **progress):
        raise Overtaken


def _finish(manual: Manual, made: Made) -> None:
    _write(manual)
    file = keep_file(made.pdf.data, content_type=CONTENT_TYPE)
    with transaction.atomic():
        now = timezone.now()
        done = _mine(manual).update(
            state=ManualState.READY,
            file=file,
            pages=made.pdf.pages,
            done=len(made.revisions),
            finished_at=now,
            expires_on=today() + datetime.timedelta(days=settings.MANUAL_DAYS),
        )
        if not done:
            raise Overtaken
        ManualItem.objects.bulk_create(
            ManualItem(manual=manual, revision=revision, position=position, page=page)
            for position, (revision, page) in enumerate(zip(made.revisions, made.pdf.starts, strict=True), start=1)
        )
        data = {"sha256": file.sha256, "pages": made.pdf.pages, "procedures": len(made.revisions)}
        entry = trail.record(names.MANUAL_FINISH, actor=None, subject=manual, data=data)
        _tell("manual-ready", manual, entry.seq, pages=made.pdf.pages, days=settings.MANUAL_DAYS)


def _fail(manual: Manual, reason: str) -> None:
    with transaction.atomic():
        if not _mine(manual).update(state=ManualState.FAILED, failure=reason, finished_at=timezone.now()):
            return
        entry = trail.record(names.MANUAL_FAIL, actor=None, subject=manual, reason=reason)
        _tell("manual-failed", manual, entry.seq, reason=reason)


def _tell(kind: str, manual: Manual, seq: int, **texts: object) -> None:
    outbox.notify(
        kind,
        recipients=[manual.person],
        event_seq=seq,
        title=manual.title,
        url=manual.get_absolute_url(),
        context=texts,
    )


def _reason(error: Exception | None, manual: Manual) -> str:
    with translation.override(manual.person.language):
        match error:
            case SignatureInvalid():
                return error.message
            case DomainError():
                return error.message
            case RenderingFailed():
                return _("The pages could not be laid out: %(why)s. A smaller selection may help.") % {
                    "why": str(error)[:120]
                }
            case StoredFileDamaged():
                return _("A picture of one of the procedures is missing or damaged. An administrator can see which.")
            case _:
                return _("Something went wrong that nobody foresaw. It was written down for the administrators.")
