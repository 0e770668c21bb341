"""The tables of the search: what `procedures.search` writes in the transaction that publishes, and reads.

Everything here except the synonyms can be made again from the published revisions (`manage.py rebuildsearch`).
The index of texts itself is a table of the database's own kind, made in migration 0003: on SQLite the virtual table
`procedures_search_fts`, on PostgreSQL the table `procedures_search_vector`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchTerm(models.Model):
    """A word that some indexed text spells: without accents, with its language and the term that it is indexed under.

    `frequency` is about the number of texts with it: two publications at the same moment may count as one.
    """

    folded = models.CharField(max_length=64)
    language = models.CharField(max_length=5)
    stem = models.CharField(max_length=64, db_index=True)
    frequency = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["folded", "language", "stem"], name="procedures_search_term_once")
        ]
        indexes = [
            # Prefixes: PostgreSQL compares text by the rules of a language unless told otherwise.
            models.Index(fields=["folded"], name="procedures_search_term_prefix", opclasses=["varchar_pattern_ops"])
        ]

    def __str__(self) -> str:
        return f"{self.folded} ({self.language})"


class SearchDelete(models.Model):
    """A known word with one of its first letters left out: two words one typing slip apart share such a spelling."""

    spelling = models.CharField(max_length=64)
    folded = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["spelling", "folded"], name="procedures_search_delete_once")]

    def __str__(self) -> str:
        return f"{self.spelling} → {self.folded}"


class SearchRole(models.Model):
    """A role that acts in the steps of an indexed revision, so that the library can be filtered by it."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="acting_roles")
    role = models.ForeignKey("roles.Role", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "role"], name="procedures_search_role_once")]

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.role_id}"


class Synonym(models.Model):
    """A word or phrase that means the same as the others of its group, for people who search."""

    language = models.CharField(_("language"), max_length=5)
    group = models.PositiveIntegerField(_("group"), db_index=True)
    phrase = models.CharField(_("word or phrase"), max_length=80)
    key = models.CharField(max_length=120, db_index=True, editable=False)

    class Meta:
        ordering = ["language", "group", "pk"]
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        constraints = [
            models.UniqueConstraint(fields=["language", "group", "key"], name="procedures_synonym_once_in_group")
        ]

    def __str__(self) -> str:
        return self.phrase
