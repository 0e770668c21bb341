import logging
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tasks import default_task_backend

from jobs.worker import Worker

logger = logging.getLogger("jobs")


class Command(BaseCommand):
    help = (
        "Run background tasks: mail, PDF, scheduled work. Start as many workers as you like. "
        "Ctrl-C or SIGTERM lets the running task finish; a second Ctrl-C interrupts it, and it runs again later."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", help="queues to work on, separated by commas (default: all)")
        parser.add_argument(
            "--interval", type=_seconds, default=1.0, help="seconds between two looks at empty queues (default: 1)"
        )
        parser.add_argument("--batch", action="store_true", help="run what is ready, then exit: for cron")

    def handle(self, *, queues: str | None, interval: float, batch: bool, **options: Any) -> None:
        worker = Worker(queues=_known_queues(queues), interval=interval)
        # The library reports every task twice at this logger; the worker's own line says it once.
        logging.getLogger("django_tasks").setLevel(logging.CRITICAL)
        logger.info("Worker %s starts, queues: %s", worker.worker_id, ", ".join(worker.queues))
        with _signals_stop(worker):
            try:
                count = worker.run(batch=batch)
            except KeyboardInterrupt:
                logger.warning("Worker %s was interrupted, its task runs again.", worker.worker_id)
                sys.exit(130)
        logger.info("Worker %s ends, tasks run: %d", worker.worker_id, count)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.05 <= seconds <= 3600:
        raise ArgumentTypeError("must be between 0.05 and 3600 seconds")
    return seconds


def _known_queues(text: str | None) -> list[str]:
    known = sorted(default_task_backend.queues)
    if text is None:
        return known
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    if not wanted or not set(wanted) <= set(known):
        raise CommandError(f"--queues takes some of: {', '.join(known)}")
    return wanted


@contextmanager
def _signals_stop(worker: Worker) -> Iterator[None]:
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        # Only a second Ctrl-C is a person who insists. A supervisor may well forward both SIGINT and SIGTERM, in
        # whatever order.
        if number == signal.SIGINT:
            if asked:
                raise KeyboardInterrupt
            asked = True
        worker.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
