"""What asking the addresses outside of sopdesk, to which texts in force lead, has brought."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sopdesk.lib.reaching import Reach

MAX_ADDRESS = 1000


class LinkCheck(models.Model):
    """One time that a person had the external links looked at which they answer for; a person's next one replaces it.

    Unfinished while a worker is at it.
    """

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    collected_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-requested_at"]
        verbose_name = _("check of external links")
        verbose_name_plural = _("checks of external links")
        constraints = [
            models.UniqueConstraint(
                fields=["requested_by"], condition=Q(finished_at=None), name="procedures_one_linkcheck_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requested_by}, {self.requested_at:%Y-%m-%d %H:%M}"


class ExternalLink(models.Model):
    """An address outside of sopdesk in a revision in force, in one step or (`step_uid` empty) around the steps.

    `reach` is empty until it was asked; `status` is the HTTP status, 0 without an answer.
    """

    check_run = models.ForeignKey(LinkCheck, on_delete=models.CASCADE, related_name="links")
    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="+")
    step_uid = models.UUIDField(null=True, blank=True)
    address = models.CharField(_("address"), max_length=MAX_ADDRESS)
    reach = models.CharField(max_length=20, choices=[(reach.value, reach.value) for reach in Reach], blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    moved_to = models.CharField(max_length=MAX_ADDRESS, blank=True)

    class Meta:
        ordering = ["check_run", "address", "revision"]
        verbose_name = _("external link")
        verbose_name_plural = _("external links")

    def __str__(self) -> str:
        return self.address
