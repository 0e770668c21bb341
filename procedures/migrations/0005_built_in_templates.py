from django.db import migrations

from procedures.starting import built_in_templates


def add_templates(apps, schema_editor):
    """The templates that come with sopdesk; those that are there already stay as they are."""
    ProcedureTemplate = apps.get_model("procedures", "ProcedureTemplate")
    present = set(ProcedureTemplate.objects.exclude(key=None).values_list("key", flat=True))
    for row in built_in_templates():
        if row["key"] not in present:
            ProcedureTemplate.objects.create(**row)


class Migration(migrations.Migration):
    dependencies = [("procedures", "0004_default_route")]

    operations = [migrations.RunPython(add_templates, migrations.RunPython.noop)]
