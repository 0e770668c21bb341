"""Work that may loop, swell or crash, done in a process of its own (`childprocess_main.py`) under limits.

The process starts with the first job, keeps its libraries loaded for the next ones and goes away when it has been idle.
It gets none of our secrets: nothing of the environment but what fonts need.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess  # nosec B404
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from sopdesk.lib.childprocess_main import DONE

CHILD = Path(__file__).with_name("childprocess_main.py")
START_SECONDS = 20
# What the child gets of our environment: enough to find fonts, no secrets.
PASSED_ON = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH")

FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>/usr/local/share/fonts</dir>
  <dir prefix="xdg">fonts</dir>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


class NoAnswer(Exception):
    """The process is busy with other jobs, or has ended without a word."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen
    connection: Connection


class Child:
    """The process at the other end: started when needed, ended when it does not answer. Jobs run one by one.

    `work` is the path of a module with a function `work(job, tell) -> bytes`.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        atexit.register(self.stop)
        self._lock = threading.Lock()
        self._running: _Running | None = None

    def ask(self, job: Mapping[str, object], *, seconds: int, tell: Callable[[str], None] | None = None) -> bytes:
        """What `work` answers to `job`, which says its limits in seconds and bytes; or why it has no answer.

        `tell` gets what `work` says on the way; when it raises, the job is ended. Raises NoAnswer when the process is
        busy with others for `seconds`, or has gone.
        """
        if not self._lock.acquire(timeout=seconds):
            raise NoAnswer("other documents are being made")
        try:
            connection = self._send(json.dumps(job).encode())
            deadline = time.monotonic() + seconds + START_SECONDS
            while connection.poll(max(0, deadline - time.monotonic())):
                message = connection.recv_bytes()
                if message[:1] == DONE:
                    return message[1:]
                if tell is not None:
                    tell(message[1:].decode())
            raise NoAnswer("the process does not answer")
        except (OSError, EOFError) as error:
            self.stop()
            raise NoAnswer(f"the process has ended ({error!r})") from error
        except BaseException:
            self.stop()
            raise
        finally:
            self._lock.release()

    def stop(self) -> None:
        if self._running is None:
            return
        self._running.connection.close()
        with suppress(ProcessLookupError):
            os.killpg(self._running.process.pid, signal.SIGKILL)
        self._running.process.wait()
        self._running = None

    def _send(self, job: bytes) -> Connection:
        if self._running is not None and self._running.process.poll() is None:
            with suppress(OSError):  # it went away while we were looking
                self._running.connection.send_bytes(job)
                return self._running.connection
        self.stop()
        self._running = _start(self._work)
        self._running.connection.send_bytes(job)
        return self._running.connection


def _start(work: Path) -> _Running:
    ours, theirs = Pipe()
    process = subprocess.Popen(  # our own script  # noqa: S603  # nosec B603
        [sys.executable, "-I", CHILD, str(theirs.fileno()), work],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,
    )
    theirs.close()
    return _Running(process, ours)


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"FONTCONFIG_FILE": str(_fonts()), **environment}


@cache
def _fonts() -> Path:
    """Our own configuration of fontconfig, its cache filled before any job runs under limits.

    The machine's cache may be stale, and a job that runs out of memory while it reads fonts would leave an empty one
    behind for everybody; PDFs would then come out in whatever face is left.
    """
    folder = Path(tempfile.mkdtemp(prefix="sopdesk-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    configuration = folder / "fonts.conf"
    configuration.write_text(FONT_CONFIGURATION.format(cache=folder / "cache"), encoding="utf-8")
    if program := shutil.which("fc-cache"):
        subprocess.run(  # noqa: S603  # nosec B603
            [program], env={**os.environ, "FONTCONFIG_FILE": str(configuration)}, check=False, timeout=START_SECONDS,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    return configuration
