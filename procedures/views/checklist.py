"""The steps of a procedure as boxes to tick, on the screen and on paper. Ticks are kept by the browser: no record."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.content import revision_content
from procedures.permissions import get_current_for
from procedures.queries import media_of
from procedures.rendering import document_of, labels_language
from procedures.signatures import check_signatures
from procedures.states import State
from sopdesk.lib.errors import Missing


@require_safe
def checklist(request: HttpRequest, code: str) -> HttpResponse:
    """The steps in force. Raises Missing for a withdrawn text, SignatureInvalid for one that is not what was signed."""
    revision = get_current_for(request.user, code)
    if revision.state == State.WITHDRAWN:
        raise Missing(_("There is no checklist of a text that is withdrawn."))
    check_signatures(revision)
    content = revision_content(revision)
    with translation.override(labels_language(content)):
        document = document_of(content, media=media_of(revision, content))
    context = {
        "revision": revision,
        "procedure": revision.procedure,
        "document": document,
        "number": len(content["steps"]),
        "kept_as": f"checklist:{request.user.pk}:{code}:{revision.content_hash[:12]}",
    }
    return render(request, "procedures/checklist.html", context)
