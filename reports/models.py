"""What was found when the trail was looked through: by people, and by the clock."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TrailReview(models.Model):
    """An auditor signed that they have reviewed the trail up to an entry. Reviews follow one another without gaps.

    The name is copied, as with every signature; `seal` is the SHA-256 of the whole (`reports.seals`).
    """

    after_seq = models.PositiveBigIntegerField(default=0)
    upto_seq = models.PositiveBigIntegerField(_("reviewed up to"), unique=True)
    upto_hash = models.CharField(max_length=64)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+"
    )
    reviewer_name = models.CharField(max_length=254)
    reviewed_at = models.DateTimeField(_("time"))
    method = models.CharField(max_length=20)
    statement_version = models.PositiveSmallIntegerField()
    note = models.TextField(_("what was found"), blank=True)
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ["upto_seq"]
        verbose_name = _("review of the trail")
        verbose_name_plural = _("reviews of the trail")
        constraints = [
            models.UniqueConstraint(fields=["after_seq"], name="reports_review_follows_one"),
            models.CheckConstraint(
                condition=models.Q(upto_seq__gt=models.F("after_seq")), name="reports_review_goes_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.after_seq + 1}–#{self.upto_seq}"


class VerificationRun(models.Model):
    """One check of trail, signatures, contents and files by the clock or by a person."""

    class Outcome(models.TextChoices):
        CLEAN = "clean", _("As it was written")
        TAMPERED = "tampered", _("Not as it was written")
        UNCHECKED = "unchecked", _("Could not be checked")

    ended_at = models.DateTimeField(_("time"))
    seconds = models.FloatField()
    outcome = models.CharField(max_length=9, choices=Outcome)
    entries = models.PositiveBigIntegerField(_("entries"))
    faults = models.PositiveBigIntegerField(_("faults"))
    first = models.TextField(_("first fault"), blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="clean", faults=0) | ~models.Q(outcome="clean"),
                name="reports_run_clean_has_no_faults",
            )
        ]

    def __str__(self) -> str:
        return f"{self.outcome} #{self.entries}"
