"""The process that does what may loop, swell or crash. It runs as a script, outside Django: it has no settings, no
secrets, no database.

Arguments: the file descriptor of the connection to `childprocess.py`, and the path of a module with
`work(job: dict, tell: Callable[[str], None]) -> bytes`. It loads that module once and then forks for every job, so that
a job which never ends takes only its own process along. A job is JSON and holds seconds, and bytes of memory; the
answer is what `work` returned, or the reason why there is none. What `work` tells on the way goes out before it.

Messages begin with a byte that says what they are: TOLD or DONE.
"""

import json
import os
import resource
import runpy
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection

IDLE_SECONDS = 120
MAX_FILE_BYTES = 64 * 1024 * 1024

TOLD, DONE = b"t", b"d"

Work = Callable[[dict, Callable[[str], None]], bytes]


def answer(work: Work, job: dict, forward: Callable[[bytes], None]) -> bytes:
    """Do `job` in a child; what it answered, or why there is no answer. What it tells meanwhile goes to `forward`."""
    reader, writer = Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        work_and_exit(work, job, writer)
    writer.close()
    deadline = time.monotonic() + job["seconds"]
    try:
        while reader.poll(max(0, deadline - time.monotonic())):
            message = reader.recv_bytes()
            if message[:1] == DONE:
                return message
            forward(message)
        return DONE + f"it took longer than {job['seconds']} s".encode()
    except EOFError:
        return DONE + b"it reached the limit of time or memory"
    finally:
        reader.close()
        end(pid)


def work_and_exit(work: Work, job: dict, writer: Connection) -> None:
    """Work under limits and send what came out; never return into the loop of the parent."""
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
        resource.setrlimit(resource.RLIMIT_AS, (job["bytes"], job["bytes"]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        writer.send_bytes(DONE + work(job, lambda text: writer.send_bytes(TOLD + text.encode())))
    except Exception as error:  # whatever it was, the other end wants to hear of it
        writer.send_bytes(DONE + f"{type(error).__name__}: {error}".encode(errors="replace")[:500])
    finally:
        os._exit(0)


def end(pid: int) -> None:
    """Make sure that the child and whatever it started have gone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)  # it has not made its group yet, or has ended
    os.waitpid(pid, 0)


def serve(connection: Connection, work: Work) -> None:
    """Answer jobs until the other end goes away or has none for a while."""
    while connection.poll(IDLE_SECONDS):
        try:
            job = json.loads(connection.recv_bytes())
        except EOFError:
            return
        connection.send_bytes(answer(work, job, connection.send_bytes))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), runpy.run_path(sys.argv[2])["work"])
