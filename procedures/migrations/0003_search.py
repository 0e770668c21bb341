"""The tables of the search, the index of the database's own kind, and the synonyms to begin with."""

import django.db.models.deletion
from django.db import migrations, models

from procedures.search.synonyms import starter_rows

CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE procedures_search_fts USING fts5("
        "code, title, tags, steps, body, spelt, tokenize='unicode61 remove_diacritics 0')",
        # What a match is worth in each column.
        "INSERT INTO procedures_search_fts(procedures_search_fts, rank)"
        " VALUES ('rank', 'bm25(20.0, 10.0, 5.0, 3.0, 1.0, 0.0)')",
    ],
    "postgresql": [
        "CREATE TABLE procedures_search_vector ("
        "revision_id bigint PRIMARY KEY, head tsvector NOT NULL, full_text tsvector NOT NULL, spelt tsvector NOT NULL)",
        # Without a list of pending entries, which every search would have to read through.
        "CREATE INDEX procedures_search_vector_full ON procedures_search_vector"
        " USING gin (full_text) WITH (fastupdate = off)",
        "CREATE INDEX procedures_search_vector_spelt ON procedures_search_vector"
        " USING gin (spelt) WITH (fastupdate = off)",
    ],
}
DROP = {
    "sqlite": ["DROP TABLE procedures_search_fts"],
    "postgresql": ["DROP TABLE procedures_search_vector"],
}


def create_index(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def add_synonyms(apps, schema_editor):
    synonym = apps.get_model("procedures", "Synonym")
    synonym.objects.bulk_create(synonym(**row) for row in starter_rows())


class Migration(migrations.Migration):
    dependencies = [("procedures", "0002_initial"), ("roles", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folded", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=5)),
                ("stem", models.CharField(db_index=True, max_length=64)),
                ("frequency", models.PositiveIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["folded"], name="procedures_search_term_prefix", opclasses=["varchar_pattern_ops"]
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("folded", "language", "stem"), name="procedures_search_term_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchDelete",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("spelling", models.CharField(max_length=64)),
                ("folded", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("spelling", "folded"), name="procedures_search_delete_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="acting_roles",
                        to="procedures.revision",
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.role"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("revision", "role"), name="procedures_search_role_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Synonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("group", models.PositiveIntegerField(db_index=True, verbose_name="group")),
                ("phrase", models.CharField(max_length=80, verbose_name="word or phrase")),
                ("key", models.CharField(db_index=True, editable=False, max_length=120)),
            ],
            options={
                "verbose_name": "synonym",
                "verbose_name_plural": "synonyms",
                "ordering": ["language", "group", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("language", "group", "key"), name="procedures_synonym_once_in_group"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                fields=["state", "procedure", "effective_on", "category", "language"], name="procedures_revision_library"
            ),
        ),
        migrations.RunPython(create_index, drop_index),
        migrations.RunPython(add_synonyms, migrations.RunPython.noop),
    ]
