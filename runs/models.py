"""What readers say about a step."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 2000


class RemarkKind(models.TextChoices):
    UNCLEAR = "unclear", _("It is unclear")
    MISSING = "missing", _("A detail is missing")
    COMPLEX = "complex", _("It is too complicated")
    WRONG = "wrong", _("It is wrong")
    OTHER_WAY = "other_way", _("I do it another way")


class Answer(models.TextChoices):
    PROMISED = "promised", _("Will be changed")
    CHANGED = "changed", _("Text changed")
    DECLINED = "declined", _("Stays as it is")
    CLOSED = "closed", _("Procedure withdrawn")


FINAL = (Answer.CHANGED, Answer.CLOSED)
"""What nobody answers otherwise afterwards."""


class RemarkQuerySet(models.QuerySet["Remark"]):
    def open(self) -> "RemarkQuerySet":
        """Those that nobody has answered."""
        return self.filter(answer="")

    def promised_in(self, revision: object) -> "RemarkQuerySet":
        """Those that `revision` is to solve when it comes into force."""
        return self.filter(answer=Answer.PROMISED, solved_by=revision)

    def answered_by(self, revision: object) -> "RemarkQuerySet":
        """Those that `revision` solves, or is to solve."""
        return self.filter(answer__in=[Answer.PROMISED, Answer.CHANGED], solved_by=revision)

    def to_settle(self) -> "RemarkQuerySet":
        """Those that still wait for a change of the text or for an answer."""
        return self.filter(answer__in=["", Answer.PROMISED])

    def with_parents(self) -> "RemarkQuerySet":
        """With everything that a row of a list shows, without long texts."""
        related = self.select_related("procedure__department", "revision", "solved_by", "author")
        return related.defer(
            "revision__content", "revision__rendered", "solved_by__content", "solved_by__rendered"
        )  # fmt: skip


class Remark(models.Model):
    """What a reader suggests about a step of `revision`, which they read, or about the whole (`step` None).

    `step` is the uid, which stays from revision to revision; number, title and the names are those of that moment.
    What was said never changes; the answer may, until it is final, and `version` counts the answers. `solved_by` is the
    revision that is to change the text (`promised`, None while there is no draft), or that has (`changed`).
    """

    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.PROTECT, related_name="remarks")
    revision = models.ForeignKey("procedures.Revision", on_delete=models.PROTECT, related_name="remarks")
    step = models.UUIDField(null=True, blank=True)
    step_number = models.PositiveIntegerField(null=True, blank=True)
    step_title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=9, choices=RemarkKind)
    text = models.TextField(_("suggestion"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="remarks")
    author_name = models.CharField(max_length=254)
    said_at = models.DateTimeField()

    version = models.PositiveIntegerField(default=1)
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, blank=True)
    answer_text = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answerer_name = models.CharField(max_length=254, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    solved_by = models.ForeignKey(
        "procedures.Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="remarks_solved"
    )
    solved_at = models.DateTimeField(null=True, blank=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["-said_at", "-pk"]
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        indexes = [models.Index(fields=["procedure", "answer"], name="runs_remark_by_procedure")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RemarkKind.values), name="runs_remark_kind_known"),
            models.CheckConstraint(condition=Q(answer__in=["", *Answer.values]), name="runs_remark_answer_known"),
            models.CheckConstraint(condition=~Q(text=""), name="runs_remark_says_something"),
            models.CheckConstraint(
                condition=Q(step=None, step_number=None, step_title="")
                | Q(step__isnull=False, step_number__isnull=False),
                name="runs_remark_step_or_whole",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None, answer_text="", solved_by=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="runs_remark_open_has_no_answer",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.CHANGED, solved_by__isnull=False, solved_at__isnull=False)
                | (~Q(answer=Answer.CHANGED) & Q(solved_at=None)),
                name="runs_remark_changed_says_where",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=[Answer.PROMISED, Answer.CHANGED]) | Q(solved_by=None),
                name="runs_remark_only_changes_solve",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=[Answer.DECLINED, Answer.CLOSED]) | ~Q(answer_text=""),
                name="runs_remark_declined_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision}, {self.step_number or '–'}: {self.author_name}"

    def get_absolute_url(self) -> str:
        return reverse("remark", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return not self.answer

    @property
    def is_final(self) -> bool:
        return self.answer in FINAL

    @property
    def is_promised(self) -> bool:
        return self.answer == Answer.PROMISED
