"""Links by which people without an account read a procedure, and who opened them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from procedures.models.procedure import Audience


class LinkEnd(models.TextChoices):
    """Why a link ended before its last day."""

    REVOKED = "revoked", _("Revoked")
    WITHDRAWN = "withdrawn", _("Procedure withdrawn")
    SUPERSEDED = "superseded", _("Revision superseded")


class ShareLink(models.Model):
    """A read-only link to what readers follow of `procedure`, or to one `revision` of it as long as that is in force.

    `token_hash` is the SHA-256 of the token, which nobody can read here. `audience` is that of the procedure on the
    day of the decision to share: a link that was made while everybody could read it ends when that changes.
    `tries` are the moments (seconds since 1970) of passwords that did not fit.
    """

    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.PROTECT, related_name="share_links")
    revision = models.ForeignKey(
        "procedures.Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="share_links"
    )
    recipient = models.CharField(_("for whom"), max_length=120)
    token_hash = models.CharField(max_length=64, unique=True)
    password = models.CharField(max_length=128, blank=True)
    audience = models.CharField(max_length=11, choices=Audience)
    ends_on = models.DateField(_("last day"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    first_opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    end = models.CharField(max_length=10, choices=LinkEnd, blank=True)
    end_reason = models.TextField(_("reason"), blank=True)
    tries = models.JSONField(default=list, editable=False)
    locked_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("share link")
        verbose_name_plural = _("share links")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | Q(ended_at__isnull=False, end__in=LinkEnd.values),
                name="procedures_share_link_end_whole",
            ),
            models.CheckConstraint(
                condition=~Q(end=LinkEnd.REVOKED) | (Q(ended_by__isnull=False) & ~Q(end_reason="")),
                name="procedures_share_link_revoked_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure}: {self.recipient}"

    @property
    def is_pinned(self) -> bool:
        return self.revision_id is not None


class ShareOpening(models.Model):
    """Times that a link was opened from one network with one kind of program, a pause of half an hour at most between
    them. The network is shortened: it tells the customer's office from elsewhere, and no person from another."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="openings")
    network = models.CharField(_("network"), max_length=50, blank=True)
    program = models.CharField(_("program"), max_length=40, blank=True)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-last_at", "-pk"]
        verbose_name = _("opening of a share link")
        verbose_name_plural = _("openings of share links")
        constraints = [
            models.CheckConstraint(
                condition=Q(times__gt=0, last_at__gte=F("opened_at")), name="procedures_share_opening_counts"
            ),
        ]
        indexes = [models.Index(fields=["link", "-last_at"], name="procedures_share_opening_last")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.network}"
