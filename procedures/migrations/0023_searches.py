"""Groups of synonyms get a row of their own, under the number that they have; what was searched for gets a table."""

import django.db.models.deletion
from django.conf import settings
from django.core.management.color import no_style
from django.db import migrations, models

from procedures.search.synonyms import starter_groups


def make_groups(apps, schema_editor):
    """A group for every number in use. Those that migration 0003 made are groups of the starter list."""
    synonym = apps.get_model("procedures", "Synonym")
    group = apps.get_model("procedures", "SynonymGroup")
    in_use = dict(synonym.objects.values_list("group", "language"))
    names = {number: (name, language) for number, (name, language, _) in enumerate(starter_groups(), start=1)}
    group.objects.bulk_create(
        group(
            pk=number, language=language, starter=names[number][0] if names.get(number, ("", ""))[1] == language else ""
        )
        for number, language in sorted(in_use.items())
    )
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [group]):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("procedures", "0022_manuals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IgnoredSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(max_length=300, unique=True)),
                ("typed", models.CharField(max_length=300)),
                ("ignored_at", models.DateTimeField()),
                (
                    "ignored_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["typed", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("starter", models.CharField(blank=True, editable=False, max_length=16)),
            ],
            options={
                "verbose_name": "group of synonyms",
                "verbose_name_plural": "groups of synonyms",
                "ordering": ["language", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("starter", ""), _negated=True),
                        fields=("starter",),
                        name="procedures_synonym_starter_once",
                    )
                ],
            },
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="synonym",
            name="group",
            field=models.ForeignKey(
                db_column="group",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="synonyms",
                to="procedures.synonymgroup",
            ),
        ),
        migrations.CreateModel(
            name="SearchRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("typed", models.CharField(max_length=300)),
                ("form", models.CharField(max_length=300)),
                ("language", models.CharField(max_length=5)),
                ("results", models.PositiveIntegerField()),
                ("complete", models.PositiveIntegerField()),
                ("filters", models.CharField(blank=True, max_length=100)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("unknown", "unknown"), ("shown", "nothing opened"), ("opened", "opened")],
                        default="unknown",
                        max_length=8,
                    ),
                ),
                ("searched_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-searched_at", "-pk"],
                "indexes": [
                    models.Index(fields=["searched_at"], name="procedures_search_record_at"),
                    models.Index(
                        condition=models.Q(("person__isnull", False)),
                        fields=["person", "-searched_at"],
                        name="procedures_search_record_who",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("form", ""), _negated=True), name="procedures_search_record_has_words"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["unknown", "shown", "opened"])),
                        name="procedures_search_record_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("complete__lte", models.F("results"))),
                        name="procedures_search_record_complete",
                    ),
                ],
            },
        ),
    ]
