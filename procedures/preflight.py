"""What stands in the way of a submission, said before it instead of discovered after."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from procedures.advising import advice_hints, advice_on
from procedures.content import read_content
from procedures.drafting import StepRef, draft_hints
from procedures.links import sentence_of, why_broken
from procedures.models import Deviation, DeviationState, Revision, Route
from procedures.queries import route_for
from procedures.references import references_in
from procedures.relatives import content_of_source, following_of, missing_texts, source_of
from procedures.routes.deciding import StageCheck, check_stages
from roles.queries import today
from roles.signing import people_without_code_app


class Subject(models.TextChoices):
    """What a finding is about; the order in which they are told."""

    TEXT = "text", gettext_lazy("Text and facts")
    PEOPLE = "people", gettext_lazy("Who decides")
    SOURCE = "source", gettext_lazy("The text that this one follows")
    LINKS = "links", gettext_lazy("References")
    READERS = "readers", gettext_lazy("What readers say")
    WRITING = "writing", gettext_lazy("Writing advice")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the check has found, as a sentence, and where it is mended: in `steps`, or in the field `field`
    of the facts. `must`: it stands in the way of submitting."""

    subject: Subject
    sentence: str
    must: bool = False
    steps: tuple[StepRef, ...] = ()
    field: str = ""


@dataclass(slots=True)
class Preflight:
    """What was found in a draft; `blockers` must be mended before submitting, `warnings` are worth a look.

    `stages` says who can decide where. `content` and `route` are what was checked, so that a submission freezes
    exactly that.
    """

    content: dict
    route: Route | None
    findings: list[Finding] = field(default_factory=list)
    stages: list[StageCheck] = field(default_factory=list)

    @property
    def blockers(self) -> list[str]:
        return [finding.sentence for finding in self.findings if finding.must]

    @property
    def warnings(self) -> list[str]:
        return [finding.sentence for finding in self.findings if not finding.must]

    @property
    def is_clear(self) -> bool:
        return not self.blockers

    @property
    def groups(self) -> list[tuple[Subject, list[Finding]]]:
        """The findings by subject, in each first what must be mended."""
        found = ((subject, [row for row in self.findings if row.subject == subject]) for subject in Subject)
        return [(subject, sorted(rows, key=lambda row: not row.must)) for subject, rows in found if rows]

    def block(self, subject: Subject, sentence: str, *, steps: Iterable[StepRef] = (), field: str = "") -> None:
        """Note what must be mended."""
        self.findings.append(Finding(subject, sentence, True, tuple(steps), field))

    def warn(self, subject: Subject, sentence: str, *, steps: Iterable[StepRef] = (), field: str = "") -> None:
        """Note what is worth a look."""
        self.findings.append(Finding(subject, sentence, False, tuple(steps), field))


Check = Callable[[Preflight, Revision], None]

_further_checks: list[Check] = []


def register(check: Check) -> None:
    """Have `check`, of an app above, add its warnings from now on."""
    if check not in _further_checks:
        _further_checks.append(check)


def preflight(revision: Revision, *, beside: Collection[str] = (), only_blockers: bool = False) -> Preflight:
    """Check a draft as it is now: its text and the people who would have to decide.

    `beside` are the codes that will be in force together with it: references to them lead somewhere. `only_blockers`
    leaves out what is advice in any case, for the submission itself, which nobody reads.
    """
    result = Preflight(content=read_content(revision), route=route_for(revision.procedure))
    for hint in draft_hints(result.content):
        result.findings.append(Finding(Subject.TEXT, hint.sentence, hint.must, hint.steps, hint.field))
    _check_date(result, revision)
    _check_source(result, revision)
    if not only_blockers:
        for hint in advice_hints(advice_on(revision, result.content).given):
            result.findings.append(Finding(Subject.WRITING, hint.sentence, hint.must, hint.steps, hint.field))
        _check_links(result, beside)
        _check_deviations(result, revision)
        for check in _further_checks:
            check(result, revision)
    _check_people(result, revision)
    return result


def _check_date(result: Preflight, revision: Revision) -> None:
    """Nobody approves for a day that has passed."""
    if revision.effective_on is not None and revision.effective_on < today():
        day = date_format(revision.effective_on, "DATE_FORMAT")
        sentence = _("The day from which it should be in force has passed: %(day)s.") % {"day": day}
        result.block(Subject.TEXT, sentence, field="effective_on")


def _check_links(result: Preflight, beside: Collection[str]) -> None:
    """References that lead nowhere, which may be mended by publishing what they lead to."""
    numbers = {step["uid"]: step["number"] for step in result.content["steps"]}
    places: dict[str, list[StepRef]] = {}
    for uid, code in references_in(result.content):
        steps = places.setdefault(code, [])
        if uid is not None:
            steps.append(StepRef(numbers[uid], uid))
    for code in (result.content["code"], *beside):
        places.pop(code, None)
    for code, why in sorted(why_broken(places).items()):
        result.warn(Subject.LINKS, sentence_of(code, why), steps=places[code])


def _check_source(result: Preflight, revision: Revision) -> None:
    """A translation says everything that its original said when it was taken into account; what has moved on since
    is said, and does not stand in the way."""
    base = content_of_source(revision)
    if base is None:
        return
    if revision.procedure.translation_of_id:
        theirs = {step["uid"]: step for step in base["steps"]}
        steps = [step for step in result.content["steps"] if step["uid"] in theirs]
        gaps = [StepRef(step["number"], step["uid"]) for step in steps if missing_texts(theirs[step["uid"]], step)]
        if gaps:
            numbers = ", ".join(str(step.number) for step in gaps)
            sentence = ngettext(
                "Step %(numbers)s is not translated yet.", "Steps %(numbers)s are not translated yet.", len(gaps)
            )
            result.block(Subject.SOURCE, sentence % {"numbers": numbers}, steps=gaps)
        lists = {
            "tools": _("The original names more tools than this text."),
            "records": _("The original names more records than this text."),
            "benchmarks": _("The original names more benchmarks than this text."),
        }
        for name, sentence in lists.items():
            if len(base[name]) > len(result.content[name]):
                result.warn(Subject.SOURCE, sentence, field=name)
    source = Revision.objects.lasting(today()).filter(procedure=source_of(revision.procedure)).first()
    if source is None:
        return
    if count := len(following_of(revision, source).points):
        sentence = ngettext(
            "%(count)d change of the text that this one follows is not settled.",
            "%(count)d changes of the text that this one follows are not settled.",
            count,
        )
        result.warn(Subject.SOURCE, sentence % {"count": count})


def _check_deviations(result: Preflight, revision: Revision) -> None:
    """Temporary deviations from steps of the text in force, which end when this one takes its place."""
    numbers = {step["uid"]: step["number"] for step in result.content["steps"]}
    standing = Deviation.objects.standing(today()).filter(revision__procedure=revision.procedure_id)
    for row in standing.select_related("department").order_by("step_number", "pk"):
        number = numbers.get(str(row.step))
        if row.state == DeviationState.ASKED:
            sentence = _("%(department)s asks for a temporary deviation from step %(number)d, until %(day)s.")
        else:
            sentence = _("%(department)s deviates from step %(number)d until %(day)s, unless this text ends it before.")
        told = {"department": row.department.name, "number": number or row.step_number, "day": date_format(row.ends)}
        steps = [StepRef(number, str(row.step))] if number else []
        result.warn(Subject.TEXT, sentence % told, steps=steps)


def _check_people(result: Preflight, revision: Revision) -> None:
    result.stages = stages_of_route(revision, result.route)
    if not result.stages:
        result.block(Subject.PEOPLE, _("No approval route fits this procedure. Ask an administrator to add one."))
    for check in result.stages:
        if check.problem:
            result.block(Subject.PEOPLE, check.problem)
        for sentence in check.warnings:
            result.warn(Subject.PEOPLE, sentence)
        _check_second_factor(result, check)


def _check_second_factor(result: Preflight, check: StageCheck) -> None:
    """Who must still set up an app before they can sign where a code is asked for."""
    if not (check.stage.needs_signature and check.stage.needs_second_factor):
        return
    for person in people_without_code_app(check.deciders):
        sentence = _("Stage “%(stage)s”: %(name)s must set up an app for codes before they can sign.")
        result.warn(Subject.PEOPLE, sentence % {"stage": check.stage.name, "name": person})


def stages_of_route(revision: Revision, route: Route | None) -> list[StageCheck]:
    """The stages of `route` with the people who could decide on `revision` today, and those who wrote it."""
    if route is None:
        return []
    stages = list(route.stages.prefetch_related("slots__role", "slots__person"))
    wrote = set(revision.contributors.values_list("pk", flat=True))
    return check_stages(stages, revision.procedure, wrote=wrote)
