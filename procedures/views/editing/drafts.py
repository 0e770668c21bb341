"""A draft's page, its details, pictures and preview."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from procedures.actions import drafts, presence, steps
from procedures.forms.conflict import merged
from procedures.forms.drafts import DetailsForm
from procedures.forms.procedures import DiscardForm, PictureForm
from procedures.models import Revision
from procedures.permissions import get_draft_for, get_procedure_for
from procedures.views.editing.page import Desk, show, uid_in, wants_part
from procedures.views.editing.saving import answer_save, draft_to_save
from procedures.views.editing.steps import undo_in
from procedures.views.editing.undoing import undo_suggestion_in
from sopdesk.lib.errors import Missing
from sopdesk.lib.images import BadImage

PARTS = {
    "checks": "procedures/_after_save.html",
    "pictures": "procedures/_pictures.html",
    "comments": "procedures/_comments.html",
}


@require_safe
def draft(request: HttpRequest, code: str) -> HttpResponse:
    """The editor, open at `?step=<uid>` or at facts and purpose; `?part=…` is a piece of it that a script renews."""
    revision = get_draft_for(request.user, code)
    if not revision.is_editable:
        messages.info(request, _("This revision is no longer a draft: it can be read here, but not changed."))
        return redirect(revision)
    desk = Desk(revision, request.user, uid=uid_in(request.GET, "step"))
    desk.undo = undo_in(request.GET, desk)
    if "used" in request.GET:
        desk.advice_undo = undo_suggestion_in(request.GET, desk.step or revision)
    if template := PARTS.get(request.GET.get("part", "")):
        return render(request, template, {"desk": desk, "revision": revision})
    return show(request, desk)


@require_POST
def draft_start(request: HttpRequest, code: str) -> HttpResponse:
    """Begin the next revision, or go on with the one that is begun."""
    try:
        get_draft_for(request.user, code)
    except Missing:
        drafts.start_draft(get_procedure_for(request.user, code), actor=request.user)
    return redirect("draft", code=code)


@require_POST
def draft_details(request: HttpRequest, code: str) -> HttpResponse:
    """Save facts and purpose."""
    desk = Desk(draft_to_save(request, code), request.user, data=merged(request.POST))

    def save(form: DetailsForm) -> Revision:
        return drafts.save_draft(
            desk.revision,
            actor=request.user,
            version=form.cleaned_data["version"],
            fields=form.details,
            responsibilities=form.letters,
            base=form.cleaned_data["base"],
            **form.lists,
        )

    return answer_save(request, desk, save, form_class=DetailsForm)


@require_POST
def draft_presence(request: HttpRequest, code: str) -> HttpResponse:
    """Note that the draft is open at the step `step`, and say who else has it open."""
    revision = get_draft_for(request.user, code)
    desk = Desk(revision, request.user, uid=uid_in(request.POST, "step"))
    presence.note_presence(revision, actor=request.user, step_uid=desk.uid)
    if not wants_part(request):
        return redirect(desk.address)
    return render(request, "procedures/_others.html", {"desk": desk, "revision": revision, "part": True})


@require_safe
def draft_preview(request: HttpRequest, code: str) -> HttpResponse:
    """The document as readers would see it if it were published now."""
    revision = get_draft_for(request.user, code)
    template = "procedures/_preview.html" if wants_part(request) else "procedures/preview.html"
    return render(request, template, {"revision": revision})


@require_http_methods(["GET", "HEAD", "POST"])
def draft_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the reason, then give the draft up."""
    revision = get_draft_for(request.user, code)
    form = DiscardForm(request.POST or None)
    if not form.is_valid():
        return render(request, "procedures/discard.html", {"revision": revision, "form": form})
    drafts.discard(revision, actor=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, _("The draft of revision %(number)d was discarded.") % {"number": revision.number})
    return redirect("home")


@require_POST
def draft_image(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a picture and say how the text refers to it: as JSON for the script, else as a message."""
    revision = get_draft_for(request.user, code)
    form = PictureForm(request.POST, request.FILES)
    markdown = ""
    if form.is_valid():
        try:
            markdown = form.markdown(
                steps.attach_image(revision, actor=request.user, upload=form.cleaned_data["image"])
            )
        except BadImage as error:
            form.add_error("image", error)
    if wants_part(request):
        answer = {"markdown": markdown} if markdown else {"errors": form.errors}
        return JsonResponse(answer, status=200 if markdown else 422)
    if not markdown:
        return render(request, "procedures/picture.html", {"revision": revision, "form": form}, status=422)
    messages.success(request, _("The picture is kept. Put this line where it should appear: %s") % markdown)
    return redirect(Desk(revision, request.user, uid=uid_in(request.POST, "step")).address)
