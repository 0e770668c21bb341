from django.db import migrations, models

from tests.faults.upgrade import LAST


def fill(apps, schema_editor):
    for decision in apps.get_model("procedures", "Decision").objects.all():
        decision.note = f"was {decision.verdict}"
        decision.save(update_fields=["note"])


class Migration(migrations.Migration):
    dependencies = [("procedures", LAST)]

    operations = [
        migrations.AddField("decision", "note", models.CharField(max_length=40, default="")),
        migrations.RunPython(fill),
    ]
