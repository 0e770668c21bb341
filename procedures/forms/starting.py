"""Beginning a procedure, and the templates that it may begin with."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from procedures.forms.procedures import NewProcedureForm
from procedures.models import InventoryTask, ProcedureTemplate, Revision
from roles.forms import ActionForm
from roles.models import User


class TemplateField(forms.ModelChoiceField):
    """Templates by name and language; their texts are not read for the list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ProcedureTemplate.objects.none(), required=False, **kwargs)

    def label_from_instance(self, obj: ProcedureTemplate) -> str:
        return f"{obj.name} ({obj.language})"


class StartForm(NewProcedureForm):
    """The facts of a new procedure, filled in as far as its beginning says them."""

    template = TemplateField(
        label=_("Begins with"),
        empty_label=_("A blank page"),
        error_messages={"invalid_choice": _("This template is no longer offered. Choose another one.")},
    )

    field_order = ("template", "title", "kind", "department", "code", "category", "language", "owner", "risk")

    def __init__(
        self,
        *args: Any,
        owner: User,
        template: ProcedureTemplate | None = None,
        source: Revision | None = None,
        task: InventoryTask | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, owner=owner, **kwargs)
        self.offer("template", ProcedureTemplate.objects.filter(is_active=True))
        if source is not None:
            del self.fields["template"]
            self.initial.update(_facts_of(source))
        if template is not None:
            self.initial.update(template=template.pk, kind=template.kind, language=template.language)
        if task is not None:
            self.initial.update(title=task.title)


def _facts_of(source: Revision) -> dict[str, Any]:
    """What a copy has in common with its source until somebody says otherwise. Who reads the source reads the copy."""
    procedure = source.procedure
    return {
        "title": source.title,
        "language": source.language,
        "category": source.category_id,
        "kind": procedure.kind,
        "risk": procedure.risk,
        "audience": procedure.audience,
        "audience_departments": procedure.audience_departments.all(),
        "audience_roles": procedure.audience_roles.all(),
    }


class TemplateForm(ActionForm):
    """What is said of a template, and whether authors are offered it."""

    class Meta:
        model = ProcedureTemplate
        fields = ("name", "description", "is_active")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class NewTemplateForm(forms.Form):
    """A procedure's text on its way to the templates: as a new one, or in the place of one that exists."""

    replaces = TemplateField(
        label=_("Save as"),
        empty_label=_("A new template"),
        help_text=_("A template that is replaced keeps its name. Procedures that began with it stay as they are."),
    )
    name = ProcedureTemplate._meta.get_field("name").formfield(required=False)
    description = ProcedureTemplate._meta.get_field("description").formfield(
        required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["replaces"]).queryset = ProcedureTemplate.objects.defer("content")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("replaces") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Give the new template a name."))
        return data
