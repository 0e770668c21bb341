"""Files: stored once by the hash of their bytes, attached to revisions by name."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """Bytes in the storage under the name that their SHA-256 gives them. Rows are never changed."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    content_type = models.CharField(max_length=80)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.sha256[:12]


class Attachment(models.Model):
    """A file of one revision. Text refers to it as `media:<key>`; the key is the head of its hash."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="attachments")
    key = models.CharField(max_length=16)
    title = models.CharField(_("file name"), max_length=160)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["revision", "created_at"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [models.UniqueConstraint(fields=["revision", "key"], name="procedures_attachment_once")]

    def __str__(self) -> str:
        return self.title


class RenditionKind(models.TextChoices):
    PDF = "pdf", _("PDF")
    PDF_EMERGENCY = "emergency", _("PDF of an emergency issue")
    PDF_OBSOLETE = "pdf_obsolete", _("PDF with the obsolete mark")


class Rendition(models.Model):
    """A rendered file of a frozen revision, made once and then served as it is."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=12, choices=RenditionKind)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="renditions")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [models.UniqueConstraint(fields=["revision", "kind"], name="procedures_rendition_once")]

    def __str__(self) -> str:
        return f"{self.revision_id} {self.kind}"
