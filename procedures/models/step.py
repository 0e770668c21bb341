"""One action or decision of a revision. Its uid stays the same from revision to revision."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class StepKind(models.TextChoices):
    ACTION = "action", _("Action")
    DECISION = "decision", _("Decision")
    NOTICE = "notice", _("Notice or warning")
    CHECKLIST = "checklist", _("Checklist")
    SUBPROCEDURE = "subprocedure", _("Another procedure")


class DueUnit(models.TextChoices):
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WORKING_DAYS = "working_days", _("working days")
    WEEKS = "weeks", _("weeks")


class Evidence(models.TextChoices):
    """What somebody who carries the step out leaves behind as proof."""

    NONE = "none", _("Nothing")
    NOTE = "note", _("A note")
    NUMBER = "number", _("A number")
    FILE = "file", _("A file")
    PHOTO = "photo", _("A photo")


END = "end"
"""Branch target: the procedure ends here."""


class Step(models.Model):
    """A step. `branches` is a list of `{"label": str, "target": uid of a step | "end" | ""}`, which counts for
    decisions only; `items` a list of texts, which counts for checklists only: both outlive a change of the kind, so
    that nothing written is lost. `subprocedure` is set for steps of that kind only.

    `version` counts its saves: two people who edit different steps never meet, two who edit one step get a choice.
    `due_after` counts from the start of the work. `source_hash` belongs to variants and translations: the
    `content.step_hash` of the parent's or original's step with which this one was compared last.
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="steps")
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(_("kind of step"), max_length=12, choices=StepKind, default=StepKind.ACTION)
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
    items = models.JSONField(_("items"), default=list, blank=True)
    subprocedure = models.ForeignKey(
        "procedures.Procedure",
        verbose_name=_("procedure to carry out"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    hold = models.BooleanField(_("nobody goes on until it is done"), default=False)
    due_after = models.PositiveSmallIntegerField(
        _("done within"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1_000)]
    )
    due_unit = models.CharField(_("unit of the deadline"), max_length=12, choices=DueUnit, default=DueUnit.DAYS)
    tool = models.CharField(_("tool or system"), max_length=120, blank=True)
    record = models.CharField(_("record or form"), max_length=160, blank=True)
    evidence = models.CharField(_("proof wanted"), max_length=6, choices=Evidence, default=Evidence.NONE)
    evidence_name = models.CharField(_("how the proof is named"), max_length=200, blank=True)
    source_hash = models.CharField(max_length=64, blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["revision", "position"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["revision", "uid"], name="procedures_step_uid_unique"),
            models.CheckConstraint(condition=models.Q(kind__in=StepKind.values), name="procedures_step_kind_known"),
            models.CheckConstraint(condition=models.Q(position__gt=0), name="procedures_step_position_positive"),
            models.CheckConstraint(
                condition=models.Q(due_unit__in=DueUnit.values), name="procedures_step_due_unit_known"
            ),
            models.CheckConstraint(
                condition=models.Q(evidence__in=Evidence.values), name="procedures_step_evidence_known"
            ),
            models.CheckConstraint(
                condition=models.Q(subprocedure=None) | models.Q(kind=StepKind.SUBPROCEDURE),
                name="procedures_step_subprocedure_kind",
            ),
        ]
        indexes = [models.Index(fields=["revision", "position"], name="procedures_step_order")]

    def __str__(self) -> str:
        return f"{self.position}. {self.title}"

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written in it yet."""
        texts = (self.title, self.body, self.expected, self.warning, self.tool, self.record, self.evidence_name)
        return not any((*texts, self.branches, self.items, self.subprocedure_id))
