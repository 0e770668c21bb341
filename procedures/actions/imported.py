"""Documents on their way to a draft: kept for their uploader while they settle what was recognised, then removed."""

import datetime
import hashlib
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procedures.actions.importing import import_procedure, stored_before
from procedures.importing import settling
from procedures.importing.document import ParsedProcedure
from procedures.importing.showing import source_html
from procedures.keeping import keep_file
from procedures.models import Category, ImportedDocument, Revision, StoredFile
from procedures.permissions import departments_to_author, get_imported_for
from roles.models import Department, User
from sopdesk.lib.errors import Conflict, NotPermitted, Refused

KEPT_DAYS = 7
MAX_WAITING = 60


def keep_document(parsed: ParsedProcedure, *, actor: User, filename: str, data: bytes) -> ImportedDocument:
    """Keep what was recognised for its uploader alone. Raises NotPermitted, and Refused when too many wait."""
    if not departments_to_author(actor).exists():
        raise NotPermitted(_("Only authors import procedures, for their own department."))
    if ImportedDocument.objects.filter(uploaded_by=actor).count() >= MAX_WAITING:
        message = _("%(count)d documents are waiting already. Create their drafts or remove them first.")
        raise Refused(message % {"count": MAX_WAITING})
    pictures = {}
    for key, image in parsed.pictures.items():
        # The file before its row, and outside the transaction: see `procedures.keeping`.
        stored = stored_before(parsed, key) or keep_file(
            image.data, content_type=image.content_type, width=image.width, height=image.height
        )
        pictures[key] = stored.sha256
    with transaction.atomic():
        document = ImportedDocument.objects.create(
            uploaded_by=actor,
            filename=filename[-200:],
            sha256=hashlib.sha256(data).hexdigest(),
            data={**settling.state_of(parsed), "pictures": pictures},
            report=settling.report_data(parsed.report),
        )
        document.source_html = source_html(document)
        document.save(update_fields=["source_html"])
    return document


@transaction.atomic
def change_document(
    document: ImportedDocument, *, actor: User, version: int, change: str, step: int = 0, at: str = ""
) -> settling.Change:
    """Change what was recognised: merge, demote, split, entries, promote or undo. Returns what has happened.

    Raises Missing for everybody but the uploader, Conflict when it was changed in another window meanwhile,
    Refused when the change is not possible.
    """
    row = get_imported_for(actor, document.pk, lock=True)
    if row.version != version:
        raise Conflict(_("This was changed in another window meanwhile. Look at it again."))
    try:
        done = _changed(row.data, change, step, at)
    except settling.NotPossible as error:
        raise Refused(str(error)) from error
    row.version += 1
    row.save(update_fields=["data", "version"])
    document.data, document.version = row.data, row.version
    return done


def _changed(state: settling.State, change: str, step: int, at: str) -> settling.Change:
    if change == "merge":
        return settling.merge(state, step)
    if change == "demote":
        return settling.demote(state, step)
    if change == "split":
        return settling.split(state, step, at)
    if change == "entries":
        return settling.split_list(state, step, at)
    if change == "promote":
        return settling.promote(state, at)
    if change == "undo":
        return settling.undo(state)
    raise Refused(_("There is no such change."))


@transaction.atomic
def create_draft(
    document: ImportedDocument,
    *,
    actor: User,
    department: Department,
    owner: User,
    code: str = "",
    title: str = "",
    kind: str = "procedure",
    category: Category | None = None,
) -> Revision:
    """Make the draft and remove the document. An error changes nothing: the document stays as it is.

    Raises Missing for everybody but the uploader and what `import_procedure` raises.
    """
    row = get_imported_for(actor, document.pk, lock=True)
    revision = import_procedure(
        settling.parsed_from({**row.data}, settling.report_from(row.report)),
        actor=actor,
        department=department,
        owner=owner,
        filename=row.filename,
        source_hash=row.sha256,
        code=code,
        title=title,
        kind=kind,
        category=category,
        stored=stored_pictures(row),
    )
    row.delete()
    return revision


def stored_pictures(document: ImportedDocument) -> Mapping[str, StoredFile]:
    """The pictures of a document by the key under which its text names them."""
    hashes: dict[str, str] = document.data.get("pictures", {})
    by_hash = StoredFile.objects.in_bulk(list(hashes.values()), field_name="sha256")
    return {key: by_hash[sha256] for key, sha256 in hashes.items() if sha256 in by_hash}


@transaction.atomic
def discard_document(document: ImportedDocument, *, actor: User) -> None:
    """Remove a document that is not wanted. Raises Missing for everybody but its uploader."""
    get_imported_for(actor, document.pk, lock=True).delete()


def remove_old_documents() -> int:
    """Remove what has waited for more than a week; returns how many. Pictures stay, as those of removed drafts do."""
    before = timezone.now() - datetime.timedelta(days=KEPT_DAYS)
    removed, _rows = ImportedDocument.objects.filter(created_at__lt=before).delete()
    return removed
