"""“Reviewed, still valid”: what an owner signs when a text needs no new revision."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Confirmation(models.Model):
    """One signed review of a published revision, by which its next review moves from `was_due_on` to `next_review_on`.

    Numbered within its revision, so that of two people who confirm at once one wins. Names are copied like those of a
    `Decision`, and `seal` is the SHA-256 of the whole (see `procedures.signatures`). Never changed afterwards.
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.PROTECT, related_name="confirmations")
    number = models.PositiveSmallIntegerField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="confirmations")
    confirmer_name = models.CharField(max_length=254)
    capacity = models.CharField(_("as"), max_length=120)
    comment = models.TextField(_("what was looked at"))
    confirmed_at = models.DateTimeField()
    was_due_on = models.DateField()
    next_review_on = models.DateField(_("next review"))
    method = models.CharField(max_length=20)
    statement_version = models.PositiveSmallIntegerField(default=0)
    content_hash = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        ordering = ["revision", "number"]
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = [
            models.UniqueConstraint(fields=["revision", "number"], name="procedures_confirmation_number_unique"),
            models.CheckConstraint(condition=~Q(comment=""), name="procedures_confirmation_has_comment"),
            models.CheckConstraint(
                condition=Q(next_review_on__gte=F("was_due_on")), name="procedures_confirmation_moves_onwards"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision} / {self.number}"
