"""What signing leaves behind about a person: the statement they accepted, and tries that failed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StatementAcceptance(models.Model):
    """A person accepted one version of the e-signature statement, in the words that `text_hash` is the SHA-256 of."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="statement_acceptances"
    )  # fmt: skip
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5)
    text_hash = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()

    class Meta:
        ordering = ["person", "version"]
        verbose_name = _("accepted e-signature statement")
        constraints = [
            models.UniqueConstraint(fields=["person", "version"], name="roles_statement_accepted_once"),
            models.CheckConstraint(condition=models.Q(version__gt=0), name="roles_statement_version_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.person} / {self.version}"


class SigningGuard(models.Model):
    """How signing went of late for one person; in the database, so that all processes agree.

    `tries` are the moments (seconds since 1970) of tries that have not succeeded. `used_code` is the hash of the last
    code that was accepted, since a code is good for one signature.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.PROTECT, related_name="signing_guard"
    )
    tries = models.JSONField(default=list)
    locked_until = models.DateTimeField(null=True, blank=True)
    used_code = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("failed tries to sign")

    def __str__(self) -> str:
        return f"{self.person}: {len(self.tries)}"
