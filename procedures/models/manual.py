"""Manuals: many procedures in one PDF, as they were when it was made."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ManualState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    BUILDING = "building", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


UNFINISHED = (ManualState.WAITING, ManualState.BUILDING)


class Manual(models.Model):
    """What somebody wants in one PDF, how far it is, and where it lies; removed with its file some days later.

    `selection` is the question to the library (`procedures.manuals.selecting`), answered when the manual is made, for
    the person who asked. `attempt` counts the beginnings: only the latest one may write.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="manuals")
    title = models.CharField(_("title"), max_length=120)
    selection = models.JSONField()
    state = models.CharField(_("state"), max_length=10, choices=ManualState, default=ManualState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField()
    created_at = models.DateTimeField()
    as_of = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    pages = models.PositiveIntegerField(default=0)
    file = models.ForeignKey(
        "procedures.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="manuals"
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("manual")
        verbose_name_plural = _("manuals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=ManualState.READY, file__isnull=False, expires_on__isnull=False)
                | (~Q(state=ManualState.READY) & Q(file=None)),
                name="procedures_manual_ready_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("manual", args=[self.pk])

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


class ManualItem(models.Model):
    """A revision that a manual holds, and the page on which it begins."""

    manual = models.ForeignKey(Manual, on_delete=models.CASCADE, related_name="items")
    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    page = models.PositiveIntegerField()

    class Meta:
        ordering = ["manual", "position"]
        verbose_name = _("text in a manual")
        constraints = [models.UniqueConstraint(fields=["manual", "position"], name="procedures_manualitem_in_order")]

    def __str__(self) -> str:
        return f"{self.manual} / {self.position}"
