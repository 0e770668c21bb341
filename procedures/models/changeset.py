"""Change sets: rounds on several procedures that are decided on together and put in force together."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ChangeSet(models.Model):
    """What was submitted together under one name. It has no state of its own: its rounds always share one outcome.

    `manifest_hash` is the SHA-256 of its manifest (see `procedures.changesets.manifest`); every signature in it is
    over that too.
    """

    name = models.CharField(_("name"), max_length=120)
    manifest_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("change-set", args=[self.pk])


class ChangeSetItem(models.Model):
    """A round that belongs to a change set; written on submission, never changed."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, related_name="items")
    round = models.OneToOneField("procedures.Round", on_delete=models.PROTECT, related_name="set_item")

    class Meta:
        ordering = ["change_set", "pk"]
        verbose_name = _("round of a change set")
        verbose_name_plural = _("rounds of change sets")

    def __str__(self) -> str:
        return f"{self.change_set}: {self.round}"
