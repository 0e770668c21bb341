"""Every revision there is gets its token; may be run again after it was stopped half-way."""

import secrets

from django.db import migrations

BATCH = 500


def fill(apps, schema_editor):
    Revision = apps.get_model("procedures", "Revision")
    revisions = Revision.objects.using(schema_editor.connection.alias)
    while True:
        batch = list(revisions.filter(status_token=None).only("pk").order_by("pk")[:BATCH])
        if not batch:
            return
        for revision in batch:
            revision.status_token = secrets.token_urlsafe(16)
        revisions.bulk_update(batch, ["status_token"])


class Migration(migrations.Migration):
    dependencies = [("procedures", "0015_status_token")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
