"""What the editor needs to know about a draft: its steps, the roles to choose from, and what is still missing."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.models import Kind, Letter, Responsibility, Revision, Step, StepKind
from procedures.models.step import END
from procedures.prompts import prompts_in
from procedures.standards.kinds import part_problems
from roles.models import Role, User
from sopdesk.lib.errors import Missing

KINDS_WITH_STEPS = (Kind.PROCEDURE, Kind.WORK_INSTRUCTION)
MIN_BRANCHES = 2


def steps_of(revision: Revision) -> list[Step]:
    """The steps of a draft in their order, with their roles; one query."""
    steps = list(revision.steps.select_related("role", "subprocedure").order_by("position"))
    for step in steps:
        step.revision = revision
    return steps


def find_step(steps: list[Step], uid: UUID) -> Step:
    """The step `uid` among `steps`. Raises Missing: it was removed, or never was one of this draft."""
    for step in steps:
        if step.uid == uid:
            return step
    raise Missing(_("This step is not part of the draft; it may have been removed."))


def roles_to_choose(revision: Revision) -> list[Role]:
    """Active roles, and those that the draft names although they are no longer active; one query."""
    named = Q(pk__in=revision.steps.values("role_id")) | Q(pk__in=revision.responsibilities.values("role_id"))
    return list(Role.objects.filter(Q(is_active=True) | named))


def letters_of(revision: Revision, step: Step | None = None) -> list[dict[str, object]]:
    """The RACI letters of the whole (`step` None) or of one step, as rows of the editor."""
    rows = Responsibility.objects.filter(revision=revision, step=step).order_by("letter", "role__name")
    return [{"role": row.role_id, "letter": row.letter} for row in rows]


@dataclass(frozen=True, slots=True)
class LastSave:
    """Who saved anything of a draft last, and when; `person` is None for imports and other work of the system."""

    person: User | None
    at: datetime.datetime


def last_save_of(revision: Revision) -> LastSave | None:
    """The latest entry in the history of the draft and its steps; two queries."""
    latest = (
        revision.history.select_related("history_user").first(),
        Step.history.filter(revision_id=revision.pk).select_related("history_user").first(),
    )
    row = max((row for row in latest if row), key=lambda row: row.history_date, default=None)
    return LastSave(person=row.history_user, at=row.history_date) if row else None


@dataclass(frozen=True, slots=True)
class StepRef:
    number: int
    uid: str


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that is missing, in the details or in `steps`. `must`: it stands in the way of submitting.

    `field` is the form field in which it is mended.
    """

    text: str
    field: str = ""
    must: bool = False
    detail: str = ""
    steps: tuple[StepRef, ...] = ()

    @property
    def sentence(self) -> str:
        """The hint where there are no links: "Steps 3, 5: no expected result."."""
        if not self.steps:
            return f"{self.text}. {self.detail}".strip()
        numbers = ", ".join(str(step.number) for step in self.steps)
        sentence = ngettext("Step %(numbers)s: %(text)s.", "Steps %(numbers)s: %(text)s.", len(self.steps))
        return sentence % {"numbers": numbers, "text": self.text[:1].lower() + self.text[1:]}


def draft_hints(content: dict) -> list[Hint]:
    """What is missing in `content`, the value of `procedures.content`: first what must be mended, then advice."""
    hints = [*_details_hints(content), *_steps_hints(content["steps"]), *_prompt_hints(content)]
    return sorted(hints, key=lambda hint: not hint.must)


def _prompt_hints(content: dict) -> Iterator[Hint]:
    """What a template asked for and nobody has answered."""
    found = list(prompts_in(content))
    fields = [prompt.field for prompt in found if prompt.step is None]
    if fields:
        detail = _("The details still hold lines that begin with ✎: answer or delete them.")
        yield Hint(_("Still a prompt of the template"), fields[0], must=True, detail=detail)
    steps = [prompt.step for prompt in found if prompt.step is not None]
    if steps:
        refs = tuple(StepRef(step["number"], step["uid"]) for step in steps)
        yield Hint(_("Still a prompt of the template (✎)"), "title", must=True, steps=refs)


def _has_text(content: dict) -> bool:
    texts = ("purpose", "scope", "definitions", "background", "outcome")
    return bool(content["parts"]) or any(content[name].strip() for name in texts)


def _details_hints(content: dict) -> Iterator[Hint]:
    if content["kind"] in KINDS_WITH_STEPS and not content["steps"]:
        yield Hint(_("There are no steps yet"), must=True)
    if content["kind"] not in KINDS_WITH_STEPS and not content["steps"] and not _has_text(content):
        yield Hint(_("There is no text yet"), "background", must=True)
    for part in content["parts"]:
        if problems := part_problems(part["kind"], part["data"]):
            name = _("Part “%(name)s” cannot be used yet") % {"name": part["name"]}
            yield Hint(name, must=True, detail=problems[0].sentence)
    if content["number"] > 1 and not content["change_summary"].strip():
        yield Hint(
            _("It is not said what changes"),
            "change_summary",
            must=True,
            detail=_("Approvers and readers need it from revision 2 on."),
        )
    if not content["purpose"].strip():
        yield Hint(_("The purpose is missing"), "purpose", detail=_("Readers want to know what this is for."))
    if not content["outcome"].strip():
        yield Hint(_("The expected result is missing"), "outcome", detail=_("How does one know it is done?"))
    if not any(row["letter"] == Letter.ACCOUNTABLE for row in content["responsibilities"]):
        yield Hint(_("No role is accountable for the whole"), "responsibilities")
    if not content["contact"].strip():
        yield Hint(_("No contact is named"), "contact", detail=_("Whom does one ask?"))


def _steps_hints(steps: list[dict]) -> Iterator[Hint]:
    targets = {END, *(step["uid"] for step in steps)}
    decisions = [step for step in steps if step["kind"] == StepKind.DECISION]
    found = (
        (_("It does not say what to do"), "title", True, [step for step in steps if not step["title"].strip()]),
        (
            _("A decision needs two branches"), "branches", True,
            [step for step in decisions if len(step["branches"]) < MIN_BRANCHES],
        ),
        (
            _("A branch leads nowhere"), "branches", True,
            [step for step in decisions if any(branch["target"] not in targets for branch in step["branches"])],
        ),
    )  # fmt: skip
    for text, field, must, concerned in found:
        if concerned:
            yield Hint(text, field, must=must, steps=tuple(StepRef(row["number"], row["uid"]) for row in concerned))
