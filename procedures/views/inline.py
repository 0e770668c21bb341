"""Parts of one procedure that are read inside another one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from procedures.content import revision_content
from procedures.permissions import get_current_for
from procedures.queries import media_of
from procedures.rendering import render_steps
from procedures.views.editing.page import wants_part
from sopdesk.lib.errors import Missing


@require_safe
def procedure_steps(request: HttpRequest, code: str) -> HttpResponse:
    """The steps of the revision in force, for whoever may read it; without script its page."""
    try:
        revision = get_current_for(request.user, code)
    except Missing as missing:
        if not wants_part(request):
            raise
        response = render(request, "procedures/_steps_inline.html", {"problem": missing}, status=missing.status)
        response["HX-Retarget"], response["HX-Reswap"] = "this", "innerHTML"
        return response
    if not wants_part(request):
        return redirect(revision.procedure)
    content = revision_content(revision)
    steps = render_steps(content, media=media_of(revision, content))
    return render(request, "procedures/_steps_inline.html", {"revision": revision, "steps": steps})
