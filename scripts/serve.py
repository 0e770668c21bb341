"""`make run`: the web server and a worker over the demo firm, started and ended together."""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"
PORT = os.environ.get("PORT", "8000")
GRACE_SECONDS = 10


def write_env() -> None:
    """Settings of a machine of one's own; a server gets them from its environment (docs/operations.md)."""
    if ENV_FILE.exists():
        return
    ENV_FILE.write_text(
        f"SECRET_KEY={secrets.token_urlsafe(60)}\n"
        "ALLOWED_HOSTS=localhost,127.0.0.1\n"
        f"BASE_URL=http://localhost:{PORT}\n"
        f"EMAIL_URL=filemail:///{ROOT / 'mail'}\n"
    )
    ENV_FILE.chmod(0o600)


def manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True)


def start() -> list[subprocess.Popen]:
    server = [
        str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1", "--port", PORT,
        "--workers", "2", "--blocking-threads", "8", "sopdesk.wsgi:application",
    ]  # fmt: skip
    worker = [sys.executable, "manage.py", "worker"]
    return [subprocess.Popen(command, cwd=ROOT, start_new_session=True) for command in (server, worker)]


def stop(children: list[subprocess.Popen]) -> None:
    """Ask both to end, and insist after some seconds."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    end = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)


def main() -> int:
    write_env()
    manage("migrate", "--verbosity", "0")
    manage("collectstatic", "--noinput", "--verbosity", "0")
    manage("demo")
    children = start()
    sys.stdout.write(f"\nsopdesk runs on http://localhost:{PORT}   (mails: {ROOT / 'mail'}, stop: Ctrl-C)\n\n")
    sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us with Ctrl-C ignored
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(children)
    return 1


if __name__ == "__main__":
    sys.exit(main())
