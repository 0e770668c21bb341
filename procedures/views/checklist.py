"""The steps of a procedure as boxes to tick, on the screen and on paper. Ticks are kept by the browser: no record."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procedures.content import revision_content
from procedures.deviations.reader import parts_at_steps
from procedures.permissions import get_current_and_standing
from procedures.phrases import labels_language
from procedures.queries import media_of
from procedures.reading.parts import Part
from procedures.rendering import document_of
from procedures.signatures import check_signatures
from procedures.states import State
from procedures.views.reader import reader_page
from sopdesk.lib.errors import Missing


@require_safe
def checklist(request: HttpRequest, code: str) -> HttpResponse:
    """The steps in force. Raises Missing for a withdrawn text, SignatureInvalid for one that is not what was signed."""
    revision, standing = get_current_and_standing(request.user, code)
    if revision.state == State.WITHDRAWN:
        raise Missing(_("There is no checklist of a text that is withdrawn."))
    check_signatures(revision)
    content = revision_content(revision)
    with translation.override(labels_language(content)):
        document = document_of(content, media=media_of(revision, content))
    page = reader_page(request, revision, current=revision, standing=standing)
    at_steps: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts_at_steps(page):
        at_steps[part.step].append(part)
    uids = {step["number"]: step["uid"] for step in content["steps"]}
    context = {
        "page": page,
        "signatures": page.signatures,
        "revision": revision,
        "procedure": revision.procedure,
        "groups": [
            (group, [(step, at_steps[str(uids[step.number])]) for step in group.steps]) for group in document.groups
        ],
        "number": len(content["steps"]),
        "kept_as": f"checklist:{request.user.pk}:{code}:{revision.content_hash[:12]}",
    }
    return render(request, "procedures/checklist.html", context)
