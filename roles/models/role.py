"""Job roles, and who holds them from when to when."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Role(models.Model):
    """A job role such as "Payroll clerk": who acts in a step, whatever the person's name is this year."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    department = models.ForeignKey(
        "roles.Department", verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="roles",
    )  # fmt: skip
    description = models.TextField(_("description"), blank=True, max_length=2000)
    is_active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return self.name


class HoldingQuerySet(models.QuerySet["Holding"]):
    def on(self, day: datetime.date) -> "HoldingQuerySet":
        """Holdings that are in force on `day`, first and last day included."""
        return self.filter(Q(ends=None) | Q(ends__gte=day), starts__lte=day)


class Holding(models.Model):
    """One person holding one role, from a day to a day (both included; no end means for now)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="holdings"
    )
    role = models.ForeignKey(Role, verbose_name=_("role"), on_delete=models.PROTECT, related_name="holdings")
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)

    history = HistoricalRecords()
    objects = HoldingQuerySet.as_manager()

    class Meta:
        ordering = ["role__name", "starts"]
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=F("starts")),
                name="roles_holding_ends_after_start",
                violation_error_message=_("The last day lies before the first day."),
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ends=None),
                name="roles_holding_one_open",
                violation_error_message=_("This person holds this role already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.role}"
