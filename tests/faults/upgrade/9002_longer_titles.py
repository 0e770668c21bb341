from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("procedures", "9001_note")]

    operations = [
        migrations.AlterField("revision", "title", models.CharField(max_length=300)),
        migrations.AddField("round", "note", models.CharField(max_length=40, null=True)),
    ]
