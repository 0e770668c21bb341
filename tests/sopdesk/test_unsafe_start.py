"""A server with unsafe settings does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "qJ7c-Zr2W_kx9Lm4Tn8Vb1Yd6Hs3Fg5Pa0Ru-Ei7Ow2Ck4Mz8Xt6Nq1Bv9Lj",
    "ALLOWED_HOSTS": "sop.firm.test",
    "BASE_URL": "https://sop.firm.test",
    "DATABASE_URL": "sqlite://:memory:",
}


def start(**settings: str) -> subprocess.CompletedProcess:
    """Import the WSGI entry point in a process of its own, as a server does."""
    environment = {"PATH": os.environ["PATH"], **SAFE, **settings}
    command = [sys.executable, "-c", "import sopdesk.wsgi"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_server_starts_with_safe_settings():
    assert start().returncode == 0


@pytest.mark.parametrize(
    ("unsafe", "check"),
    [
        ({"SECRET_KEY": "short"}, "sopdesk.E001"),
        ({"SECRET_KEY": "change-me-" * 8}, "sopdesk.E001"),
        ({"ALLOWED_HOSTS": ""}, "sopdesk.E002"),
        ({"ALLOWED_HOSTS": "*"}, "sopdesk.E003"),
    ],
)
def test_server_refuses_unsafe_settings(unsafe, check):
    started = start(**unsafe)
    assert started.returncode != 0
    assert check in started.stderr
