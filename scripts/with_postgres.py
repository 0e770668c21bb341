"""Runs a command with DATABASE_URL set to a PostgreSQL server: TEST_POSTGRES_URL, or the one on this machine, or a
private cluster under a temporary folder that goes away afterwards."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

DEFAULT_URL = "postgres://postgres@127.0.0.1:5432/postgres"


def listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=2):
            return True
    except OSError:
        return False


def server_programs() -> Path:
    """The folder of initdb and pg_ctl; installed through apt when that is possible, else SystemExit says what to do."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "postgresql"], check=True, stdout=subprocess.DEVNULL)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    sys.exit("No PostgreSQL here. Set TEST_POSTGRES_URL, or run: sudo apt-get install postgresql")


@contextmanager
def private_cluster() -> Iterator[str]:
    """A server of our own on a free port, run by an unprivileged person, since PostgreSQL refuses to run as root."""
    programs = server_programs()
    folder = Path(tempfile.mkdtemp(prefix="sopdesk-pg-"))
    owner = "postgres" if os.geteuid() == 0 else getpass.getuser()
    if os.geteuid() == 0:
        shutil.chown(folder, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command: str) -> None:
        prefix = ["runuser", "-u", owner, "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    data = folder / "data"
    run(str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    run(str(programs / "pg_ctl"), "-w", "-D", str(data), "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def run(command: list[str], url: str) -> int:
    """The status of `command`. Ctrl-C and an end from outside are the command's to answer: it may have to tidy up."""
    process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process.wait()


def main() -> int:
    command = sys.argv[1:]
    url = os.environ.get("TEST_POSTGRES_URL", DEFAULT_URL)
    if listens(url):
        return run(command, url)
    if "TEST_POSTGRES_URL" in os.environ:
        sys.exit(f"Nothing listens at TEST_POSTGRES_URL={url}")
    with private_cluster() as url:
        return run(command, url)


if __name__ == "__main__":
    sys.exit(main())
