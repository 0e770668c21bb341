"""Temporary deviations: for some days, one department does one step of a published revision otherwise."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

REASON_LENGTH = 2000


class DeviationState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    GRANTED = "granted", _("Approved")
    REFUSED = "refused", _("Refused")
    RECALLED = "recalled", _("Taken back")
    LAPSED = "lapsed", _("Lapsed without a decision")
    ENDED = "ended", _("Ended")


STANDING = (DeviationState.ASKED, DeviationState.GRANTED)
"""The states of what is not over yet; by date it may be over before the clock says so."""


class DeviationCause(models.TextChoices):
    """Why one is over before anybody has refused it or taken it back."""

    DAY = "day", _("The last day is over")
    EARLY = "early", _("Ended early")
    SUPERSEDED = "superseded", _("A new revision has taken its place")
    WITHDRAWN = "withdrawn", _("The procedure was withdrawn")


class DeviationQuerySet(models.QuerySet["Deviation"]):
    def in_force(self, day: datetime.date) -> "DeviationQuerySet":
        """Those that hold on `day`, as far as readers follow their revision."""
        return self.filter(state=DeviationState.GRANTED, starts__lte=day, ends__gte=day)

    def standing(self, day: datetime.date) -> "DeviationQuerySet":
        """Those that are asked for, or hold on `day` or later."""
        return self.filter(state__in=STANDING, ends__gte=day)


class Deviation(models.Model):
    """What one department does instead of one step of `revision`, from `starts` to `ends`, once somebody has signed it.

    What is asked for is never changed: `asked_hash` is the SHA-256 of it, `seal` that of the signature over it (see
    `procedures.signatures`). Number and title of the step, and the names, are copied, as in a `Decision`.
    Readers follow it by date (`DeviationQuerySet.in_force`); `state` says so until the clock has caught up.
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.PROTECT, related_name="deviations")
    step = models.UUIDField()
    step_number = models.PositiveIntegerField()
    step_title = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(
        "roles.Department", verbose_name=_("department"), on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("reason"))
    instead = models.TextField(_("what is done instead"))
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asker_name = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    asked_hash = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=DeviationState, default=DeviationState.ASKED)

    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decider_name = models.CharField(max_length=254, blank=True)
    capacity = models.CharField(_("as"), max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    method = models.CharField(max_length=20, blank=True)
    statement_version = models.PositiveSmallIntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)

    over_at = models.DateTimeField(null=True, blank=True)
    over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cause = models.CharField(max_length=10, choices=DeviationCause, blank=True)
    over_reason = models.TextField(blank=True)

    objects = DeviationQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("temporary deviation")
        verbose_name_plural = _("temporary deviations")
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "step", "department"],
                condition=Q(state__in=STANDING),
                name="procedures_one_standing_deviation",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeviationState.values), name="procedures_deviation_state_known"
            ),
            models.CheckConstraint(condition=Q(ends__gte=models.F("starts")), name="procedures_deviation_days"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(instead=""), name="procedures_deviation_says_why"),
            models.CheckConstraint(
                condition=(
                    Q(state__in=[DeviationState.GRANTED, DeviationState.ENDED], decided_at__isnull=False) & ~Q(seal="")
                )
                | Q(
                    state__in=[
                        DeviationState.ASKED,
                        DeviationState.REFUSED,
                        DeviationState.RECALLED,
                        DeviationState.LAPSED,
                    ],
                    seal="",
                ),
                name="procedures_deviation_holds_signed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=STANDING, over_at=None) | (~Q(state__in=STANDING) & Q(over_at__isnull=False)),
                name="procedures_deviation_over_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeviationState.REFUSED) & ~Q(cause=DeviationCause.EARLY) | ~Q(over_reason=""),
                name="procedures_deviation_refusal_says_why",
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | ~Q(on_behalf_of=models.F("decided_by")),
                name="procedures_deviation_for_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision}, {self.step_number}, {self.department.code}"

    def get_absolute_url(self) -> str:
        return reverse("deviation", args=[self.revision.procedure.code, self.pk])

    def is_in_force(self, day: datetime.date) -> bool:
        """Whether it holds on `day`, as far as readers follow its revision."""
        return self.state == DeviationState.GRANTED and self.starts <= day <= self.ends

    def is_over(self, day: datetime.date) -> bool:
        """Whether nothing can be done with it on `day` any more, whatever the clock has noted."""
        return self.state not in STANDING or self.ends < day

    @property
    def anchor(self) -> str:
        """Where the step stands on the page of its revision."""
        return f"{self.revision.get_absolute_url()}#step-{self.step_number}"
