"""Who has read and understood which text."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    def latest_first(self) -> "AcknowledgementQuerySet":
        """By revision, and of one revision by time: an emergency issue may be read, changed and read again."""
        return self.order_by("-revision__number", "-acknowledged_at", "-pk")


class Acknowledgement(models.Model):
    """“Read and understood”: one person, one text. Never changed or deleted afterwards.

    `content_hash` is the text that was shown. It stays true when an emergency issue becomes a draft again and its
    revision another text, hence one row per person, revision and text. Name and job roles are those of that moment;
    `seal` is the SHA-256 of the whole (`training.seals`), which the trail entry `trail_seq` holds too.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acknowledgements")
    revision = models.ForeignKey("procedures.Revision", on_delete=models.PROTECT, related_name="acknowledgements")
    content_hash = models.CharField(max_length=64)
    person_name = models.CharField(_("name"), max_length=254)
    roles = models.TextField(_("job roles"), blank=True)
    acknowledged_at = models.DateTimeField(_("read and understood on"))
    seal = models.CharField(max_length=64)
    trail_seq = models.PositiveBigIntegerField(unique=True)

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "revision", "content_hash"], name="training_acknowledgement_once_per_text"
            ),
            models.CheckConstraint(
                condition=~Q(content_hash="") & ~Q(seal=""), name="training_acknowledgement_is_sealed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_name}, {self.revision}"
