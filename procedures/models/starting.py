"""What a procedure begins with: the inventory's tasks, templates, documents that somebody brought along."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from procedures.models.procedure import Kind
from procedures.models.revision import Frequency

SCORE = [MinValueValidator(1), MaxValueValidator(5)]


class Origin(models.TextChoices):
    MANUAL = "manual", _("Entered here")
    IMPORT = "import", _("Imported")
    SEARCH = "search", _("From searches that found nothing")


class InventoryTask(models.Model):
    """A back-office task of a department, whether or not a procedure covers it. What its state is follows from
    `procedure` and `not_needed_reason`; nothing is stored twice."""

    department = models.ForeignKey(
        "roles.Department", verbose_name=_("department"), on_delete=models.PROTECT, related_name="tasks"
    )
    title = models.CharField(_("task"), max_length=200)
    description = models.TextField(_("what it is about"), blank=True)
    frequency = models.CharField(_("frequency"), max_length=9, choices=Frequency, default=Frequency.ON_DEMAND)
    owner_role = models.ForeignKey(
        "roles.Role",
        verbose_name=_("role that does it"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    pain_points = models.TextField(_("pain points"), blank=True)
    impact = models.PositiveSmallIntegerField(_("impact"), default=3, validators=SCORE)
    feasibility = models.PositiveSmallIntegerField(_("feasibility"), default=3, validators=SCORE)
    procedure = models.ForeignKey(
        "procedures.Procedure",
        verbose_name=_("covered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    not_needed_reason = models.CharField(_("why none is needed"), max_length=300, blank=True)
    origin = models.CharField(max_length=6, choices=Origin, default=Origin.MANUAL)
    search_words = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["department", "title"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "title"],
                name="procedures_task_once",
                violation_error_message=_("This department has a task with this name already."),
            ),
            models.CheckConstraint(
                condition=models.Q(impact__gte=1, impact__lte=5, feasibility__gte=1, feasibility__lte=5),
                name="procedures_task_scores",
            ),
            models.CheckConstraint(
                condition=models.Q(procedure=None) | models.Q(not_needed_reason=""),
                name="procedures_task_covered_or_not_needed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("task", args=[self.pk])


class ProcedureTemplate(models.Model):
    """A text to begin with. `content` has the shape of `procedures.content`; `key` names the built-in ones."""

    key = models.SlugField(max_length=40, unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("what it is good for"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=5, default="en")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.PROCEDURE)
    content = models.JSONField(default=dict)
    is_active = models.BooleanField(_("offered"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "language"]
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        constraints = [
            models.UniqueConstraint(fields=["name", "language"], name="procedures_template_name_once"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="procedures_template_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportedDocument(models.Model):
    """A file on its way to a draft: what was recognised, as its uploader has changed it so far. Theirs alone."""

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    source_html = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("imported document")
        verbose_name_plural = _("imported documents")

    def __str__(self) -> str:
        return self.filename
