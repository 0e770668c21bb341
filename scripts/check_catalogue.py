"""The French catalogue is complete: every string of the code is in it, translated, and its placeholders agree."""

import ast
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/fr/LC_MESSAGES/django.po")
NOT_COPIED = (".*", "staticfiles", "media", "mail", "var", "*.sqlite3*", "tests", "__pycache__")

GETTEXT = ("_", "gettext", "gettext_lazy")
BREAKS = re.compile("« | [:;?!»]")
"""Where French has a space that a line must not break at: U+00A0 (no-break space) belongs there."""


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="fr")


def key(message: Message) -> tuple[str, str]:
    """Context and message; of a plural the singular, by which gettext looks it up."""
    return message.context or "", message.id[0] if isinstance(message.id, tuple) else message.id


def strings_of_the_code() -> set[tuple[str, str]]:
    """The key of every string that xgettext finds, collected in a copy so that the tree stays as it is.

    The child process has settings of its own: neither a `.env` nor a database is needed.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        subprocess.run(
            [sys.executable, "manage.py", "makemessages", "-l", "fr", "--no-location", "--no-obsolete"],
            cwd=copy, check=True, stdout=subprocess.DEVNULL,
            env={
                "PATH": os.environ["PATH"],
                "SECRET_KEY": secrets.token_urlsafe(60),
                "ALLOWED_HOSTS": "localhost",
                "DATABASE_URL": f"sqlite:///{folder}/not-used.sqlite3",
            },
        )  # fmt: skip
        return {key(message) for message in read(copy / CATALOGUE) if message.id}


def strings_asked_for() -> set[str]:
    """What Python code asks gettext for by a plain call, also inside an f-string, where xgettext does not look."""
    files = [path for path in ROOT.rglob("*.py") if not {"tests", ".venv"} & set(path.relative_to(ROOT).parts)]
    calls = [node for path in files for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    asked = [
        call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in GETTEXT and call.args
    ]
    return {text.value for text in asked if isinstance(text, ast.Constant) and isinstance(text.value, str)}


def main() -> int:
    catalogue = read(ROOT / CATALOGUE)
    known = {key(message): message for message in catalogue if message.id}
    problems = [
        f"not in the catalogue (run make messages): {text}" for _, text in sorted(strings_of_the_code() - known.keys())
    ]
    texts = {text for _, text in known}
    problems += [
        f"not collected (outside of an f-string it would be): {text}" for text in sorted(strings_asked_for() - texts)
    ]
    for (_, text), message in known.items():
        translations = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(translations) or message.fuzzy:
            problems.append(f"not translated: {text}")
        problems += [f"{text}: {error}" for error in message.check(catalogue)]
        problems += [f"breaks before a sign: {said}" for said in translations if said and BREAKS.search(said)]
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"French catalogue: {len(known)} strings, {len(problems)} problems\n")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
