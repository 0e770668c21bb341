"""Approval: the chain as configured (route), one pass of one revision through it (round), and what people said.

On submission the route is copied into the round, so that later edits of the route touch nothing that runs.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from procedures.models.procedure import Kind, Risk


class StageRule(models.TextChoices):
    ALL = "all", _("All slots")
    ANY = "any", _("Any slot")
    N_OF = "n_of", _("A number of slots")


class Meaning(models.TextChoices):
    REVIEWED = "reviewed", _("Reviewed")
    APPROVED = "approved", _("Approved")


class SlotKind(models.TextChoices):
    ROLE = "role", _("Any holder of a role")
    PERSON = "person", _("A named person")
    HEAD = "head", _("Head of the procedure's department")
    OWNER = "owner", _("Owner of the procedure")


class StageFields(models.Model):
    """What a stage says, in the route and in the round."""

    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=80)
    rule = models.CharField(_("rule"), max_length=4, choices=StageRule, default=StageRule.ALL)
    needed = models.PositiveSmallIntegerField(_("number of slots needed"), null=True, blank=True)
    meaning = models.CharField(_("meaning of the signature"), max_length=8, choices=Meaning, default=Meaning.APPROVED)
    days = models.PositiveSmallIntegerField(_("days to decide"), default=5)
    needs_signature = models.BooleanField(_("asks for the password"), default=True)
    needs_second_factor = models.BooleanField(_("asks for a second factor"), default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"


class SlotFields(models.Model):
    """Who fills a slot: exactly the field that its kind names is set."""

    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("filled by"), max_length=6, choices=SlotKind)
    role = models.ForeignKey("roles.Role", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.role or self.person or self.get_kind_display())


def slot_is_filled_by_its_kind(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=(
            Q(kind=SlotKind.ROLE, role__isnull=False, person=None)
            | Q(kind=SlotKind.PERSON, role=None, person__isnull=False)
            | Q(kind__in=[SlotKind.HEAD, SlotKind.OWNER], role=None, person=None)
        ),
        name=name,
    )


class Route(models.Model):
    """An approval chain and what it is for. Empty fields match everything; the most specific route wins."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, blank=True)
    department = models.ForeignKey(
        "roles.Department", verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="routes",
    )  # fmt: skip
    risk = models.CharField(_("risk"), max_length=6, choices=Risk, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        verbose_name = _("route")
        verbose_name_plural = _("routes")
        constraints = [
            models.UniqueConstraint(
                "kind",
                Coalesce("department_id", 0),
                "risk",
                condition=Q(is_active=True),
                name="procedures_route_rule_unique",
                violation_error_message=_("Another route answers for exactly these procedures."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("route", args=[self.pk])


class RouteStage(StageFields):
    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="stages")

    class Meta:
        ordering = ["route", "position"]
        constraints = [models.UniqueConstraint(fields=["route", "position"], name="procedures_route_stage_order")]


class RouteSlot(SlotFields):
    stage = models.ForeignKey(RouteStage, on_delete=models.CASCADE, related_name="slots")

    class Meta:
        ordering = ["stage", "position"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "position"], name="procedures_route_slot_order"),
            slot_is_filled_by_its_kind("procedures_route_slot_filled"),
        ]


class RoundOutcome(models.TextChoices):
    OPEN = "", _("Open")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Changes requested")
    RECALLED = "recalled", _("Recalled")


class Round(models.Model):
    """One pass of one revision through its stages, bound to the hash of what was submitted.

    `route` and `route_version` say what its stages were copied from; the name is copied, since a route may be renamed.
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    route = models.ForeignKey(Route, null=True, blank=True, on_delete=models.PROTECT, related_name="rounds")
    route_version = models.PositiveIntegerField(null=True, blank=True)
    route_name = models.CharField(max_length=80)
    content_hash = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=RoundOutcome, blank=True, default=RoundOutcome.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["revision", "number"]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [
            models.UniqueConstraint(fields=["revision", "number"], name="procedures_round_number_unique"),
            models.UniqueConstraint(fields=["revision"], condition=Q(outcome=""), name="procedures_one_open_round"),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at=None) | (~Q(outcome="") & Q(closed_at__isnull=False)),
                name="procedures_round_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(route=None, route_version=None) | Q(route__isnull=False, route_version__isnull=False),
                name="procedures_round_route_has_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision} / {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("review", args=[self.pk])

    @property
    def issuer_id(self) -> int | None:
        """Who put its text in force before it was approved (`EmergencyIssue`), and therefore decides nothing here."""
        issue = getattr(self, "emergency", None)
        return issue.issued_by_id if issue else None


class RoundStage(StageFields):
    """A stage of a round. It opens when the one before it is complete.

    The last three days say when the clock last reminded its people, told somebody above them that it is late, and told
    its owner that nobody can complete it.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="stages")
    opened_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    escalated_on = models.DateField(null=True, blank=True)
    stuck_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="procedures_round_stage_order"),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(opened_at__isnull=False, completed_at=None),
                name="procedures_one_current_stage",
            ),
        ]


class RoundSlot(SlotFields):
    """`proposed` is whom the author would like to decide where several may: asked by name, and nobody is shut out."""

    stage = models.ForeignKey(RoundStage, on_delete=models.CASCADE, related_name="slots")
    proposed = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["stage", "position"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "position"], name="procedures_round_slot_order"),
            slot_is_filled_by_its_kind("procedures_round_slot_filled"),
        ]

    @property
    def place_key(self) -> str:
        """Who fills it, so that a page can say what it showed."""
        return f"{self.kind}:{self.role_id or ''}:{self.person_id or ''}"


class Verdict(models.TextChoices):
    APPROVE = "approve", _("Approved")
    RETURN = "return", _("Changes requested")


class Decision(models.Model):
    """One person's answer in a slot: what was said, by whom in which capacity, over which hash.

    The names are copied, so that a later rename leaves the signature as it was given. `seal` is the SHA-256 of the
    whole (see `procedures.signatures`). Decisions of a round that was returned or recalled stay, marked invalid.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="decisions")
    slot = models.ForeignKey(RoundSlot, on_delete=models.PROTECT, related_name="decisions")
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=7, choices=Verdict)
    meaning = models.CharField(max_length=8, choices=Meaning)
    comment = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    decider_name = models.CharField(max_length=254)
    capacity = models.CharField(_("as"), max_length=254)
    method = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    statement_version = models.PositiveSmallIntegerField(default=0)  # of the e-signature statement; 0 for none
    seal_format = models.PositiveSmallIntegerField(default=1)
    seal = models.CharField(max_length=64)
    invalidated_at = models.DateTimeField(null=True, blank=True)
    invalidated_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["decided_at", "pk"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "decider"],
                condition=Q(invalidated_at=None),
                name="procedures_one_decision_per_person",
            ),
            models.UniqueConstraint(
                fields=["slot"], condition=Q(invalidated_at=None), name="procedures_one_decision_per_slot"
            ),
            models.UniqueConstraint(
                fields=["round", "on_behalf_of"],
                condition=Q(invalidated_at=None),
                name="procedures_one_decision_for_a_person",
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | ~Q(on_behalf_of=models.F("decider")),
                name="procedures_nobody_decides_for_themselves",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.APPROVE) | ~Q(comment=""), name="procedures_return_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decider_name}: {self.get_verdict_display()}"
