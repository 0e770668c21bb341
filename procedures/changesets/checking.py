"""What stands in the way of submitting several drafts as one change set."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from procedures.models import Revision, Route, SlotKind
from procedures.preflight import Preflight, preflight
from procedures.routes.deciding import check_stages

FEWEST, MOST = 2, 20


@dataclass(slots=True)
class SetCheck:
    """The pre-flight of every draft, and in `problems` what is in the way of the set as a whole."""

    checks: list[tuple[Revision, Preflight]]
    problems: list[str] = field(default_factory=list)

    @property
    def blockers(self) -> list[str]:
        """Everything that must be mended, that of one draft with its code."""
        own = [f"{draft.procedure.code}: {why}" for draft, check in self.checks for why in check.blockers]
        return [*self.problems, *own]

    @property
    def is_clear(self) -> bool:
        return not self.blockers


def as_submitted(
    drafts: Iterable[Revision], *, change_summary: str, effective_on: datetime.date | None
) -> list[Revision]:
    """`drafts`, not saved, with what they would be given on submission: for a check before it."""
    result = list(drafts)
    for draft in result:
        draft.effective_on = effective_on
        draft.change_summary = draft.change_summary.strip() or change_summary
    return result


def check_set(drafts: Sequence[Revision]) -> SetCheck:
    """Check `drafts` one by one, links among them counting as good, and whether the same people decide on all."""
    codes = frozenset(draft.procedure.code for draft in drafts)
    result = SetCheck([(draft, preflight(draft, beside=codes)) for draft in drafts])
    if not FEWEST <= len(drafts) <= MOST:
        limits = {"fewest": FEWEST, "most": MOST}
        result.problems.append(_("A change set has %(fewest)d to %(most)d drafts.") % limits)
        return result
    routes = [check.route for _draft, check in result.checks]
    route = routes[0]
    if route is None or None in routes:
        return result  # said in the pre-flight of the draft
    if any(other != route for other in routes):
        named = ", ".join(f"{draft.procedure.code} ({check.route})" for draft, check in result.checks)
        sentence = _("One signature needs one route, and these drafts take different ones: %(drafts)s.")
        result.problems.append(sentence % {"drafts": named})
        return result
    result.problems += _different_holders(drafts, route) or _nobody_for_all(drafts, route)
    return result


def _different_holders(drafts: Sequence[Revision], route: Route) -> list[str]:
    """The route is one, but heads and owners are other people from procedure to procedure."""
    kinds = set(route.stages.values_list("slots__kind", flat=True))
    problems = []
    if SlotKind.HEAD in kinds and len({draft.procedure.department.head_id for draft in drafts}) > 1:
        named = ", ".join(f"{draft.procedure.code} ({draft.procedure.department.head or '–'})" for draft in drafts)
        problems.append(_("The head of department decides, and it is not the same: %(drafts)s.") % {"drafts": named})
    if SlotKind.OWNER in kinds and len({draft.procedure.owner_id for draft in drafts}) > 1:
        named = ", ".join(f"{draft.procedure.code} ({draft.procedure.owner})" for draft in drafts)
        problems.append(_("The owner decides, and it is not the same: %(drafts)s.") % {"drafts": named})
    return problems


def _nobody_for_all(drafts: Sequence[Revision], route: Route) -> list[str]:
    """Who wrote one of the texts cannot sign the set: the stages as they look without all these people."""
    wrote = set(Revision.contributors.through.objects.filter(revision__in=drafts).values_list("user_id", flat=True))
    stages = list(route.stages.prefetch_related("slots__role", "slots__person"))
    return [check.problem for check in check_stages(stages, drafts[0].procedure, wrote=wrote) if check.problem]
