from django.core.management.base import BaseCommand

from procedures.actions import overdue


class Command(BaseCommand):
    help = (
        "Remind those who are asked to decide, tell who is above them when it is late, and who answers for a procedure "
        "when nobody can decide. Safe to run twice; the worker does it by clock."
    )

    def handle(self, **options: object) -> None:
        for what, rounds in overdue.send_reminders().items():
            for round in rounds:
                self.stdout.write(f"{what} {round}")
            self.stdout.write(f"{len(rounds)} {what}")
