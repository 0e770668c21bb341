"""The documentation names what exists, all of it, and nothing else."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
APPS = ("sopdesk", "jobs", "audit", "notifications", "roles", "procedures", "runs", "training", "reports")
PICTURES = {"docs/pictures/library.png", "docs/pictures/procedure.png"}
"""Taken from the running demo; a clone without them still passes."""

_LINK = re.compile(r"!?\[[^\]]*\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def section(markdown: str, heading: str) -> str:
    """What stands below the second-level `heading`, up to the next one."""
    parts = re.split(r"^## (.+)$", markdown, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[heading]


# Settings ----------------------------------------------------------------------------------------------------


def variables_of_the_settings() -> set[str]:
    """The names that settings.py reads through `env.…("NAME", …)`."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(read("sopdesk", "settings.py")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_operations_page_lists_the_environment_variables_that_settings_read():
    listed = re.findall(r"^\| `([A-Z0-9_]+)` ", section(read("docs", "operations.md"), "Environment"), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == variables_of_the_settings()


def test_settings_read_the_environment_in_one_way_only():
    """`os.environ` would pass the test above unseen."""
    assert "os.environ" not in read("sopdesk", "settings.py")


# Commands ----------------------------------------------------------------------------------------------------


def test_development_page_names_every_make_target():
    targets = set(re.findall(r"^([a-z-]+):.*## ", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", read("docs", "development.md")))
    assert targets == named


def management_commands() -> list[str]:
    return sorted(
        path.stem
        for app in APPS
        for path in ROOT.glob(f"{app}/management/commands/*.py")
        if not path.stem.startswith("_")
    )


def test_operations_page_lists_the_management_commands():
    listed = re.findall(r"^\| `([a-z]+)[` ]", section(read("docs", "operations.md"), "Commands"), re.MULTILINE)
    assert sorted(listed) == management_commands()


# Links -------------------------------------------------------------------------------------------------------


def links_of(page: Path) -> Iterator[str]:
    """The targets of the links and pictures of a page, those in code blocks left out."""
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if not _SCHEME.match(target):
            yield target


def anchors_of(page: Path) -> set[str]:
    """The anchors that code hosts give to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        name = str(target.relative_to(ROOT))
        if name in PICTURES and not (DOCS / "pictures").exists():
            continue
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors_of(target), f"{page.name} links to {link}"


def test_pictures_of_the_pages_are_the_listed_ones():
    used = {
        str((page.parent / link).resolve().relative_to(ROOT))
        for page in PAGES
        for link in links_of(page)
        if link.endswith(".png")
    }
    assert used == PICTURES
    if (DOCS / "pictures").exists():
        assert all((ROOT / name).exists() for name in PICTURES)


def test_every_page_is_reached_from_the_index():
    reached, waiting = set(), [DOCS / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = ((page.parent / link.partition("#")[0]).resolve() for link in links_of(page))
        waiting += [target for target in targets if target.suffix == ".md" and target.exists()]
    assert reached >= set(DOCS.rglob("*.md"))


# Names -------------------------------------------------------------------------------------------------------


def named_files(page: Path) -> set[str]:
    """Paths in backticks: they begin with a folder of ours and end in a file name or a slash."""
    folders = "|".join((*APPS, "scripts", "tests", "templates", "static", "docs"))
    return set(re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page):
    missing = {name for name in named_files(page) if not (ROOT / name).exists() and name.rstrip("/") not in PICTURES}
    assert not missing


def test_dependencies_have_their_line():
    """Decision 3 gives a reason for each dependency of pyproject.toml, extras included, and for no other."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    named = chain(project["dependencies"], *project["optional-dependencies"].values())
    wanted = {re.split(r"[\[<>=~!]", name)[0] for name in named}
    page = section(read("docs", "decisions", "0003-dependencies.md"), "What sopdesk runs on")
    assert set(re.findall(r"^\| `([\w.-]+)`", page, re.MULTILINE)) == wanted


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (DOCS / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
