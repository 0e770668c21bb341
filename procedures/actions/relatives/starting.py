"""Starting variants and translations: a draft with what it takes over from the text in force."""

from collections.abc import Iterable

from django.conf.locale import LANG_INFO
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from procedures.actions import drafts
from procedures.actions.relatives.copying import STRUCTURE, copies_of, letters_of
from procedures.content import revision_content, step_hash
from procedures.models import Attachment, Procedure, Responsibility, Revision, Step
from procedures.permissions import can_view
from procedures.states import OPEN_STATES, State
from roles.models import Department, Role, User
from roles.queries import today
from sopdesk.lib.errors import InvalidTransition, NotPermitted, Refused
from sopdesk.lib.history import written_by

LANGUAGE_LENGTH = 5


@transaction.atomic
def make_variant(
    source: Revision,
    *,
    actor: User,
    code: str,
    department: Department,
    owner: User,
    title: str,
    risk: str = "normal",
    audience: str = "everyone",
    audience_departments: Iterable[Department] = (),
    audience_roles: Iterable[Role] = (),
) -> Revision:
    """Start the variant of `source`, a revision in force, for `department`: a draft with its whole text.

    Raises NotPermitted for who may not read `source` or not write for the department, InvalidTransition when `source`
    is no longer in force, and Refused for a code that is taken or malformed.
    """
    source = _lock_source(source, actor)
    draft = drafts.create_procedure(
        actor=actor,
        code=code,
        kind=source.procedure.kind,
        department=department,
        owner=owner,
        title=title,
        language=source.language,
        category=source.category,
        risk=risk,
        audience=audience,
        audience_departments=audience_departments,
        audience_roles=audience_roles,
        variant_of=source.procedure,
    )
    copied = [name for name in drafts.COPIED_DETAILS if name not in ("title", "category", "language")]
    _follow(draft, source, copied, actor)
    drafts.copy_parts(source, draft)
    hashes = {step["uid"]: step_hash(step) for step in revision_content(source)["steps"]}
    for step in draft.steps.all():
        step.source_hash = hashes.get(str(step.uid), "")
        written_by(step, actor).save(update_fields=["source_hash"])
    return draft


@transaction.atomic
def start_translation(
    source: Revision,
    *,
    actor: User,
    language: str,
    code: str,
    department: Department,
    owner: User,
    title: str,
    risk: str = "normal",
    audience: str = "everyone",
    audience_departments: Iterable[Department] = (),
    audience_roles: Iterable[Role] = (),
) -> Revision:
    """Start the translation of `source`, a revision in force, into `language`: a draft with its steps, roles, branches
    and pictures, and without any of its texts.

    A translation of a translation belongs to the set of the original, and cannot be started. Raises Refused for a
    language that the set has already, and what `make_variant` raises.
    """
    source = _lock_source(source, actor)
    if source.procedure.translation_of_id:
        raise Refused(_("This is a translation itself. Translate the original."))
    if language in languages_of(source.procedure):
        raise Refused(_("There is a text in this language already."))
    if language not in LANG_INFO or len(language) > LANGUAGE_LENGTH:
        raise Refused(_("This language is not known."))
    draft = drafts.create_procedure(
        actor=actor,
        code=code,
        kind=source.procedure.kind,
        department=department,
        owner=owner,
        title=title,
        language=language,
        category=source.category,
        risk=risk,
        audience=audience,
        audience_departments=audience_departments,
        audience_roles=audience_roles,
        translation_of=source.procedure,
    )
    _follow(draft, source, ["frequency", "review_interval_months"], actor)
    Attachment.objects.bulk_create(copies_of(source.attachments.all(), draft))
    for row in source.steps.order_by("position"):
        step = Step(revision=draft, **{name: getattr(row, name) for name in STRUCTURE})
        step.branches = [{"label": "", "target": branch["target"]} for branch in row.branches]
        written_by(step, actor).save()
        Responsibility.objects.bulk_create(letters_of(row.responsibilities.all(), draft, step))
    Responsibility.objects.bulk_create(letters_of(source.responsibilities.filter(step=None), draft, None))
    return draft


def languages_of(original: Procedure) -> set[str]:
    """The languages of the set of `original`: its own and those of translations that are in force or on their way."""
    family = Q(procedure=original) | Q(procedure__translation_of=original)
    states = [*OPEN_STATES, State.PUBLISHED]
    return set(Revision.objects.filter(family, state__in=states).values_list("language", flat=True))


def _lock_source(source: Revision, actor: User) -> Revision:
    if not can_view(actor, source):
        raise NotPermitted(_("You may see this, but not do it."))
    Procedure.objects.select_for_update(of=("self",), no_key=True).get(pk=source.procedure_id)
    in_force = Revision.objects.lasting(today()).filter(pk=source.pk).select_related("procedure", "category").first()
    if in_force is None:
        raise InvalidTransition(
            _("This text is no longer in force. Begin with the current one."),
            target=source.procedure.get_absolute_url(),
        )
    return in_force


def _follow(draft: Revision, source: Revision, copied: Iterable[str], actor: User) -> None:
    for name in copied:
        setattr(draft, name, getattr(source, name))
    draft.source = source
    written_by(draft, actor).save(update_fields=[*copied, "source"])
