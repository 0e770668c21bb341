"""One action or decision of a revision. Its uid stays the same from revision to revision."""

import uuid

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class StepKind(models.TextChoices):
    ACTION = "action", _("Action")
    DECISION = "decision", _("Decision")
    HOLD = "hold", _("Hold point: nobody goes on until it is done")


END = "end"
"""Branch target: the procedure ends here."""


class Step(models.Model):
    """A step. `branches` is a list of `{"label": str, "target": uid of a step | "end" | ""}`, for decisions only.

    `version` counts its saves: two people who edit different steps never meet, two who edit one step get a choice.
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="steps")
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(_("kind of step"), max_length=8, choices=StepKind, default=StepKind.ACTION)
    section = models.CharField(_("section"), max_length=200, blank=True)
    title = models.CharField(_("what to do"), max_length=200, blank=True)
    body = models.TextField(_("how to do it"), blank=True)
    expected = models.TextField(_("what one should see"), blank=True)
    warning = models.TextField(_("warning"), blank=True)
    role = models.ForeignKey(
        "roles.Role", verbose_name=_("who does it"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    minutes = models.PositiveIntegerField(
        _("time target in minutes"), null=True, blank=True, validators=[MaxValueValidator(10_000)]
    )
    branches = models.JSONField(_("branches"), default=list, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["revision", "position"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["revision", "uid"], name="procedures_step_uid_unique"),
            models.CheckConstraint(condition=models.Q(kind__in=StepKind.values), name="procedures_step_kind_known"),
            models.CheckConstraint(condition=models.Q(position__gt=0), name="procedures_step_position_positive"),
        ]
        indexes = [models.Index(fields=["revision", "position"], name="procedures_step_order")]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"
