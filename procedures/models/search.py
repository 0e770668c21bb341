"""The tables of the search: what `procedures.search` writes in the transaction that publishes, and reads.

Everything here except the synonyms and what was searched for can be made again from the published revisions
(`manage.py rebuildsearch`). The index of texts itself is a table of the database's own kind, made in migration 0003:
on SQLite the virtual table `procedures_search_fts`, on PostgreSQL the table `procedures_search_vector`.
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
    """A role that takes part in an indexed revision, for its page and for the filter of the library."""

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="acting_roles")
    role = models.ForeignKey("roles.Role", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "role"], name="procedures_search_role_once")]

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.role_id}"


class SearchMeaning(models.Model):
    """The vector of one passage of an indexed revision, from the text with `content_hash`, by `model`; 16-bit floats.

    Only with the extra `sopdesk[meaning]` (see `procedures.search.meaning`).
    """

    revision = models.ForeignKey("procedures.Revision", on_delete=models.CASCADE, related_name="meanings")
    position = models.PositiveSmallIntegerField()
    content_hash = models.CharField(max_length=64)
    model = models.CharField(max_length=60)
    vector = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "position"], name="procedures_search_meaning_once")]

    def __str__(self) -> str:
        return f"{self.revision_id}: {self.position}"


class SynonymGroup(models.Model):
    """Words and phrases that mean the same to people who search. `starter` says which group of the list that comes
    with sopdesk this is, so that it can be brought back; empty for a group of the company's own."""

    language = models.CharField(_("language"), max_length=5)
    starter = models.CharField(max_length=16, blank=True, editable=False)

    class Meta:
        ordering = ["language", "pk"]
        verbose_name = _("group of synonyms")
        verbose_name_plural = _("groups of synonyms")
        constraints = [
            models.UniqueConstraint(
                fields=["starter"], condition=~models.Q(starter=""), name="procedures_synonym_starter_once"
            )
        ]

    def __str__(self) -> str:
        return ", ".join(synonym.phrase for synonym in self.synonyms.all())


class Synonym(models.Model):
    """A word or phrase of a group. `key` is what a query is compared with: the stems of the phrase."""

    language = models.CharField(_("language"), max_length=5)
    group = models.ForeignKey(SynonymGroup, on_delete=models.CASCADE, related_name="synonyms", db_column="group")
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


class Outcome(models.TextChoices):
    """What became of a search. Only a script in the browser can tell: without one it stays unknown."""

    UNKNOWN = "unknown", _("unknown")
    SHOWN = "shown", _("nothing opened")
    OPENED = "opened", _("opened")


class SearchRecord(models.Model):
    """One search in the library, for the list of what people do not find (`procedures.searches`).

    form: the stems of its words in the order of the alphabet, by which searches are grouped.
    results, complete: how many procedures were found, and how many of them have all words.
    person: for 30 days, then cleared.
    """

    person = models.ForeignKey("roles.User", null=True, on_delete=models.SET_NULL, related_name="+")
    typed = models.CharField(max_length=300)
    form = models.CharField(max_length=300)
    language = models.CharField(max_length=5)
    results = models.PositiveIntegerField()
    complete = models.PositiveIntegerField()
    filters = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.UNKNOWN)
    searched_at = models.DateTimeField()

    class Meta:
        ordering = ["-searched_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(form=""), name="procedures_search_record_has_words"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["unknown", "shown", "opened"]), name="procedures_search_record_outcome"
            ),
            models.CheckConstraint(
                condition=models.Q(complete__lte=models.F("results")), name="procedures_search_record_complete"
            ),
        ]
        indexes = [
            models.Index(fields=["searched_at"], name="procedures_search_record_at"),
            models.Index(
                fields=["person", "-searched_at"],
                condition=models.Q(person__isnull=False),
                name="procedures_search_record_who",
            ),
        ]

    def __str__(self) -> str:
        return self.typed


class IgnoredSearch(models.Model):
    """Words that nobody needs to write a procedure for; they stay out of the report until they are taken back."""

    form = models.CharField(max_length=300, unique=True)
    typed = models.CharField(max_length=300)
    ignored_by = models.ForeignKey("roles.User", on_delete=models.PROTECT, related_name="+")
    ignored_at = models.DateTimeField()

    class Meta:
        ordering = ["typed", "pk"]

    def __str__(self) -> str:
        return self.typed
