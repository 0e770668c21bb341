from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from django_tasks import task

from .models import WorkerBeat

KEEP_RESULTS_DAYS = 14
KEEP_FAILED_DAYS = 90
KEEP_DEAD_WORKERS = timedelta(days=1)


@task()
def prune_results() -> None:
    """Delete results of finished tasks, with their failed attempts, and the beats that dead workers left behind."""
    call_command(
        "prune_db_task_results",
        queue_name="*",
        min_age_days=KEEP_RESULTS_DAYS,
        failed_min_age_days=KEEP_FAILED_DAYS,
        verbosity=0,
    )
    WorkerBeat.objects.filter(seen__lt=timezone.now() - KEEP_DEAD_WORKERS).delete()
