"""What accompanies the writing of a draft: who is there, what they say about it, advice that was turned down."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class EditingPresence(models.Model):
    """Somebody has a draft open in the editor. Renewed while the page is open; old rows mean nothing."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    step_uid = models.UUIDField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("presence in the editor")
        verbose_name_plural = _("presences in the editor")
        constraints = [models.UniqueConstraint(fields=["revision", "user"], name="procedures_presence_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.revision}"


class Comment(models.Model):
    """A remark of a writer or reviewer on a step (`step_uid`) or on the whole; `parent` makes it an answer.

    A thread is its first comment with the answers; only the first is resolved.
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="comments")
    step_uid = models.UUIDField(null=True, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_("comment"), max_length=4_000)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["revision", "created_at", "pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolved_by=None)
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False, parent=None),
                name="procedures_comment_resolved_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.body[:60]


class KeptAdvice(models.Model):
    """Writing advice that somebody turned down for one sentence of a procedure; it is not given again."""

    procedure = models.ForeignKey("procedures.Procedure", on_delete=models.CASCADE, related_name="kept_advice")
    rule = models.CharField(max_length=40)
    sentence_hash = models.CharField(max_length=64)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("advice turned down")
        verbose_name_plural = _("advice turned down")
        constraints = [
            models.UniqueConstraint(fields=["procedure", "rule", "sentence_hash"], name="procedures_kept_advice_once")
        ]

    def __str__(self) -> str:
        return self.rule


class GlossaryTerm(models.Model):
    """A word or abbreviation that the firm uses without explaining it each time."""

    term = models.CharField(_("word or abbreviation"), max_length=60)
    meaning = models.CharField(_("meaning"), max_length=300)
    language = models.CharField(_("language"), max_length=5, blank=True, help_text=_("Empty: in every language."))

    class Meta:
        ordering = ["term"]
        verbose_name = _("word of the glossary")
        verbose_name_plural = _("words of the glossary")
        constraints = [
            models.UniqueConstraint(
                Lower("term"),
                "language",
                name="procedures_glossary_term_once",
                violation_error_message=_("This word is in the glossary already."),
            )
        ]

    def __str__(self) -> str:
        return self.term


class Diagram(models.Model):
    """A drawn diagram of an author's ```mermaid``` block, kept under the hash of its source."""

    sha256 = models.CharField(max_length=64, unique=True)
    svg = models.TextField(blank=True)
    error = models.CharField(max_length=500, blank=True)
    engine = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("diagram")
        verbose_name_plural = _("diagrams")

    def __str__(self) -> str:
        return self.sha256[:12]
