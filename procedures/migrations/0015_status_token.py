"""A column for the token of a revision's public status page; filled and made unique by the next two migrations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("procedures", "0014_change_sets")]

    operations = [
        migrations.AddField("revision", "status_token", models.CharField(max_length=22, null=True, editable=False)),
    ]
