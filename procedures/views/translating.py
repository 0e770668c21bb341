"""The translation editor: the original on the left, the own text on the right, step by step."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from procedures.actions import relatives as actions
from procedures.content import step_hash
from procedures.drafting import find_step, steps_of
from procedures.errors import EditConflict
from procedures.forms.relatives import TranslatedDetailsForm, TranslatedStepForm
from procedures.models import Revision, Step
from procedures.permissions import get_draft_for, get_source_for
from procedures.phrases import labels_language
from procedures.queries import media_of
from procedures.redline.fields import DETAIL_LABELS
from procedures.relatives import Following, PointKind, following_of, missing_texts
from procedures.rendering import StepView, document_of
from procedures.views.editing.page import wants_part
from procedures.views.editing.saving import is_autosave, not_saved, offer_comparison
from roles.models import User
from sopdesk.lib.errors import Missing, Refused
from sopdesk.lib.markup import render_markdown


class TextState(StrEnum):
    """How one text stands to its original. `OWN` has none."""

    UP_TO_DATE = "up_to_date"
    BEHIND = "behind"
    UNTRANSLATED = "untranslated"
    OWN = "own"


@dataclass(slots=True)
class Side:
    """One step on both sides. `source` is None for a step of one's own, `own` for one that is not here yet."""

    uid: str
    source: StepView | None
    own: dict | None
    state: TextState
    form: TranslatedStepForm | None = None
    conflict: EditConflict | None = None


def prefix_of(uid: str) -> str:
    return f"step-{uid}" if uid else "details"


class Sheet:
    """A translation and its original side by side.

    `sent` is the form that is to be saved or shown again: (uid, "" for the details; its data).
    """

    def __init__(self, revision: Revision, source: Revision, *, sent: tuple[str, MultiValueDict] | None = None) -> None:
        self.revision, self.source, self.sent = revision, source, sent
        self.following: Following = following_of(revision, source)
        self.forms: dict[str, TranslatedStepForm] = {}
        self.conflict: EditConflict | None = None
        self.conflict_uid = ""

    @cached_property
    def source_steps(self) -> dict[str, dict]:
        return {step["uid"]: step for step in self.following.source_content["steps"]}

    @cached_property
    def own_steps(self) -> dict[str, dict]:
        return {step["uid"]: step for step in self.following.content["steps"]}

    @cached_property
    def views(self) -> dict[str, StepView]:
        """uid → the original's step with its texts as HTML."""
        content = self.following.source_content
        with translation.override(labels_language(content)):
            document = document_of(content, media=media_of(self.source, content))
            steps = {view.number: view for group in document.groups for view in group.steps}
        return {step["uid"]: steps[step["number"]] for step in content["steps"]}

    def state_of(self, uid: str) -> TextState:
        source, own = self.source_steps.get(uid), self.own_steps.get(uid)
        if source is None:
            return TextState.OWN
        if own is None or missing_texts(source, own) or not self.following.hashes.get(uid):
            return TextState.UNTRANSLATED
        return TextState.BEHIND if self.has_changed(uid) else TextState.UP_TO_DATE

    def has_changed(self, uid: str) -> bool:
        """Whether the original's step is another one than was taken into account. The box is not ticked then: a form
        that saves itself must not say so on anybody's behalf."""
        source, digest = self.source_steps.get(uid), self.following.hashes.get(uid)
        return source is not None and bool(digest) and digest != step_hash(source)

    @cached_property
    def sides(self) -> list[Side]:
        """All steps, in the order of the original; own ones behind what they follow here."""
        order = list(self.source_steps)
        previous = ""
        for uid in self.own_steps:
            if uid not in self.source_steps:
                order.insert(order.index(previous) + 1 if previous in order else 0, uid)
            previous = uid
        return [self.side(uid) for uid in order]

    def side(self, uid: str) -> Side:
        own = self.own_steps.get(uid)
        form = self.step_form(uid) if own else None
        conflict = self.conflict if uid == self.conflict_uid else None
        return Side(uid, self.views.get(uid), own, self.state_of(uid), form, conflict)

    @property
    def details_conflict(self) -> EditConflict | None:
        return None if self.conflict_uid else self.conflict

    def step_form(self, uid: str) -> TranslatedStepForm:
        """The form of the own step `uid`, the same each time."""
        if uid not in self.forms:
            self.forms[uid] = self._make_form(uid)
        return self.forms[uid]

    def _make_form(self, uid: str) -> TranslatedStepForm:
        own, sent = self.own_steps[uid], self.sent
        data = sent[1] if sent and sent[0] == uid else None
        initial = TranslatedStepForm.initial_of(own) | {
            "version": self.following.versions[uid],
            "number": self.source.number,
            "is_checked": not self.has_changed(uid),
        }
        return TranslatedStepForm(
            data, source=self.source_steps.get(uid), own=own, initial=initial, prefix=prefix_of(uid)
        )

    @cached_property
    def details_form(self) -> TranslatedDetailsForm:
        data = self.sent[1] if self.sent and self.sent[0] == "" else None
        content = self.following.content
        initial = TranslatedDetailsForm.initial_of(content) | {
            "version": self.revision.version,
            "number": self.source.number,
            "is_checked": not self.have_details_changed,
        }
        return TranslatedDetailsForm(
            data, source=self.following.source_content, own=content, initial=initial, prefix=prefix_of("")
        )

    @cached_property
    def details_state(self) -> TextState:
        """The state of what stands outside the steps."""
        names = TranslatedDetailsForm.TEXTS
        if any(self.following.source_content[name] and not self.following.content[name] for name in names):
            return TextState.UNTRANSLATED
        return TextState.BEHIND if self.have_details_changed else TextState.UP_TO_DATE

    @property
    def have_details_changed(self) -> bool:
        return any(point.kind == PointKind.DETAIL for point in self.following.points)

    @cached_property
    def source_details(self) -> list[tuple[str, str]]:
        """What the original says outside its steps: label and HTML."""
        content = self.following.source_content
        media = media_of(self.source, content)
        plain = ("title", "trigger", "contact")
        return [
            (str(DETAIL_LABELS[name]), content[name] if name in plain else render_markdown(content[name], media=media))
            for name in TranslatedDetailsForm.TEXTS
            if content[name]
        ]

    @property
    def total(self) -> int:
        return len(self.source_steps)

    @cached_property
    def done(self) -> int:
        return sum(self.state_of(uid) == TextState.UP_TO_DATE for uid in self.source_steps)

    @property
    def lists(self) -> list[tuple[str, int, int]]:
        """Lists of names that are translated in the editor: label, how many there, how many here."""
        there, here = self.following.source_content, self.following.content
        rows = [
            (str(DETAIL_LABELS[name]), len(there[name]), len(here[name])) for name in ("tools", "records", "benchmarks")
        ]
        return [row for row in rows if row[1]]

    @property
    def theirs(self) -> list[tuple[str, str]]:
        """After a conflict: label and text of what somebody else has saved."""
        if self.conflict is None:
            return []
        form = self.step_form(self.conflict_uid) if self.conflict_uid else self.details_form
        stored = {name: getattr(self.conflict.stored, name) for name in self.conflict.fields}
        for place, branch in enumerate(stored.get("branches", ())):
            stored[f"label-{place}"] = branch["label"]
        return [
            (str(form.fields[name].label), "\n".join(text) if isinstance(text, list) else str(text))
            for name, text in stored.items()
            if name in form.fields
        ]

    @property
    def icons(self) -> str:
        return static("icons.svg")


def _sheet(user: User, code: str, *, sent: tuple[str, MultiValueDict] | None = None) -> Sheet:
    revision = get_draft_for(user, code)
    if revision.procedure.translation_of_id is None:
        raise Missing()
    return Sheet(revision, get_source_for(user, revision.procedure), sent=sent)


@require_http_methods(["GET", "HEAD", "POST"])
def translate(request: HttpRequest, code: str) -> HttpResponse:
    """The editor, and the saving of the texts outside the steps."""
    if request.method == "POST":
        return _save(request, _sheet(request.user, code, sent=("", request.POST)), "", _save_details)
    sheet = _sheet(request.user, code)
    if not sheet.revision.is_editable:
        messages.info(request, _("This revision is no longer a draft: it can be read here, but not changed."))
        return redirect(sheet.revision)
    return _show(request, sheet)


@require_POST
def translate_step(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Save one step; a script gets what has changed around the form, everybody else the page with the step in sight."""
    return _save(request, _sheet(request.user, code, sent=(str(uid), request.POST)), str(uid), _save_step)


def _save_details(sheet: Sheet, uid: str, actor: User) -> Revision:
    form = sheet.details_form
    data = form.cleaned_data
    return actions.save_translated_details(
        sheet.revision,
        actor=actor,
        version=data["version"],
        fields=form.texts,
        number=data["number"],
        is_checked=data["is_checked"],
    )


def _save_step(sheet: Sheet, uid: str, actor: User) -> Step:
    form = sheet.step_form(uid)
    data = form.cleaned_data
    return actions.save_translated_step(
        find_step(steps_of(sheet.revision), UUID(uid)),
        actor=actor,
        version=data["version"],
        texts=form.texts,
        labels=form.labels,
        number=data["number"],
        is_checked=data["is_checked"],
    )


def _save(
    request: HttpRequest, sheet: Sheet, uid: str, save: Callable[[Sheet, str, User], Revision | Step]
) -> HttpResponse:
    """Save the form of `uid` ("": the details), and answer whatever comes of it; what was typed stays on the page."""
    code, status = sheet.revision.procedure.code, 422
    if uid and uid not in sheet.own_steps:
        raise Missing(_("This step is not part of the draft; it may have been removed."))
    form = sheet.step_form(uid) if uid else sheet.details_form
    if form.is_valid():
        try:
            saved = save(sheet, uid, request.user)
        except EditConflict as conflict:
            if is_autosave(request):
                return offer_comparison(request, conflict, form_id=f"form-{prefix_of(uid)}")
            sheet, status = _after_conflict(request, uid, code, conflict), 409
        except Refused as error:
            form.add_error(None, error.message)
        else:
            if wants_part(request):
                return _saved(request, _sheet(request.user, code), uid, version=saved.version)
            messages.success(request, _("Saved."))
            return redirect(reverse("translate", args=[code]) + (f"#t-{uid}" if uid else ""))
    if is_autosave(request):
        return not_saved(request, _("Something does not fit yet."), status=status, form=form)
    if wants_part(request):
        return _show_part(request, sheet, uid, status=status)
    return _show(request, sheet, status=status)


def _after_conflict(request: HttpRequest, uid: str, code: str, conflict: EditConflict) -> Sheet:
    """What was typed, beside what somebody else has saved; what is sent next counts from the stored version."""
    data = request.POST.copy()
    data[f"{prefix_of(uid)}-version"] = str(conflict.stored.version)  # type: ignore[attr-defined]
    sheet = _sheet(request.user, code, sent=(uid, data))
    sheet.conflict, sheet.conflict_uid = conflict, uid
    return sheet


def _show(request: HttpRequest, sheet: Sheet, *, status: int = 200) -> HttpResponse:
    return render(request, "procedures/translate.html", {"sheet": sheet, "revision": sheet.revision}, status=status)


def _saved(request: HttpRequest, sheet: Sheet, uid: str, *, version: int) -> HttpResponse:
    """What a save changes around the form, which its author may go on typing in; two texts give way to the form.

    version: what this save made. In `sheet`, read after it, there may be a later one of somebody else.
    """
    if "merge" in request.POST:
        return _show_part(request, sheet, uid, saved=True)
    context = {
        "sheet": sheet,
        "revision": sheet.revision,
        "prefix": prefix_of(uid),
        "state": sheet.state_of(uid) if uid else sheet.details_state,
        "version": version,
        "is_part": True,
    }
    return render(request, "procedures/_translate_saved.html", context)


def _show_part(request: HttpRequest, sheet: Sheet, uid: str, *, saved: bool = False, status: int = 200) -> HttpResponse:
    context = {"sheet": sheet, "revision": sheet.revision, "saved": saved, "is_part": True}
    if uid:
        context["side"] = sheet.side(uid)
    template = "procedures/_translate_step.html" if uid else "procedures/_translate_details.html"
    response = render(request, template, context, status=status)
    # A conflict is shown where the text is, not above the page like other errors.
    response["HX-Retarget"], response["HX-Reswap"] = f"#t-{uid or 'details'}", "outerHTML"
    return response
