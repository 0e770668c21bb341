"""The editor's page: the same parts whole, or one by one for htmx."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from procedures.content import read_content
from procedures.drafting import (
    Hint,
    LastSave,
    draft_hints,
    find_step,
    last_save_of,
    letters_of,
    roles_to_choose,
    steps_of,
)
from procedures.forms.conflict import THEIRS
from procedures.forms.drafts import DetailsForm, DraftForm, StepForm
from procedures.models import Attachment, Revision, Round, Step
from procedures.queries import last_return
from roles.models import Role


@dataclass
class Desk:
    """A draft on the table: what the templates of the editor ask for, worked out when they ask.

    uid: the open step; None while facts and purpose are open.
    data: what was sent, for a form that is to be saved or shown again.
    announcement: one sentence about what has just happened to a step.
    removed: uid of the step that was just taken out, for which undoing is offered.
    """

    revision: Revision
    uid: UUID | None = None
    data: MultiValueDict | None = None
    announcement: str = ""
    removed: UUID | None = None

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(self.revision)

    @cached_property
    def step(self) -> Step | None:
        """The open step. Raises Missing when it is not there."""
        return find_step(self.steps, self.uid) if self.uid else None

    @property
    def number(self) -> int:
        """The place of the open step, from 1."""
        return self.steps.index(self.step) + 1

    @cached_property
    def roles(self) -> list[Role]:
        return roles_to_choose(self.revision)

    @cached_property
    def form(self) -> DraftForm:
        """The open form: what was sent, else what is stored."""
        return self._form(self.data)

    def stored_form(self) -> DraftForm:
        """The open form as it is stored now, its fields named apart from those that were sent."""
        return self._form(None, prefix=THEIRS)

    def _form(self, data: MultiValueDict | None, *, prefix: str | None = None) -> DraftForm:
        initial = None
        if self.step is None:
            if data is None:
                initial = DetailsForm.initial_of(self.revision, letters_of(self.revision))
            return DetailsForm(data, revision=self.revision, roles=self.roles, initial=initial, prefix=prefix)
        if data is None:
            initial = StepForm.initial_of(self.step, letters_of(self.revision, self.step))
        return StepForm(data, step=self.step, steps=self.steps, roles=self.roles, initial=initial, prefix=prefix)

    @cached_property
    def hints(self) -> list[Hint]:
        return draft_hints(read_content(self.revision))

    @cached_property
    def steps_to_mend(self) -> set[str]:
        """Uids of the steps that stand in the way of submitting."""
        return {step.uid for hint in self.hints if hint.must for step in hint.steps}

    @cached_property
    def details_to_mend(self) -> bool:
        return any(hint.must and hint.field and not hint.steps for hint in self.hints)

    @property
    def must_count(self) -> int:
        return sum(hint.must for hint in self.hints)

    @cached_property
    def last_save(self) -> LastSave | None:
        return last_save_of(self.revision)

    @cached_property
    def returned(self) -> Round | None:
        """The round that came back last: its reason stands above the draft until the next submission."""
        return last_return(self.revision)

    @cached_property
    def pictures(self) -> list[Attachment]:
        return list(self.revision.attachments.order_by("-created_at"))

    @property
    def can_undo(self) -> bool:
        return self.removed is not None and self.removed not in {step.uid for step in self.steps}

    @property
    def action(self) -> str:
        """Where the open form is sent."""
        code = self.revision.procedure.code
        return reverse("step", args=[code, self.uid]) if self.uid else reverse("draft-details", args=[code])

    @property
    def address(self) -> str:
        """The page with the same form open."""
        address = reverse("draft", args=[self.revision.procedure.code])
        return f"{address}?step={self.uid}" if self.uid else address


def show(request: HttpRequest, desk: Desk, *, status: int = 200) -> HttpResponse:
    """The editor: its page, or for htmx the open form with outline and checks."""
    template = "procedures/_editor_parts.html" if wants_part(request) else "procedures/draft.html"
    response = render(request, template, {"desk": desk, "revision": desk.revision}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether a script asks for a part; after a step back in the browser's history it needs the whole page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def uid_in(parameters: MultiValueDict, name: str) -> UUID | None:
    """The uid in the parameter `name`; None when there is none or it is not one."""
    try:
        return UUID(parameters.get(name, ""))
    except ValueError:
        return None
