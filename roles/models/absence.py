"""Who is away from when to when, and who stands in meanwhile."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def on(self, day: datetime.date) -> "AbsenceQuerySet":
        """Absences on `day`, first and last day included, but for those that were ended before their time."""
        return self.filter(ended_at=None, starts__lte=day, ends__gte=day)


class Absence(models.Model):
    """One person away from a day to a day (both included), and their deputy if there is one.

    Rows are not changed but ended, so that it can be told for ever who was whose deputy when. That the days of two
    absences of one person do not meet is seen to by `add_absence`, under the lock on the person.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="absences"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("deputy"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="deputyships",
    )  # fmt: skip
    starts = models.DateField(_("first day away"))
    ends = models.DateField(_("last day away"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts", "pk"]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="roles_absence_ends_after_start",
                violation_error_message=_("The last day lies before the first day."),
            ),
            models.CheckConstraint(
                condition=Q(deputy=None) | ~Q(deputy=F("person")),
                name="roles_absence_deputy_is_another",
                violation_error_message=_("Nobody is their own deputy."),
            ),
            models.UniqueConstraint(
                fields=["person", "starts"],
                condition=Q(ended_at=None),
                name="roles_absence_one_from_a_day",
                violation_error_message=_("An absence begins on this day already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.starts.isoformat()} – {self.ends.isoformat()}"
