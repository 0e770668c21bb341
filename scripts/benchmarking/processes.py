"""Starting programs and knowing what they cost: CPU time and memory, read from the kernel."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
GRACE_SECONDS = 10
THE_CPU_CLOCK = 2  # CPUCLOCK_SCHED of <linux/posix-timers.h>
_MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ ")


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads, those that have ended included; 0 when it is gone."""
    try:
        return time.clock_gettime((~pid << 3) | THE_CPU_CLOCK)
    except OSError:
        return 0.0


def pss_bytes(pid: int) -> int:
    """Memory of a process, shared pages counted in proportion. The pages that SQLite maps of its file are left out:
    they are the kernel's cache, and go when somebody needs the room."""
    total, is_database = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if _MAPPING.match(line):
            is_database = ".sqlite3" in line
        elif line.startswith("Pss:") and not is_database:
            total += int(line.split()[1]) * 1024
    return total


def members(group: int) -> list[int]:
    """The processes of a process group."""
    return [pid for pid, fields in _processes() if int(fields[2]) == group]


def family_seconds() -> float:
    """CPU time of this process and of its children, with whatever of theirs has ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = time.process_time() + ended.ru_utime + ended.ru_stime
    for pid, fields in _processes():
        if int(fields[1]) == os.getpid():
            total += cpu_seconds(pid) + sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
    return total


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Every process with the fields of its /proc/…/stat from the state on: state, parent, group …"""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it has just ended
                yield int(folder.name), (folder / "stat").read_text().rpartition(")")[2].split()


def stop(process: subprocess.Popen) -> None:
    """End a process that leads its own group, and everything in that group."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start(*command: str, env: dict[str, str], **options: object) -> subprocess.Popen:
    """Start a program of ours in a process group of its own."""
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, start_new_session=True, **options)


class Server:
    """granian on a free port of this machine, with one thread: one request at a time needs no more, and so there is
    one database connection, whose process can be followed."""

    def __init__(self, name: str, *, env: dict[str, str]) -> None:
        self.name = name
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", "1", "--blocking-threads", "1", "--log-level", "warning",
            "sopdesk.wsgi:application",
        ]  # fmt: skip
        # PGAPPNAME tells the server's database connections from everybody else's.
        self._process = subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, env={**env, "PGAPPNAME": name},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def wait_until_ready(self, path: str) -> None:
        """Return once `path` answers, whatever it says. Raises RuntimeError when it does not in time."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"{self.name} does not answer")

    def pids(self) -> list[int]:
        return members(self._process.pid)

    def worker_pss(self) -> int:
        """Memory of the largest of its processes, in bytes."""
        return max(pss_bytes(pid) for pid in self.pids())

    def stop(self) -> None:
        stop(self._process)
