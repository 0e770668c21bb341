"""The editor's page: the same parts whole, or one by one for htmx."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from procedures.advice import Advice
from procedures.advising import DraftAdvice, Place, advice_on
from procedures.comments import Thread, open_counts, threads_of
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
from procedures.forms.drafts import DetailsForm, DraftForm
from procedures.forms.steps import StepForm
from procedures.models import Attachment, EditingPresence, Revision, Round, Step
from procedures.presence import others_at
from procedures.queries import last_return
from procedures.views.editing.undoing import Undo
from roles.models import Role, User
from sopdesk.lib.sorting import by_name

MAX_DIGITS = 18
"""Longer numbers are no ids."""


@dataclass
class Desk:
    """A draft on the table of `user`: what the templates of the editor ask for, worked out when they ask.

    uid: the open step; None while facts and purpose are open.
    data: what was sent, for a form that is to be saved or shown again.
    announcement: one sentence about what has just happened to a step.
    undo: what can be taken back at this moment.
    advice_undo: the suggestion of the writing advice that can be undone.
    at_advice: whether a button beside the advice was used, where focus then stays.
    """

    revision: Revision
    user: User
    uid: UUID | None = None
    data: MultiValueDict | None = None
    announcement: str = ""
    undo: Undo | None = None
    advice_undo: Undo | None = None
    at_advice: bool = False

    def anew(self, *, revision: Revision | None = None, announcement: str = "") -> "Desk":
        """The same form open, as it is stored now."""
        return Desk(revision or self.revision, self.user, uid=self.uid, announcement=announcement)

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
        return StepForm(
            data, step=self.step, steps=self.steps, user=self.user, roles=self.roles, initial=initial, prefix=prefix
        )

    @cached_property
    def hints(self) -> list[Hint]:
        return draft_hints(self.content)

    @cached_property
    def content(self) -> dict:
        return read_content(self.revision)

    @cached_property
    def advice(self) -> DraftAdvice:
        return advice_on(self.revision, self.content)

    @property
    def advice_here(self) -> list[Advice]:
        """The writing advice on what is open: the step, else facts and purpose."""
        return self.advice.on(str(self.uid or ""))

    @property
    def advice_kept_here(self) -> list[Advice]:
        return self.advice.kept_on(str(self.uid or ""))

    @property
    def advice_elsewhere(self) -> list[Place]:
        return self.advice.places_besides(str(self.uid or ""))

    @property
    def check_count(self) -> int:
        return len(self.hints) + len(self.advice.given)

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

    @cached_property
    def sections(self) -> list[tuple[str, list[tuple[int, Step]]]]:
        """The numbered steps, those in a row of one section together; "" for those outside any."""
        numbered = enumerate(self.steps, start=1)
        return [(name, list(rows)) for name, rows in groupby(numbered, key=lambda row: row[1].section)]

    @cached_property
    def threads(self) -> list[Thread]:
        return threads_of(self.revision)

    @cached_property
    def threads_here(self) -> list[Thread]:
        """The threads on what is open: the step, else the whole."""
        return [thread for thread in self.threads if thread.step_uid == self.uid]

    @cached_property
    def resolved_here(self) -> list[Thread]:
        return [thread for thread in self.threads_here if thread.is_resolved]

    @cached_property
    def threads_elsewhere(self) -> list[tuple[str, list[Thread]]]:
        """The threads that wait elsewhere, by step, the whole first: where they belong, in words, and the threads."""
        numbers = {step.uid: number for number, step in enumerate(self.steps, start=1)}
        found = []
        for uid in dict.fromkeys([None, *numbers, *(thread.step_uid for thread in self.threads)]):
            threads = [row for row in self.threads if row.step_uid == uid != self.uid and not row.is_resolved]
            if threads:
                found.append((self._place(uid, numbers), threads))
        return found

    @staticmethod
    def _place(uid: UUID | None, numbers: dict[UUID, int]) -> str:
        if uid is None:
            return _("On the whole")
        if uid not in numbers:
            return _("On a step that was removed")
        return _("On step %(number)d") % {"number": numbers[uid]}

    @cached_property
    def open_threads(self) -> Counter[str]:
        return open_counts(self.threads)

    @property
    def open_thread_count(self) -> int:
        return self.open_threads.total()

    @cached_property
    def others(self) -> list[tuple[EditingPresence, str]]:
        """Who else is in the editor, and a sentence about it."""
        numbers = {step.uid: number for number, step in enumerate(self.steps, start=1)}
        return [(row, _where(row, numbers.get(row.step_uid))) for row in others_at(self.revision, self.user)]

    @cached_property
    def writers(self) -> list[User]:
        return by_name(self.revision.contributors.all())

    @cached_property
    def tool_names(self) -> list[str]:
        return list(self.revision.tools.values_list("name", flat=True))

    @cached_property
    def record_names(self) -> list[str]:
        return list(self.revision.records.values_list("name", flat=True))

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

    def address_with(self, offer: Mapping[str, str]) -> str:
        """The same page, which offers to take back what the parameters `offer` say."""
        return self.address + (f"{'&' if self.uid else '?'}{urlencode(offer)}" if offer else "")


def _where(row: EditingPresence, number: int | None) -> str:
    if number:
        return _("%(name)s is editing step %(number)d now") % {"name": row.user, "number": number}
    if row.step_uid is None:
        return _("%(name)s is editing facts and purpose now") % {"name": row.user}
    return _("%(name)s has this draft open now") % {"name": row.user}


def show(request: HttpRequest, desk: Desk, *, status: int = 200) -> HttpResponse:
    """The editor: its page, or for htmx the open form with outline and checks."""
    template = "procedures/_editor_parts.html" if wants_part(request) else "procedures/draft.html"
    response = render(request, template, {"desk": desk, "revision": desk.revision}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def wants_part(request: HttpRequest) -> bool:
    """Whether a script asks for a part; after a step back in the browser's history it needs the whole page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def point_in(parameters: MultiValueDict, name: str) -> int | None:
    """The number of a row of the history in the parameter `name`; None when there is none or it is not one."""
    text = parameters.get(name, "")
    return int(text) if text.isdecimal() and len(text) < MAX_DIGITS else None


def uid_in(parameters: MultiValueDict, name: str) -> UUID | None:
    """The uid in the parameter `name`; None when there is none or it is not one."""
    try:
        return UUID(parameters.get(name, ""))
    except ValueError:
        return None
