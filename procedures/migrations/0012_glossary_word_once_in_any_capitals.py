from django.db import migrations, models
from django.db.models.functions import Lower


def tell_apart(apps, schema_editor):
    """Number what differs from an older word by its capitals only, so that people can settle it."""
    GlossaryTerm = apps.get_model("procedures", "GlossaryTerm")
    taken = set()
    for row in GlossaryTerm.objects.order_by("pk"):
        word, number = row.term, 1
        while (word.lower(), row.language) in taken:
            number += 1
            word = f"{row.term[:54]} ({number})"
        taken.add((word.lower(), row.language))
        if word != row.term:
            row.term = word
            row.save(update_fields=["term"])


class Migration(migrations.Migration):
    dependencies = [("procedures", "0011_confirmation_statement")]

    operations = [
        migrations.RemoveConstraint(model_name="glossaryterm", name="procedures_glossary_term_once"),
        migrations.RunPython(tell_apart, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="glossaryterm",
            constraint=models.UniqueConstraint(
                Lower("term"),
                "language",
                name="procedures_glossary_term_once",
                violation_error_message="This word is in the glossary already.",
            ),
        ),
    ]
