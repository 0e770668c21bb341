"""The numbered, lasting thing: what stays when its text changes."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


class Kind(models.TextChoices):
    PROCEDURE = "procedure", _("Procedure")
    WORK_INSTRUCTION = "work_instruction", _("Work instruction")
    POLICY = "policy", _("Policy")
    STANDARD = "standard", _("Standard")


class Audience(models.TextChoices):
    EVERYONE = "everyone", _("Everyone")
    DEPARTMENTS = "departments", _("Some departments")
    ROLES = "roles", _("Some roles")


class Risk(models.TextChoices):
    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")


class Category(models.Model):
    """A shelf of the library ("Payroll", "Stock"), alone or below another one, where `position` orders it."""

    name = models.CharField(
        _("name"), max_length=80, unique=True, error_messages={"unique": _("There is a category of this name.")}
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("below"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("pk")), name="procedures_category_not_below_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Procedure(models.Model):
    """A procedure, work instruction, policy or standard, known by its code. Its text lives in revisions.

    `variant_of` names the shared procedure that a department adapts, `translation_of` the one it says in another
    language; a procedure is at most one of the two.
    """

    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$", _("Capital letters and digits with a dash, like FIN-014."))
        ],
        error_messages={"unique": _("This code is taken, and codes are never given twice.")},
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.PROCEDURE)
    department = models.ForeignKey(
        "roles.Department", verbose_name=_("department"), on_delete=models.PROTECT, related_name="procedures"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="owned_procedures"
    )
    coauthors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("co-authors"), blank=True, related_name="coauthored_procedures"
    )
    risk = models.CharField(_("risk"), max_length=6, choices=Risk, default=Risk.NORMAL)
    audience = models.CharField(_("audience"), max_length=11, choices=Audience, default=Audience.EVERYONE)
    audience_departments = models.ManyToManyField(
        "roles.Department", verbose_name=_("departments that may read it"), blank=True, related_name="+"
    )
    audience_roles = models.ManyToManyField(
        "roles.Role", verbose_name=_("roles that may read it"), blank=True, related_name="+"
    )
    variant_of = models.ForeignKey(
        "self", verbose_name=_("variant of"), null=True, blank=True, on_delete=models.PROTECT, related_name="variants"
    )
    translation_of = models.ForeignKey(
        "self",
        verbose_name=_("translation of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="translations",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(m2m_fields=[coauthors, audience_departments, audience_roles])

    class Meta:
        ordering = ["code"]
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="procedures_kind_known"),
            models.CheckConstraint(condition=models.Q(audience__in=Audience.values), name="procedures_audience_known"),
            models.CheckConstraint(condition=models.Q(risk__in=Risk.values), name="procedures_risk_known"),
            models.CheckConstraint(
                condition=models.Q(variant_of=None) | models.Q(translation_of=None),
                name="procedures_variant_or_translation",
            ),
            models.CheckConstraint(
                condition=~models.Q(variant_of=models.F("pk")) & ~models.Q(translation_of=models.F("pk")),
                name="procedures_not_its_own_source",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("procedure", args=[self.code])
