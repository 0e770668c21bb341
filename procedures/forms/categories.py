"""The forms of one category: its name and where it stands, and into which other one it goes."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from procedures.browsing.categories import forest_of, nodes_of
from procedures.models import Category
from roles.forms import ActionForm


class IndentedChoice(forms.ModelChoiceField):
    """A category out of the tree, each level set in."""

    def label_from_instance(self, obj: Category) -> str:
        return f"{'– ' * (self.depths.get(obj.pk, 1) - 1)}{obj.name}"

    def offer(self, *, without: Category | None) -> None:
        """Let all categories be chosen but `without` and those below it, in the order of the tree."""
        nodes = list(nodes_of(forest_of()))
        hidden = {node.category.pk for above in nodes if above.category == without for node in above.walk()}
        shown = [node for node in nodes if node.category.pk not in hidden]
        self.depths = {node.category.pk: node.depth for node in shown}
        self.queryset = Category.objects.filter(pk__in=self.depths)
        labels = [(node.category.pk, self.label_from_instance(node.category)) for node in shown]
        self.choices = [("", self.empty_label or ""), *labels]


class CategoryForm(ActionForm):
    parent = IndentedChoice(
        Category.objects.none(), label=_("Stands below"), required=False, empty_label=_("Nothing: at the top")
    )

    class Meta:
        model = Category
        fields = ["name", "parent"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.CharField, self.fields["name"]).widget.attrs["autocomplete"] = "off"
        cast(IndentedChoice, self.fields["parent"]).offer(without=self.instance if self.instance.pk else None)


class MergeForm(forms.Form):
    into = IndentedChoice(Category.objects.none(), label=_("Merge into"), empty_label=_("Choose a category"))

    def __init__(self, *args: Any, category: Category, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(IndentedChoice, self.fields["into"]).offer(without=category)
