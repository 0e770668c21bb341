"""What accompanies the deciding: looks at rounds, people who were invited to comment, texts that were not approved."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RoundText(models.Model):
    """What a round was about whose revision became a draft again.

    So what was said and signed in it keeps its text, and the next round can be compared with it.
    """

    round = models.OneToOneField("procedures.Round", on_delete=models.PROTECT, related_name="text")
    content = models.JSONField(editable=False)

    class Meta:
        verbose_name = _("text of an ended round")
        verbose_name_plural = _("texts of ended rounds")

    def __str__(self) -> str:
        return str(self.round)


class ReviewLook(models.Model):
    """Somebody has looked at the text of a round: they decided, commented, or said so."""

    round = models.ForeignKey("procedures.Round", on_delete=models.CASCADE, related_name="looks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    looked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("look at a round")
        verbose_name_plural = _("looks at rounds")
        constraints = [models.UniqueConstraint(fields=["round", "person"], name="procedures_look_once")]

    def __str__(self) -> str:
        return f"{self.person}: {self.round}"


class RoundGuest(models.Model):
    """Somebody who reads and comments on a revision while this round is open, and does not decide."""

    round = models.ForeignKey("procedures.Round", on_delete=models.PROTECT, related_name="guests")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()

    class Meta:
        ordering = ["invited_at", "pk"]
        verbose_name = _("guest of a round")
        verbose_name_plural = _("guests of rounds")
        constraints = [
            models.UniqueConstraint(fields=["round", "person"], name="procedures_guest_once"),
            models.CheckConstraint(condition=~Q(person=F("invited_by")), name="procedures_guest_is_invited"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.round}"
