"""`make bench`: what pages cost in CPU time, beside their budgets, on both databases at several sizes.

Everything is temporary: databases, files, servers. It uses the PostgreSQL server at DATABASE_URL (`make bench` sets
it, see `with_postgres.py`) for a database of its own, listens on this machine only, and cleans up on Ctrl-C too.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarking.databases import Database, fill, raise_on_termination, temporary_database
from benchmarking.processes import ROOT
from benchmarking.report import NOTES, growth, table
from benchmarking.scenarios import FULL, QUICK, Effort, Result, measure

SMALLEST = 30


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=_sizes, default=[1_000, 10_000], help="procedures, with commas (1000,10000)")
    parser.add_argument(
        "--databases", type=_databases, default=["sqlite", "postgres"], help="sqlite, postgres or both, with a comma"
    )
    parser.add_argument("--quick", action="store_true", help="few repetitions: does it run, not how fast")
    parser.add_argument("--output", type=Path, help="also write the tables to this file, as Markdown")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    sizes = [int(part) for part in text.split(",")]
    if min(sizes) < SMALLEST:
        raise argparse.ArgumentTypeError(f"{SMALLEST} procedures at least")
    return sizes


def _databases(text: str) -> list[str]:
    kinds = text.split(",")
    if not set(kinds) <= {"sqlite", "postgres"}:
        raise argparse.ArgumentTypeError("sqlite, postgres or both")
    return kinds


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def collect_static() -> None:
    """Production settings read the manifest of static files."""
    env = {**os.environ, "ENV_FILE": os.devnull, "SECRET_KEY": "only-to-collect-files"}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"], cwd=ROOT, env=env, check=True
    )


def run(sizes: list[int], kinds: list[str], effort: Effort, *, server_url: str) -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory(prefix="sopdesk-bench-") as folder:
        for size in sizes:
            with ExitStack() as stack:
                databases: list[Database] = [
                    stack.enter_context(temporary_database(kind, size=size, folder=Path(folder), server_url=server_url))
                    for kind in kinds
                ]
                tell(f"Seeding {size:,} procedures …")
                fill(databases)
                for database in databases:
                    tell(f"Measuring {database.name} …")
                    result = measure(database, effort)
                    tell("\n" + table(result))
                    results.append(result)
    return results


def main() -> int:
    asked = options()
    server_url = os.environ.get("DATABASE_URL", "")
    if "postgres" in asked.databases and not server_url.startswith("postgres"):
        sys.exit("DATABASE_URL names no PostgreSQL server. Run: make bench, or choose --databases sqlite")
    raise_on_termination()
    try:
        collect_static()
        results = run(asked.sizes, asked.databases, QUICK if asked.quick else FULL, server_url=server_url)
    except KeyboardInterrupt:
        return 130
    closing = "\n".join(filter(None, [growth(results), NOTES]))
    tell(closing)
    if asked.output:
        tables = [table(result) for result in results]
        asked.output.write_text("\n".join(["# Speed", "", *tables, closing, ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
