"""The trail: one row per thing that happened, chained by hash, never changed.

An entry outlives its subject and its actor: it keeps their labels and holds the ids without a database constraint.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Unchangeable(TypeError):
    """Somebody tried to change or delete an entry through the ORM."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def update(self, **kwargs: object) -> int:
        raise Unchangeable("entries of the trail are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Unchangeable("entries of the trail are never deleted")


class Entry(models.Model):
    """One event. `hash` covers every other field and the hash of the entry before."""

    seq = models.PositiveBigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("time"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_label = models.CharField(max_length=254)
    name = models.CharField(_("event"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=254)
    procedure_code = models.CharField(max_length=20, blank=True)
    data = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    format = models.PositiveSmallIntegerField(default=1)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail entries")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "seq"]),
            # Each ends with seq: the newest entries of one person, event or procedure are read off, not sorted.
            models.Index(fields=["actor", "seq"], name="audit_entry_actor_seq"),
            models.Index(fields=["name", "seq"], name="audit_entry_name_seq"),
            models.Index(fields=["procedure_code", "seq"], name="audit_entry_procedure_seq"),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(seq__gt=0), name="audit_entry_seq_positive")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk is not None:
            raise Unchangeable("entries of the trail are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise Unchangeable("entries of the trail are never deleted")


class Head(models.Model):
    """The end of the chain: a single row that every writer locks, so that numbers have no gaps."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="audit_head_single_row")]

    def __str__(self) -> str:
        return f"#{self.seq}"


class Checkpoint(models.Model):
    """How the trail stood at a time, signed; the same line is in a file outside of the database."""

    seq = models.PositiveBigIntegerField(_("number"), unique=True)
    hash = models.CharField(max_length=64)
    count = models.PositiveBigIntegerField()
    at = models.DateTimeField(_("time"))
    key = models.CharField(max_length=16)
    signature = models.CharField(max_length=88)

    class Meta:
        ordering = ["seq"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        constraints = [models.CheckConstraint(condition=models.Q(seq__gt=0), name="audit_checkpoint_seq_positive")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.hash[:12]}"
