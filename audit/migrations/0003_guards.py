from django.db import migrations

from audit import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection)


class Migration(migrations.Migration):
    """Any later migration that alters `audit_entry` rebuilds the table on SQLite, which drops its triggers: it must
    call `guards.install` again. `tests/audit/test_guards.py` looks whether all are there in the end."""

    dependencies = [("audit", "0002_initial")]

    operations = [migrations.RunPython(install, remove)]
