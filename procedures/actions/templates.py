"""Texts to begin with: made out of procedures, described, hidden and brought back by administrators."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import names, trail
from procedures.actions.drafts import clean
from procedures.content import revision_content
from procedures.models import ProcedureTemplate, Revision
from procedures.permissions import can_view, manages_templates
from procedures.starting import built_in_templates
from roles.errors import NotValid
from roles.models import User
from sopdesk.lib.errors import Missing, NotPermitted, Refused
from sopdesk.lib.merging import settle

CHANGEABLE = ("name", "description", "is_active")


@transaction.atomic
def save_as_template(source: Revision, *, actor: User, name: str, description: str = "") -> ProcedureTemplate:
    """Make a template out of the text of `source`, as it is now.

    Raises NotPermitted, Missing when `actor` may not read `source`, NotValid for a name that is taken.
    """
    template = ProcedureTemplate(name=name, description=description, created_by=actor)
    _fill(template, source, actor)
    _store(template, ("name", "description"))
    trail.record(names.TEMPLATE_ADD, actor=actor, subject=template, data={"name": name, "from": str(source)})
    return template


@transaction.atomic
def replace_template(template: ProcedureTemplate, source: Revision, *, actor: User) -> ProcedureTemplate:
    """Put the text of `source` in the place of the template's own; name and description stay.

    Raises NotPermitted, and Missing when `actor` may not read `source`.
    """
    template = ProcedureTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    _fill(template, source, actor)
    _store(template, ())
    trail.record(names.TEMPLATE_REPLACE, actor=actor, subject=template, data={"from": str(source)})
    return template


@transaction.atomic
def change_template(
    template: ProcedureTemplate, *, actor: User, fields: dict[str, Any], base: Mapping[str, str] | None = None
) -> ProcedureTemplate:
    """Rename or describe a template, hide it or offer it again; what somebody else saved since the page of `base`
    stays. Raises NotPermitted, BothChanged where both changed the same, and NotValid for a name that is taken."""
    _check(actor)
    template = ProcedureTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    before = {name: getattr(template, name) for name in CHANGEABLE if name in fields}
    offered = {name: fields[name] for name in before}
    taken = settle(offered=offered, stored=before, base=base, saved_by=partial(trail.saver_of, template))
    changes = {
        name: {"old": before[name], "new": value} for name, value in taken.items() if before[name] != value
    }  # fmt: skip
    if not changes:
        return template
    for name, change in changes.items():
        setattr(template, name, change["new"])
    _store(template, tuple(changes))
    trail.record(names.TEMPLATE_CHANGE, actor=actor, subject=template, data=changes)
    return template


@transaction.atomic
def restore_template(template: ProcedureTemplate, *, actor: User) -> ProcedureTemplate:
    """Give a built-in template the text that came with sopdesk. Raises NotPermitted, Refused for others."""
    _check(actor)
    template = ProcedureTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    built_in = next((row for row in built_in_templates() if row["key"] == template.key), None)
    if built_in is None:
        raise Refused(_("This template did not come with sopdesk."))
    template.content, template.kind, template.language = built_in["content"], built_in["kind"], built_in["language"]
    _store(template, ())
    trail.record(names.TEMPLATE_REPLACE, actor=actor, subject=template, data={"from": f"sopdesk: {template.key}"})
    return template


def load_built_in_templates() -> int:
    """Add the templates that came with sopdesk and are not there yet; returns how many. What administrators have
    changed or hidden stays as it is."""
    present = set(ProcedureTemplate.objects.exclude(key=None).values_list("key", flat=True))
    new = [ProcedureTemplate(**row) for row in built_in_templates() if row["key"] not in present]
    ProcedureTemplate.objects.bulk_create(new)
    return len(new)


def _check(actor: User) -> None:
    if not manages_templates(actor):
        raise NotPermitted(_("Only administrators change templates."))


def _fill(template: ProcedureTemplate, source: Revision, actor: User) -> None:
    _check(actor)
    if not can_view(actor, source):
        raise Missing()
    content = revision_content(source)
    # What belongs to that one procedure and that one revision is not part of the template.
    own = {"code": "", "number": 1, "title": "", "change_summary": "", "significance": "major", "source": None}
    template.content = {**content, **own}
    template.kind, template.language = content["kind"], content["language"]


def _store(template: ProcedureTemplate, changed: tuple[str, ...]) -> None:
    clean(template, changed)
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        raise NotValid({"name": [_("There is a template of this name in this language already.")]}) from error
