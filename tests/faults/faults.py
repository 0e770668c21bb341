"""The faults that are caused, and how it is seen that nothing is left of them."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Collection
from contextlib import suppress
from hashlib import sha256
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from sopdesk.lib.errors import DomainError

WRITES = ("INSERT", "UPDATE", "DELETE")
CLOCKS = ("saved_at", "seen_at")
"""Columns that only say when somebody was last there."""


class Killed(BaseException):
    """The process is gone: nothing may catch this."""


class Counter:
    """Counts the statements that write, and calls `strike` in front of number `at`; 0 is never."""

    def __init__(self, at: int = 0, strike: Callable[[], None] = lambda: None) -> None:
        self.found, self.at, self.strike = 0, at, strike

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith(WRITES):
            self.found += 1
            if self.found == self.at:
                self.strike()
        return execute(sql, params, many, context)


def die() -> None:
    raise Killed


def kill_process() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_in_a_process(act: Callable[[], object], *, killed_at: int = 0) -> int:
    """Run `act` in a process of its own, which is killed in front of that write. Returns its exit code, negative
    for a signal, like `subprocess`."""
    connection.close()  # a connection must not be shared between processes
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _forget_inherited_connection()
            with connection.execute_wrapper(Counter(killed_at, kill_process)):
                act()
            code = 0
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _forget_inherited_connection() -> None:
    """Where a browser was started, the parent works inside its event loop and has a connection of its own there. The
    child is in no loop, so it would find the one from before, open in both processes."""
    with suppress(AttributeError):  # there is none
        del connections[DEFAULT_DB_ALIAS]


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; answers with what each act returned or the DomainError it raised.

    Any other error is raised here.
    """
    barrier = threading.Barrier(len(acts))
    answers: list[object] = [None] * len(acts)
    broken: list[BaseException] = []

    def run(place: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            answers[place] = act()
        except DomainError as error:
            answers[place] = error
        except BaseException as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    if broken:
        raise broken[0]
    return answers


def errors_in(answers: list[object]) -> list[DomainError]:
    return [answer for answer in answers if isinstance(answer, DomainError)]


def everything_stored(*, without: Collection[str] = (), columns: Collection[str] = ()) -> dict[str, str]:
    """Every table with a digest of its rows, without the tables and columns named."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - set(without)
        found = {}
        for table in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            kept = [place for place, column in enumerate(cursor.description) if column[0] not in columns]
            rows = sorted(repr([row[place] for place in kept]) for row in cursor.fetchall())
            found[table] = f"{len(rows)} rows, {sha256(''.join(rows).encode()).hexdigest()[:12]}"
    return found
