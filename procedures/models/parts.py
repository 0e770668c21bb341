"""The small parts of a revision: with what, how well, who answers for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Part(models.Model):
    """A numbered row of a revision. Rewritten as a whole when the draft's details are saved."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="%(class)ss")
    position = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
        ordering = ["revision", "position", "pk"]


class Tool(Part):
    """A tool or system that one needs."""

    name = models.CharField(_("tool or system"), max_length=120)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("tool")
        verbose_name_plural = _("tools")

    def __str__(self) -> str:
        return self.name


class Record(Part):
    """A record or form that the work leaves behind."""

    name = models.CharField(_("record or form"), max_length=160)
    place = models.CharField(_("kept where"), max_length=200, blank=True)
    kept = models.CharField(_("kept how long"), max_length=80, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("record")
        verbose_name_plural = _("records")

    def __str__(self) -> str:
        return self.name


class Direction(models.TextChoices):
    AT_MOST = "at_most", _("at most")
    AT_LEAST = "at_least", _("at least")


class Benchmark(Part):
    """The definition of a benchmark: a target with a unit and a direction. Measurements come with runs."""

    name = models.CharField(_("benchmark"), max_length=120)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=3)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, default=Direction.AT_MOST)

    class Meta(Part.Meta):
        verbose_name = _("benchmark")
        verbose_name_plural = _("benchmarks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(direction__in=Direction.values), name="procedures_benchmark_direction_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class StandardKind(models.TextChoices):
    NAMING = "naming", _("Naming rule")
    CODES = "codes", _("Code table")
    FORM = "form", _("Form")
    STORAGE = "storage", _("Storage and backup rule")


class StandardPart(Part):
    """A structured part of a standard, versioned with its text. The shape of `data` depends on the kind; see
    `procedures.standards`."""

    kind = models.CharField(_("kind of part"), max_length=7, choices=StandardKind)
    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta(Part.Meta):
        verbose_name = _("part of a standard")
        verbose_name_plural = _("parts of a standard")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=StandardKind.values), name="procedures_standard_part_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class CodeLink(models.Model):
    """A procedure or standard that a revision's text refers to by its code, in one step or (`step_uid` empty) around
    the steps. The code need not exist: that is a broken link, and is reported."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="codelinks")
    step_uid = models.UUIDField(null=True, blank=True)
    code = models.CharField(_("code"), max_length=20)

    class Meta:
        ordering = ["revision", "code"]
        verbose_name = _("link to a code")
        verbose_name_plural = _("links to codes")
        indexes = [models.Index(fields=["code"], name="procedures_codelink_code")]

    def __str__(self) -> str:
        return f"{self.revision_id} → {self.code}"


class Letter(models.TextChoices):
    RESPONSIBLE = "R", _("Responsible: does the work")
    ACCOUNTABLE = "A", _("Accountable: answers for the result")
    CONSULTED = "C", _("Consulted: is asked before")
    INFORMED = "I", _("Informed: is told after")


class Responsibility(models.Model):
    """RACI: one letter of one role, for the whole revision (`step` empty) or for one step."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="responsibilities")
    step = models.ForeignKey(
        "procedures.Step", null=True, blank=True, on_delete=models.CASCADE, related_name="responsibilities"
    )
    role = models.ForeignKey("roles.Role", verbose_name=_("role"), on_delete=models.PROTECT, related_name="+")
    letter = models.CharField(_("letter"), max_length=1, choices=Letter)

    history = HistoricalRecords()

    class Meta:
        ordering = ["revision", "step__position", "letter", "role__name"]
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "role", "letter"],
                condition=models.Q(step=None),
                name="procedures_responsibility_once",
            ),
            models.UniqueConstraint(
                fields=["step", "role", "letter"],
                condition=models.Q(step__isnull=False),
                name="procedures_step_responsibility_once",
            ),
            models.UniqueConstraint(
                fields=["revision"],
                condition=models.Q(step=None, letter="A"),
                name="procedures_one_accountable",
                violation_error_message=_("Only one role can be accountable for the whole."),
            ),
            models.CheckConstraint(
                condition=models.Q(letter__in=Letter.values), name="procedures_responsibility_letter_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}: {self.role}"
