"""The answers to a form of the editor: saved, refused, saved by somebody else first, no draft any more.

Each comes in three shapes: a page for a plain form, a part for the script's save button, and for an autosave only
what does not touch the text that is being typed.
"""

import json
from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from procedures.actions.drafts import require_draft
from procedures.errors import EditConflict
from procedures.forms.conflict import compare
from procedures.forms.drafts import DraftForm
from procedures.forms.rows import posted_pairs, posted_texts
from procedures.merging import base_of, is_list, stored_values
from procedures.models import Revision, Step
from procedures.permissions import get_draft_for, get_last_written_for
from procedures.views.editing.page import Desk, show, wants_part
from sopdesk.lib.errors import DomainError, InvalidTransition, Missing, Refused


def draft_to_save(request: HttpRequest, code: str) -> Revision:
    """The draft for which a form was sent; when nothing is open any more, what became of it, so that `answer_save`
    can say so and give back the text. Raises Missing and NotPermitted."""
    try:
        return get_draft_for(request.user, code)
    except Missing:
        return get_last_written_for(request.user, code)


def answer_save(
    request: HttpRequest, desk: Desk, save: Callable[[DraftForm], Revision | Step], *, form_class: type[DraftForm]
) -> HttpResponse:
    """Save the form of `desk` by `save`, which calls the action, and answer whatever comes of it."""
    try:
        require_draft(desk.revision)
        form = desk.form
        if not form.is_valid():
            return _refused(request, desk)
        saved = save(form)
    except EditConflict as conflict:
        return _conflict(request, desk, conflict)
    except (InvalidTransition, Missing) as error:
        return _closed(request, desk, error, form_class)
    except Refused as error:
        form.add_error(None, error.message)
        return _refused(request, desk)
    return _accepted(request, desk, saved)


def _accepted(request: HttpRequest, desk: Desk, saved: Revision | Step) -> HttpResponse:
    """Saved; the script also learns what somebody else changed in fields that the sender did not touch."""
    values = desk.form.values
    # Lists are read again only if somebody else saved since the version that was sent.
    is_alone = saved.version <= desk.form.cleaned_data["version"] + 1
    settled = {name: value for name, value in values.items() if is_alone and is_list(name)}
    base = base_of({**stored_values(saved, values.keys() - settled.keys()), **settled})
    offered = base_of(values)
    theirs = [name for name in values if base[name] != offered[name]]
    if not wants_part(request):
        messages.success(request, _("Saved. What somebody else changed meanwhile is kept.") if theirs else _("Saved."))
        return redirect(desk.address)
    if "merge" in request.POST:  # the two texts give way to the form
        return show(request, desk.anew(announcement=_("Both texts are merged.")))
    context = {"desk": desk, "version": saved.version, "base": json.dumps(base), "theirs": theirs}
    if theirs:
        context["values"] = posted_pairs(desk.anew().form, only=theirs)
    return render(request, "procedures/_saved.html", context)


def _refused(request: HttpRequest, desk: Desk) -> HttpResponse:
    if is_autosave(request):
        return not_saved(request, _("Something does not fit yet."), status=422, form=desk.form)
    return show(request, desk, status=422)


def _conflict(request: HttpRequest, desk: Desk, conflict: EditConflict) -> HttpResponse:
    """Both texts, field by field, and the choice between them; what is sent next counts from the stored version."""
    if is_autosave(request):
        return offer_comparison(request, conflict, form_id="draft-form")
    editor_name = conflict.editor_name or _("Somebody")
    stored = cast("Revision | Step", conflict.stored)
    revision = stored.revision if isinstance(stored, Step) else stored
    mine, theirs = desk.form, desk.anew(revision=revision).stored_form()
    values = stored_values(stored, mine.values)
    differences, only_theirs = compare(mine, theirs, values)
    context = {
        "desk": desk,
        "revision": desk.revision,
        "editor_name": editor_name,
        "version": stored.version,
        "base": json.dumps(base_of(values)),
        "differences": differences,
        "only_theirs": only_theirs,
        "pairs": [*posted_pairs(mine), *posted_pairs(theirs)],
    }
    if not wants_part(request):
        return render(request, "procedures/conflict.html", context, status=409)
    response = render(request, "procedures/_conflict.html", context, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = "#centre", "innerHTML show:#centre:top"
    return response


def _closed(request: HttpRequest, desk: Desk, error: DomainError, form_class: type[DraftForm]) -> HttpResponse:
    """The draft was submitted or the step removed meanwhile: say so, and give back the text that was sent."""
    if wants_part(request):
        return not_saved(request, error.message, status=error.status, target=error.target)
    context = {
        "revision": desk.revision,
        "message": error.message,
        "texts": posted_texts(form_class, request.POST),
        "removed": desk.uid if isinstance(error, Missing) else None,
    }
    return render(request, "procedures/draft_closed.html", context, status=error.status)


def offer_comparison(request: HttpRequest, conflict: EditConflict, *, form_id: str) -> HttpResponse:
    """That somebody else saved first; the form `form_id` keeps its text, and sent by hand it brings both texts."""
    message = _("%(name)s saved this while you were writing.") % {"name": conflict.editor_name or _("Somebody")}
    return not_saved(request, message, status=409, compares=form_id)


def not_saved(request: HttpRequest, message: str, *, status: int, **context: object) -> HttpResponse:
    """Why nothing was saved, to be shown beside the text that stays on the page.

    context: `form` with errors, `target` to go on from, or the id of the form whose two texts one `compares`.
    """
    return render(request, "procedures/_not_saved.html", {"message": message, **context}, status=status)


def is_autosave(request: HttpRequest) -> bool:
    """Whether the form was sent while its author goes on typing in it."""
    return "X-Autosave" in request.headers
