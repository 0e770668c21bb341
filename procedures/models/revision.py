"""One version of a procedure's text. A draft may change; every other state is frozen for ever."""

import datetime
import secrets
from collections.abc import Hashable
from functools import lru_cache

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from procedures.states import OPEN_STATES, State


def new_status_token() -> str:
    """128 bits that nobody guesses, as 22 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(16)


class Significance(models.TextChoices):
    MAJOR = "major", _("Major: readers are asked again")
    MINOR = "minor", _("Minor: nobody needs to read it again")


class Frequency(models.TextChoices):
    ON_DEMAND = "on_demand", _("When needed")
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    YEARLY = "yearly", _("Yearly")


class RevisionQuerySet(models.QuerySet["Revision"]):
    known_as: Hashable = None
    """All that the question depends on, in short, said by who asks it; whoever narrows it down forgets that."""

    def in_force(self, day: datetime.date) -> "RevisionQuerySet":
        """Revisions that readers follow on `day`, one per procedure at most.

        The date decides, not the job that catches up: an approved revision counts from its effective date on, one
        that was issued in an emergency until its last day, and the published one before it does not meanwhile.
        """
        return self.filter(_in_force(day))

    def lasting(self, day: datetime.date) -> "RevisionQuerySet":
        """What `in_force` would say without emergency issues: approved texts, on which others may build. An emergency
        issue may leave again, and its text change."""
        due = Q(state=State.APPROVED, effective_on__lte=day)
        replaced = Q(procedure__in=Revision.objects.filter(due).values("procedure"))
        return self.filter(due | (Q(state=State.PUBLISHED) & ~replaced))

    def open(self) -> "RevisionQuerySet":
        """Revisions on their way: draft, in review, or approved and waiting for their day."""
        return self.filter(state__in=OPEN_STATES)


@lru_cache(maxsize=8)
def _in_force(day: datetime.date) -> Q:
    """Composed once a day: nearly every page asks."""
    early = Q(state=State.APPROVED, effective_on__lte=day) | Q(state=State.IN_REVIEW, emergency_until__gte=day)
    replaced = Q(procedure__in=Revision.objects.filter(early).values("procedure"))
    # The states say nothing new, but let an index answer alone.
    released = Q(state__in=[State.APPROVED, State.PUBLISHED, State.IN_REVIEW])
    return (early | (Q(state=State.PUBLISHED) & ~replaced)) & released


class Revision(models.Model):
    """A numbered version of a procedure's text, with its parts in their own rows.

    `version` counts the saves of the fields on this row and of its small parts (tools, records, benchmarks,
    responsibilities); each step has its own. `content`, `content_hash` and `rendered` are written on submission.

    `status_token` leads to the public page that says whether this revision is current; it stands on paper, so it never
    changes.

    `source_notes` of a variant or translation: "settled" says what was decided on since `source` (key → hash, see
    `procedures.relatives.lag`), "left_out" why a step of the source is not here (uid → reason).
    """

    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    status_token = models.CharField(max_length=22, unique=True, default=new_status_token, editable=False)

    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language"), max_length=5, default="en")
    category = models.ForeignKey(
        "procedures.Category", verbose_name=_("category"), null=True, blank=True, on_delete=models.PROTECT
    )
    tags = models.JSONField(_("tags"), default=list, blank=True)
    purpose = models.TextField(_("purpose"), blank=True)
    scope = models.TextField(_("scope"), blank=True)
    outcome = models.TextField(_("expected result"), blank=True)
    trigger = models.CharField(_("trigger"), max_length=200, blank=True)
    frequency = models.CharField(_("frequency"), max_length=9, choices=Frequency, default=Frequency.ON_DEMAND)
    prerequisites = models.TextField(_("before you start"), blank=True)
    definitions = models.TextField(_("definitions"), blank=True)
    background = models.TextField(_("background"), blank=True)
    references = models.TextField(_("references"), blank=True)
    contact = models.CharField(_("contact"), max_length=200, blank=True)
    review_interval_months = models.PositiveSmallIntegerField(
        _("review every (months)"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )

    change_summary = models.TextField(_("what changes and why"), blank=True)
    significance = models.CharField(_("significance"), max_length=5, choices=Significance, default=Significance.MAJOR)
    effective_on = models.DateField(_("effective from"), null=True, blank=True)

    source = models.ForeignKey(
        "self",
        verbose_name=_("follows"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followers",
        help_text=_("The revision of the parent or the original that this text takes into account."),
    )
    source_notes = models.JSONField(default=dict, blank=True, editable=False)

    content = models.JSONField(null=True, blank=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    rendered = models.TextField(blank=True, editable=False)
    sanitiser_version = models.PositiveSmallIntegerField(default=0, editable=False)

    contributors = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="contributions")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("Superseded, withdrawn or discarded at."))
    ended_reason = models.TextField(blank=True)
    next_review_on = models.DateField(_("next review"), null=True, blank=True)
    emergency_until = models.DateField(
        null=True, blank=True, editable=False, help_text=_("The last day of its emergency issue.")
    )

    history = HistoricalRecords(excluded_fields=["content", "rendered", "status_token"])
    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["procedure", "-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="procedures_revision_number_unique"),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(state=State.PUBLISHED), name="procedures_one_published_revision"
            ),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(state__in=OPEN_STATES), name="procedures_one_open_revision"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="procedures_revision_state_known"),
            models.CheckConstraint(condition=Q(number__gt=0), name="procedures_revision_number_positive"),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.DISCARDED]) | ~Q(content_hash=""),
                name="procedures_revision_frozen_has_hash",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(published_at__isnull=False),
                name="procedures_revision_published_has_time",
            ),
            models.CheckConstraint(
                condition=Q(review_interval_months__gte=1, review_interval_months__lte=60),
                name="procedures_revision_review_interval",
            ),
            models.CheckConstraint(
                condition=Q(emergency_until=None) | Q(state=State.IN_REVIEW),
                name="procedures_emergency_only_in_review",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "effective_on"], name="procedures_revision_state"),
            models.Index(fields=["state", "title"], name="procedures_revision_title"),
            # Holds all that the library asks of 10,000 rows, so that none of the long rows is read for it.
            models.Index(
                fields=["state", "procedure", "effective_on", "category", "language", "emergency_until"],
                name="procedures_revision_library",
            ),
            # What is late or flagged is few, and found without reading the long rows.
            models.Index(fields=["next_review_on"], name="procedures_revision_review"),
            models.Index(
                fields=["emergency_until"],
                condition=models.Q(emergency_until__isnull=False),
                name="procedures_revision_flagged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure.code} r{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("revision", args=[self.procedure.code, self.number])

    @property
    def is_editable(self) -> bool:
        return self.state == State.DRAFT

    def is_in_force(self, day: datetime.date) -> bool:
        """Whether readers follow this revision on `day`, the date of a successor left aside."""
        if self.state == State.PUBLISHED or self.is_emergency(day):
            return True
        return self.state == State.APPROVED and self.effective_on is not None and self.effective_on <= day

    def is_emergency(self, day: datetime.date) -> bool:
        """Whether readers follow this revision on `day` although its approval is still open."""
        return self.state == State.IN_REVIEW and self.emergency_until is not None and self.emergency_until >= day
