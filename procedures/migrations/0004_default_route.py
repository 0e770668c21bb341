from django.db import migrations


def add_default_route(apps, schema_editor):
    """A firm that has set up nothing can already approve: the head of the department decides."""
    Route = apps.get_model("procedures", "Route")
    stage = Route.objects.create(name="Head of department").stages.create(position=1, name="Approval")
    stage.slots.create(position=1, kind="head")


class Migration(migrations.Migration):
    dependencies = [("procedures", "0003_search")]

    operations = [migrations.RunPython(add_default_route, migrations.RunPython.noop)]
