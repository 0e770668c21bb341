"""Databases that exist for one run: a SQLite file in a temporary folder, a database on a PostgreSQL server."""

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarking.processes import ROOT, start, stop

SEED = "1"


@dataclass(frozen=True)
class Database:
    """`kind` is "sqlite" or "postgres"; `env` is what a process of sopdesk needs to work with it."""

    kind: str
    size: int
    url: str
    env: dict[str, str]

    @property
    def name(self) -> str:
        return f"{ {'sqlite': 'SQLite', 'postgres': 'PostgreSQL'}[self.kind] }, {self.size:,} procedures"

    def backends(self, application: str) -> list[int]:
        """Processes on this machine that serve the connections of `application`; none on SQLite."""
        if self.kind == "sqlite":
            return []
        with psycopg.connect(self.url) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
                [application],
            ).fetchall()
        return [pid for (pid,) in rows if _is_postgres(pid)]

    def settle(self) -> None:
        """What autovacuum does within minutes of a large import, done now."""
        if self.kind == "postgres":
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except OSError:
        return False


@contextmanager
def temporary_database(kind: str, *, size: int, folder: Path, server_url: str) -> Iterator[Database]:
    """An empty database of `kind` that is gone afterwards, with a folder of its own for files."""
    home = folder / f"{kind}-{size}"
    home.mkdir()
    if kind == "sqlite":
        yield Database(kind, size, url := f"sqlite:///{home / 'bench.sqlite3'}", _environment(url, home))
        return
    name = f"sopdesk_bench_{os.getpid()}_{size}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        yield Database(kind, size, url, _environment(url, home))
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _environment(url: str, home: Path) -> dict[str, str]:
    """Settings of a production server, for this database alone."""
    return {
        **{name: value for name, value in os.environ.items() if name not in ("DEBUG", "CACHE_URL")},
        "ENV_FILE": os.devnull,
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "BASE_URL": "http://127.0.0.1",
        "EMAIL_URL": "dummymail://",
        "MEDIA_ROOT": str(home / "media"),
        "BENCH_PASSWORD": secrets.token_urlsafe(24),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'scripts'}",
    }


def fill(databases: list[Database]) -> None:
    """Migrate and seed all of `databases` at the same time: nothing is measured meanwhile.

    Raises CalledProcessError.
    """
    running = []
    try:
        for database in databases:
            script = (
                "from django.core.management import execute_from_command_line as run;"
                "run(['manage.py', 'migrate', '--verbosity', '0']);"
                f"run(['manage.py', 'seedbench', '--procedures', '{database.size}', '--seed', '{SEED}'])"
            )
            env = {**database.env, "DJANGO_SETTINGS_MODULE": "sopdesk.settings"}
            running.append(start("-c", script, env=env, stdout=subprocess.DEVNULL))
        for process in running:
            if process.wait():
                raise subprocess.CalledProcessError(process.returncode, "seedbench")
    finally:
        for process in running:
            stop(process)
    for database in databases:
        database.settle()


def raise_on_termination() -> None:
    """Have SIGTERM clean up as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
