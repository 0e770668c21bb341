"""What stands in the way of a submission, said before it instead of discovered after."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procedures.advising import advice_hints, advice_on
from procedures.content import read_content
from procedures.drafting import draft_hints
from procedures.links import sentence_of, why_broken
from procedures.models import Revision, Route
from procedures.queries import route_for
from procedures.references import references_in
from procedures.relatives import content_of_source, following_of, missing_texts, source_of
from procedures.routes.deciding import check_stages
from roles.models import User
from roles.queries import today


@dataclass(slots=True)
class Preflight:
    """`blockers` must be mended before submitting; `warnings` are worth a look. One sentence each.

    `deciders` lists (name of the stage, people who can decide in it). `content` and `route` are what was checked, so
    that a submission freezes exactly that.
    """

    content: dict
    route: Route | None
    blockers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    deciders: list[tuple[str, list[User]]] = field(default_factory=list)

    @property
    def is_clear(self) -> bool:
        return not self.blockers


def preflight(revision: Revision) -> Preflight:
    """Check a draft as it is now: its text and the people who would have to decide."""
    result = Preflight(content=read_content(revision), route=route_for(revision.procedure))
    hints = [*draft_hints(result.content), *advice_hints(advice_on(revision, result.content).given)]
    for hint in hints:
        (result.blockers if hint.must else result.warnings).append(hint.sentence)
    _check_source(result, revision)
    _check_links(result)
    _check_people(result, revision)
    return result


def _check_links(result: Preflight) -> None:
    """References that lead nowhere, which may be mended by publishing what they lead to."""
    codes = {code for _uid, code in references_in(result.content)} - {result.content["code"]}
    result.warnings += [sentence_of(code, why) for code, why in sorted(why_broken(codes).items())]


def _check_source(result: Preflight, revision: Revision) -> None:
    """A translation says everything that its original said when it was taken into account; what has moved on since
    is said, and does not stand in the way."""
    base = content_of_source(revision)
    if base is None:
        return
    if revision.procedure.translation_of_id:
        theirs = {step["uid"]: step for step in base["steps"]}
        steps = [step for step in result.content["steps"] if step["uid"] in theirs]
        gaps = [step["number"] for step in steps if missing_texts(theirs[step["uid"]], step)]
        if gaps:
            numbers = ", ".join(map(str, gaps))
            sentence = ngettext(
                "Step %(numbers)s is not translated yet.", "Steps %(numbers)s are not translated yet.", len(gaps)
            )
            result.blockers.append(sentence % {"numbers": numbers})
        lists = {
            "tools": _("The original names more tools than this text."),
            "records": _("The original names more records than this text."),
            "benchmarks": _("The original names more benchmarks than this text."),
        }
        result.warnings += [sentence for name, sentence in lists.items() if len(base[name]) > len(result.content[name])]
    source = Revision.objects.in_force(today()).filter(procedure=source_of(revision.procedure)).first()
    if source is None:
        return
    if count := len(following_of(revision, source).points):
        sentence = ngettext(
            "%(count)d change of the text that this one follows is not settled.",
            "%(count)d changes of the text that this one follows are not settled.",
            count,
        )
        result.warnings.append(sentence % {"count": count})


def _check_people(result: Preflight, revision: Revision) -> None:
    procedure, route = revision.procedure, result.route
    stages = list(route.stages.prefetch_related("slots__role", "slots__person")) if route else []
    if not stages:
        result.blockers.append(_("No approval route fits this procedure. Ask an administrator to add one."))
        return
    contributors = set(revision.contributors.values_list("pk", flat=True))
    for check in check_stages(stages, procedure, wrote=contributors):
        result.deciders.append((check.stage.name, check.deciders))
        if check.problem:
            result.blockers.append(check.problem)
