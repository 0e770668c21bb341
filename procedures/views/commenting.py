"""What is said about a revision on its way: the same comments in the editor and on the page of its round.

Each answers in two shapes: for htmx the panel of the editor, else the page on which the person sees the revision.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import comments as actions
from procedures.models import Comment, Revision
from procedures.permissions import can_edit, get_comment_for, get_revision_for
from procedures.queries import open_round
from procedures.states import State
from procedures.views.editing.page import Desk, uid_in, wants_part
from procedures.views.review_page import address_seen_as


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Lead to where the person reads the comments of a revision; add one to the step `step`, or to the whole."""
    revision = get_revision_for(request.user, code, number)
    step_uid = uid_in(request.POST or request.GET, "step")
    if request.method != "POST":
        return redirect(_home_of(request, revision, step_uid))
    comment = actions.add_comment(
        revision, actor=request.user, body=request.POST.get("body", ""), step_uid=step_uid
    )  # fmt: skip
    return _changed(request, comment, _("Your comment is sent."))


@require_POST
def comment_answer(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_comment_for(request.user, pk)
    answer = actions.answer_comment(comment, actor=request.user, body=request.POST.get("body", ""))
    return _changed(request, answer, _("Your answer is sent."))


@require_POST
def comment_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    comment = actions.resolve_thread(get_comment_for(request.user, pk), actor=request.user)
    return _changed(request, comment, _("The comment is resolved."))


@require_POST
def comment_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    comment = actions.reopen_thread(get_comment_for(request.user, pk), actor=request.user)
    return _changed(request, comment, _("The comment is open again."))


@require_POST
def comment_delete(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_comment_for(request.user, pk)
    actions.delete_comment(comment, actor=request.user)
    return _changed(request, comment, _("The comment is taken back."))


def _changed(request: HttpRequest, comment: Comment, announcement: str) -> HttpResponse:
    """The panel beside the step that is open (the script sends it as `open`), or the page of the revision."""
    revision = comment.revision
    if not wants_part(request):
        messages.success(request, announcement)
        return redirect(_home_of(request, revision, comment.step_uid))
    revision = get_revision_for(request.user, revision.procedure.code, revision.number)
    desk = Desk(revision, request.user, uid=uid_in(request.POST, "open"), announcement=announcement)
    if desk.uid not in {step.uid for step in desk.steps}:
        desk.uid = None  # it was removed meanwhile: what was said counts all the same
    return render(request, "procedures/_comments_changed.html", {"desk": desk, "revision": revision})


def _home_of(request: HttpRequest, revision: Revision, step_uid: object) -> str:
    """Where the person reads the comments: in the editor, on the page of the round, or with the text."""
    if revision.state == State.DRAFT and can_edit(request.user, revision):
        address = reverse("draft", args=[revision.procedure.code])
        return f"{address}?step={step_uid}#panel-comments" if step_uid else f"{address}#panel-comments"
    round = open_round(revision)
    if round is not None:
        address = address_seen_as(round.get_absolute_url(), request.POST.get("seen_as", ""))
        return f"{address}#on-{step_uid}" if step_uid else f"{address}#comments"
    return revision.get_absolute_url()
