"""The firm itself: how its documents look."""

from django.db import models
from django.utils.translation import gettext_lazy as _

ACCENT = "#0a5a75"


class Firm(models.Model):
    """Name, logo and colour of the firm that runs this sopdesk, for the documents that leave it. One row at most.

    The logo lies in the row: it is small, belongs to nothing else, and the app stands below the one that keeps files.
    """

    name = models.CharField(_("name of the firm"), max_length=80, blank=True)
    accent = models.CharField(_("colour"), max_length=7, default=ACCENT)
    logo = models.BinaryField(blank=True, default=b"")
    logo_type = models.CharField(max_length=20, blank=True)
    logo_sha256 = models.CharField(_("logo"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("firm")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="roles_firm_once"),
            models.CheckConstraint(condition=models.Q(accent__startswith="#"), name="roles_firm_accent_is_a_colour"),
        ]

    def __str__(self) -> str:
        return self.name or "sopdesk"
