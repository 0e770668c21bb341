"""The search index of the database's own kind, and the synonyms to begin with."""

from django.db import migrations

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
    dependencies = [("procedures", "0001_initial")]

    operations = [
        migrations.RunPython(create_index, drop_index),
        migrations.RunPython(add_synonyms, migrations.RunPython.noop),
    ]
