"""What people mark and leave behind for themselves: favourites, what they opened, what they watch.

None of it says anything about a procedure, and none of it is for anybody else's eyes: so it is not on the trail.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Favourite(models.Model):
    """Somebody's star on a procedure."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints = [
            models.UniqueConstraint(fields=["person", "procedure"], name="procedures_favourite_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} ★ {self.procedure_id}"


class Opening(models.Model):
    """That somebody has opened a procedure; `seen_at` says when last."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="openings")
    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("opened procedure")
        verbose_name_plural = _("opened procedures")
        constraints = [
            models.UniqueConstraint(fields=["person", "procedure"], name="procedures_opening_once"),
        ]
        indexes = [models.Index(fields=["person", "-seen_at"], name="procedures_opening_latest")]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.procedure_id}"


class Watch(models.Model):
    """Somebody wants to be told when a procedure gets a new revision, is confirmed or withdrawn."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.CASCADE, related_name="watches")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("watched procedure")
        verbose_name_plural = _("watched procedures")
        constraints = [
            models.UniqueConstraint(fields=["person", "procedure"], name="procedures_watch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} watches {self.procedure_id}"
