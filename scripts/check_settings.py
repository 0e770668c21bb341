"""Runs Django's checks as on a production server, and refuses models without their migration."""

import os
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    production = {
        **os.environ,
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "qJ7c-Zr2W_kx9Lm4Tn8Vb1Yd6Hs3Fg5Pa0Ru-Ei7Ow2Ck4Mz8Xt6Nq1Bv9Lj",
        "ALLOWED_HOSTS": "sop.firm.test",
        "BASE_URL": "https://sop.firm.test",
        "DATABASE_URL": f"sqlite:///{folder}/check.sqlite3",
        "DEBUG": "0",
        "CHECKPOINT_KEY": f"{folder}/checkpoints.key",
    }
    for command in (
        ["makecheckpointkey"],
        ["check", "--deploy", "--fail-level", "WARNING"],
        ["makemigrations", "--check", "--dry-run"],
    ):
        status = subprocess.run([sys.executable, "manage.py", *command], env=production).returncode
        if status:
            sys.exit(status)
