from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from procedures.demo.errors import NotEmpty
from procedures.demo.loader import load_demo

LOGINS = ("manager", "author", "approver", "compliance", "staff", "newhire", "auditor", "admin")


class Command(BaseCommand):
    help = "Make a small firm to try sopdesk with. Does nothing when it is there; refuses a database with other data."

    def handle(self, **options: object) -> None:
        try:
            summary = load_demo()
        except NotEmpty as error:
            raise CommandError("This database holds other data. The demo firm needs an empty one.") from error
        if summary is None:
            self.stdout.write("The demo firm is there already.")
        else:
            self.stdout.write(
                f"Made {summary.departments} departments, {summary.people} people, "
                f"{summary.procedures} procedures with {summary.revisions} revisions."
            )
        names = ", ".join(f"{name}@demo.sopdesk.test" for name in LOGINS)
        self.stdout.write(f"Log in as {names}\nPassword: {settings.DEMO_PASSWORD}")
