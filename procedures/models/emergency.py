"""Emergency issue: a text that is followed for some days although its approval is still open."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_EMERGENCY_DAYS = 30


class EmergencyIssueQuerySet(models.QuerySet["EmergencyIssue"]):
    def of_other_text(self, revision: object, content_hash: object) -> "EmergencyIssueQuerySet":
        """Those of the revision (by id) with another text than the one of this hash; columns may be given for both."""
        return self.filter(round__revision=revision).exclude(content_hash=content_hash)


class EmergencyIssue(models.Model):
    """The signed act that put the text of an open round in force until `until`; one for a round, so never prolonged.

    The round goes on as the review after the fact; whoever issued decides nothing in it. While readers follow the text,
    `Revision.emergency_until` says so. Names are copied like those of a `Decision`, `seal` is the SHA-256 of the
    whole (see `procedures.signatures`). Never changed afterwards.
    """

    round = models.OneToOneField("procedures.Round", on_delete=models.PROTECT, related_name="emergency")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issuer_name = models.CharField(max_length=254)
    capacity = models.CharField(_("as"), max_length=120)
    reason = models.TextField(_("reason"))
    issued_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField(
        _("days"), validators=[MinValueValidator(1), MaxValueValidator(MAX_EMERGENCY_DAYS)]
    )
    until = models.DateField(_("in force until"))
    method = models.CharField(max_length=20)
    statement_version = models.PositiveSmallIntegerField()
    content_hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    objects = EmergencyIssueQuerySet.as_manager()

    class Meta:
        ordering = ["round"]
        verbose_name = _("emergency issue")
        verbose_name_plural = _("emergency issues")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="procedures_emergency_has_reason"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=MAX_EMERGENCY_DAYS), name="procedures_emergency_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round} until {self.until}"
