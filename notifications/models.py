"""The outbox: one row per person to be told of one event. The row is the queue; the worker mails it."""

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications.kinds import GATHERED, KINDS

DAILY = "daily"
"""What `watch_mail` of a person says who wants one mail a day (`roles.models.WatchMail`)."""

_IS_GATHERED = models.Q(kind__in=GATHERED, recipient__watch_mail=DAILY)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)

    def waiting(self) -> "NotificationQuerySet":
        """Notices whose mail has neither been handed over nor been given up."""
        return self.filter(mailed_at=None, given_up_at=None)

    def gathered(self) -> "NotificationQuerySet":
        """Notices that their recipients have mailed once a day, with the others of that day."""
        return self.filter(_IS_GATHERED)

    def single(self) -> "NotificationQuerySet":
        """Notices that are mailed by themselves."""
        return self.exclude(_IS_GATHERED)


class Notification(models.Model):
    """Somebody is told of an event: shown under "Notices" and sent by mail once."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="notifications"
    )
    kind = models.CharField(max_length=40)
    event_seq = models.PositiveBigIntegerField(_("event"), help_text=_("Number of the trail entry that caused it."))
    title = models.CharField(max_length=254)
    url = models.CharField(max_length=254)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    given_up_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "event_seq", "url"], name="notifications_one_notice_per_event"
            )
        ]
        indexes = [
            models.Index(fields=["recipient"], condition=models.Q(read_at=None), name="notifications_unread"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(mailed_at=None, given_up_at=None),
                name="notifications_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"

    @property
    def icon(self) -> str:
        return KINDS[self.kind].icon

    @property
    def what(self) -> str | Promise:
        """What a notice of this kind tells, in the language of the page."""
        return KINDS[self.kind].what

    @property
    def is_of_watched(self) -> bool:
        """Whether the recipient is told because they watch the procedure."""
        return self.kind in GATHERED

    @property
    def is_gathered(self) -> bool:
        """The rule of `gathered` for this notice, as its recipient wants it now."""
        return self.kind in GATHERED and self.recipient.watch_mail == DAILY
