"""SQLite with a fair queue of writers.

SQLite's busy handler sleeps and retries, so under load an unlucky writer can wait ten times longer than
the others. Here every writing transaction takes an advisory lock on a file beside the database before
BEGIN IMMEDIATE; the kernel serves that queue in order. Readers outside `atomic()` never touch it.
"""

import fcntl
import os

from django.db.backends.sqlite3 import base
from django.db.backends.utils import CursorWrapper


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's SQLite backend, with writers served in the order in which they came.

    What is overridden is Django's own seam between backends, which the type stubs leave out.
    """

    _queue: int | None = None

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor for statements whose text is always the same; Python's sqlite3 keeps all that it sees prepared."""
        return self.cursor()

    def _start_transaction_under_autocommit(self):
        self._enter_queue()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self):
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _rollback(self):
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _close(self):
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._leave_queue()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _enter_queue(self) -> None:
        name = str(self.settings_dict["NAME"])
        if self.is_in_memory_db() or name.startswith("file:"):
            return
        if self._queue is None:
            self._queue = os.open(name + "-queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)

    def _leave_queue(self) -> None:
        if self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
