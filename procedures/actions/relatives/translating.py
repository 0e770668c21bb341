"""Saving the texts of a translation, beside the original that was shown."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from procedures.actions import drafts, steps
from procedures.actions.relatives.copying import STRUCTURE, pairs_of
from procedures.actions.relatives.following import catch_up, note
from procedures.content import revision_content, step_hash
from procedures.models import Revision, Step
from procedures.permissions import get_source_for
from procedures.relatives import DETAILS, value_hash
from roles.models import User
from sopdesk.lib.errors import Refused


@transaction.atomic
def save_translated_step(
    step: Step,
    *,
    actor: User,
    version: int,
    texts: Mapping[str, object],
    labels: Sequence[str],
    number: int,
    is_checked: bool,
) -> Step:
    """Save the texts of one step of a translation; `labels` are those of its branches.

    is_checked: revision `number` of the original, which was shown beside it, is taken into account. The step then also
    gets what is not text from there: role, minutes, branches and so on. Raises what `steps.save_step` raises.
    """
    draft = drafts.lock_draft(step.revision, actor=actor)
    shown = _shown_source(draft, actor, number)
    theirs = shown.steps.filter(uid=step.uid).first()
    branches = theirs.branches if theirs else step.branches
    fields = {
        **texts,
        "branches": [
            {"label": label, "target": branch["target"]} for label, branch in zip(labels, branches, strict=False)
        ],
    }
    letters = None
    if is_checked:
        fields["source_hash"] = ""
        if theirs:
            hashes = {row["uid"]: step_hash(row) for row in revision_content(shown)["steps"]}
            fields |= {name: getattr(theirs, name) for name in STRUCTURE if name not in ("uid", "position")}
            fields["source_hash"] = hashes[str(step.uid)]
            letters = pairs_of(theirs)
    saved = steps.save_step(step, actor=actor, version=version, fields=fields, responsibilities=letters)
    catch_up(draft, actor=actor)
    return saved


@transaction.atomic
def save_translated_details(
    revision: Revision, *, actor: User, version: int, fields: Mapping[str, object], number: int, is_checked: bool
) -> Revision:
    """Save the texts of a translation outside its steps; `is_checked` and `number` as for a step."""
    draft = drafts.save_draft(revision, actor=actor, version=version, fields=fields)
    if is_checked:
        content = revision_content(_shown_source(draft, actor, number))
        note(draft, actor=actor, settled={name: value_hash(content[name]) for name in DETAILS})
    catch_up(draft, actor=actor)
    return draft


def _shown_source(draft: Revision, actor: User, number: int) -> Revision:
    """The revision of the original that was shown: the one in force, or one since that which the draft follows."""
    source = get_source_for(actor, draft.procedure)
    if number == source.number:
        return source
    followed = draft.source.number if draft.source else number
    shown = Revision.objects.filter(procedure=source.procedure, number=number).exclude(content=None).first()
    if shown is None or not followed <= number < source.number:
        raise Refused(_("The original that you were shown is not one of this text."))
    return shown
