"""Forms of variants and translations: starting one, deciding on a change of the source, the texts of a translation."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procedures.forms.drafts import field_of, markdown_field
from procedures.forms.procedures import AudienceForm
from procedures.models import Audience, Procedure, Revision, Step
from procedures.queries import next_code
from procedures.relatives import STEP_TEXTS, PointKind
from roles.models import Department, User

LANGUAGES = ("en", "fr", "de", "es", "it", "nl", "pt", "pl", "da", "fi", "no", "ro", "sv", "cs", "el", "hu", "tr", "ar")
"""Languages that are offered for a translation: the two of the interface first."""


class RelativeForm(AudienceForm):
    """What a variant or translation begins with; readers and risk start as those of the text that it follows."""

    title = field_of(Revision, "title")
    department = forms.ModelChoiceField(Department.objects.none(), label=_("Department"), empty_label=None)
    code = field_of(
        Procedure, "code", required=False, help_text=_("The next free code is suggested. A code is never given twice.")
    )

    field_order: Sequence[str] | None = ("title", "department", "code", "owner", "risk")

    def __init__(
        self, *args: Any, source: Revision, departments: Sequence[Department], owner: User, **kwargs: Any
    ) -> None:
        procedure, first = source.procedure, departments[0]
        readers = set(procedure.audience_departments.all())
        if procedure.audience == Audience.DEPARTMENTS:
            readers.add(first)
        initial = {
            "owner": owner,
            "department": first,
            "risk": procedure.risk,
            "audience": procedure.audience,
            "audience_departments": readers,
            "audience_roles": procedure.audience_roles.all(),
            **kwargs.pop("initial", {}),
        }
        super().__init__(*args, initial=initial, **kwargs)
        del self.fields["kind"]
        self.source = source
        self.offer("department", Department.objects.filter(pk__in=[department.pk for department in departments]))

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if not data.get("code") and "code" not in self.errors and isinstance(data.get("department"), Department):
            data["code"] = self.suggested_code(data)
        return data

    def suggested_code(self, data: dict[str, Any]) -> str:
        return next_code(data["department"])


class VariantForm(RelativeForm):
    def __init__(self, *args: Any, source: Revision, departments: Sequence[Department], **kwargs: Any) -> None:
        initial = {"title": source.title, "code": next_code(departments[0])}
        super().__init__(*args, source=source, departments=departments, initial=initial, **kwargs)


class TranslationForm(RelativeForm):
    """`taken`: the languages that the set has already."""

    language = forms.ChoiceField(label=_("Language"))

    field_order = ("language", "title", "department", "code", "owner", "risk")

    def __init__(self, *args: Any, source: Revision, taken: set[str], owner: User, **kwargs: Any) -> None:
        free = [code for code in LANGUAGES if code not in taken]
        initial = {"language": owner.language if owner.language in free else free[0]}
        super().__init__(*args, source=source, owner=owner, initial=initial, **kwargs)
        own = dict(settings.LANGUAGES)
        names = [(code, own.get(code) or LANG_INFO[code]["name_local"].capitalize()) for code in free]
        cast("forms.ChoiceField", self.fields["language"]).choices = names
        self.fields["title"].help_text = gettext("In the new language, as people would look for it.")
        self.fields["code"].help_text = gettext("Left empty, it is the code of the original with the language added.")

    def suggested_code(self, data: dict[str, Any]) -> str:
        code = f"{self.source.procedure.code}-{data['language'].upper()}" if data.get("language") else ""
        is_free = code and not Procedure.objects.filter(code=code).exists()
        fits = len(code) <= cast("int", Procedure._meta.get_field("code").max_length)
        return code if is_free and fits else next_code(data["department"])


class SettleForm(forms.Form):
    """One decision on one point; `choice` is "note" when nothing is open and the new revision is only to be noted."""

    number = forms.IntegerField(min_value=1)
    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in PointKind], required=False)
    key = forms.CharField(max_length=64, required=False)
    choice = forms.ChoiceField(choices=[(name, name) for name in ("take", "keep", "note")])
    version = forms.IntegerField(min_value=1, required=False)
    reason = forms.CharField(max_length=500, required=False)


class ReasonForm(forms.Form):
    """Why a step of the parent is not in a variant."""

    uid = forms.UUIDField()
    reason = forms.CharField(max_length=500, required=False)


# Translating -------------------------------------------------------------------------------------------------


class TranslationTextForm(forms.Form):
    """What both forms of the translation editor share. `number` is the revision of the original that was shown."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    number = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    is_checked = forms.BooleanField(label=_("I have taken the original into account"), required=False)


class TranslatedStepForm(TranslationTextForm):
    """The texts of one step; only fields in which the original or the translation says something are there.

    `labels` of the branches come one by one, in the order of the original.
    """

    title = field_of(Step, "title", required=False)
    section = field_of(Step, "section")
    body = markdown_field(Step, "body", rows=5)
    items = forms.CharField(
        label=_("Items"), required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("One in each line.")
    )
    warning = markdown_field(Step, "warning", rows=2)
    expected = markdown_field(Step, "expected", rows=2)
    tool = field_of(Step, "tool")
    record = field_of(Step, "record")
    evidence_name = field_of(Step, "evidence_name")

    ALWAYS = ("title", "body")

    def __init__(self, *args: Any, source: dict | None, own: dict, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*STEP_TEXTS, "items"):
            if name not in self.ALWAYS and not own[name] and not (source and source[name]):
                del self.fields[name]
        self.branches = (source or own)["branches"]
        labels = [branch["label"] for branch in own["branches"]]
        for place, branch in enumerate(self.branches):
            self.fields[f"label-{place}"] = forms.CharField(
                label=gettext("Branch “%(label)s”") % {"label": branch["label"]},
                max_length=120,
                required=False,
                initial=labels[place] if place < len(labels) else "",
            )

    @staticmethod
    def initial_of(own: dict) -> dict[str, object]:
        return {**{name: own[name] for name in STEP_TEXTS}, "items": "\n".join(own["items"])}

    @property
    def texts(self) -> dict[str, object]:
        """The cleaned texts in the shape that `save_translated_step` takes, labels apart."""
        texts = {name: self.cleaned_data[name] for name in STEP_TEXTS if name in self.fields}
        if "items" in self.fields:
            lines = (line.strip() for line in self.cleaned_data["items"].splitlines())
            texts["items"] = [line for line in lines if line]
        return texts

    @property
    def labels(self) -> list[str]:
        return [self.cleaned_data[f"label-{place}"] for place in range(len(self.branches))]

    def shown(self) -> list[forms.BoundField]:
        """The fields of the text, in the order in which a step is read."""
        order = ["title", "section", "body", "items", "warning", "expected", "tool", "record", "evidence_name"]
        order += [f"label-{place}" for place in range(len(self.branches))]
        return [self[name] for name in order if name in self.fields]


class TranslatedDetailsForm(TranslationTextForm):
    """The texts outside the steps."""

    title = field_of(Revision, "title")
    purpose = markdown_field(Revision, "purpose")
    scope = markdown_field(Revision, "scope")
    outcome = markdown_field(Revision, "outcome")
    trigger = field_of(Revision, "trigger", label=_("What starts it"))
    prerequisites = markdown_field(Revision, "prerequisites")
    definitions = markdown_field(Revision, "definitions")
    background = markdown_field(Revision, "background")
    references = markdown_field(Revision, "references")
    contact = field_of(Revision, "contact")

    TEXTS = (
        "title", "purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references",
        "contact",
    )  # fmt: skip

    def __init__(self, *args: Any, source: dict, own: dict, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.TEXTS:
            if name != "title" and not own[name] and not source[name]:
                del self.fields[name]

    @staticmethod
    def initial_of(own: dict) -> dict[str, object]:
        return {name: own[name] for name in TranslatedDetailsForm.TEXTS}

    @property
    def texts(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in self.TEXTS if name in self.fields}

    def shown(self) -> list[forms.BoundField]:
        return [self[name] for name in self.TEXTS if name in self.fields]
