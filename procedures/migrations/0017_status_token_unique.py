"""From now on a revision has a token from the moment it is made, and no two have the same."""

from django.db import migrations, models

import procedures.models.revision


class Migration(migrations.Migration):
    dependencies = [("procedures", "0016_status_token_filled")]

    operations = [
        migrations.AlterField(
            "revision",
            "status_token",
            models.CharField(
                default=procedures.models.revision.new_status_token, editable=False, max_length=22, unique=True
            ),
        ),
    ]
