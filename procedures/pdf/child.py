"""The process that makes PDFs. It runs as a script, outside Django: it has no settings, no secrets, no database.

It loads WeasyPrint once and then forks for every job, so that a document which loops, swells or crashes takes only
its own process along. `renderer.py` is the other end of the connection whose file descriptor is the argument. A job
is JSON: html, files (address → [content type, base64]), seconds, bytes (of memory). The answer is the PDF, or the
reason why there is none.
"""

import base64
import json
import os
import resource
import signal
import sys
from email.message import Message
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

IDLE_SECONDS = 120
MAX_FILE_BYTES = 64 * 1024 * 1024


class ClosedFetcher(URLFetcher):
    """Answers `data:` and the pictures that came with the job; everything else does not exist."""

    def __init__(self, files: dict[str, list[str]]) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self._files = files

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url not in self._files:
            return super().fetch(url, headers)
        content_type, encoded = self._files[url]
        fields = Message()
        fields["Content-Type"] = content_type
        return URLFetcherResponse(url, base64.b64decode(encoded), fields)


def render(job: dict) -> bytes:
    return HTML(string=job["html"], url_fetcher=ClosedFetcher(job["files"])).write_pdf(pdf_variant="pdf/ua-1")


def answer(job: dict) -> bytes:
    """Run `job` in a child; what it answered, or why there is no answer."""
    reader, writer = Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        run_and_exit(job, writer)
    writer.close()
    try:
        if not reader.poll(job["seconds"]):
            return f"it took longer than {job['seconds']} s".encode()
        return reader.recv_bytes()
    except EOFError:
        return b"it reached the limit of time or memory"
    finally:
        reader.close()
        end(pid)


def run_and_exit(job: dict, writer: Connection) -> None:
    """Render under limits and send what came out; never return into the loop of the parent."""
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
        resource.setrlimit(resource.RLIMIT_AS, (job["bytes"], job["bytes"]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        writer.send_bytes(render(job))
    except Exception as error:  # whatever it was, the other end wants to hear of it
        writer.send_bytes(f"{type(error).__name__}: {error}".encode(errors="replace")[:500])
    finally:
        os._exit(0)


def end(pid: int) -> None:
    """Make sure that the child and whatever it started have gone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(pid, signal.SIGKILL)  # it has not made its group yet, or has ended
    os.waitpid(pid, 0)


def serve(connection: Connection) -> None:
    """Answer jobs until the other end goes away or has none for a while."""
    while connection.poll(IDLE_SECONDS):
        try:
            job = json.loads(connection.recv_bytes())
        except EOFError:
            return
        connection.send_bytes(answer(job))


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
