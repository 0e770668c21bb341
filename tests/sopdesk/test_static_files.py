"""Static files: collected with hashes, complete, and fit for the content security policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from pytest_django import Settings

from sopdesk.storage import StaticFiles

STATIC = Path(django_settings.BASE_DIR, "static")
TEMPLATES = Path(django_settings.BASE_DIR, "templates")


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "sopdesk.storage.StaticFiles"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_modules_import_each_other_by_hashed_names(collected: Path) -> None:
    main = next(collected.glob("js/main.*.js"))
    imports = re.findall(r'import"\./([^"]+)"', main.read_text())
    assert imports
    for name in imports:
        assert re.fullmatch(r"[a-z-]+\.[0-9a-f]{12}\.js", name)
        assert (collected / "js" / name).exists()


def test_address_of_a_file_is_hashed_and_worked_out_once(collected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = StaticFiles()
    address = storage.url("icons.svg")
    assert re.fullmatch(r"/static/icons\.[0-9a-f]{12}\.svg", address)
    monkeypatch.setattr(storage, "hashed_files", {})
    assert storage.url("icons.svg") == address


def test_main_script_loads_every_behaviour_it_names() -> None:
    for name in re.findall(r'import "\./([^"]+)"', (STATIC / "js/main.js").read_text()):
        assert (STATIC / "js" / name).exists()


def test_every_icon_that_a_template_names_exists() -> None:
    icons = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    used = {
        (name, str(path.relative_to(TEMPLATES)))
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"""{% icon ["']([a-z-]+)["']""", path.read_text())
    }
    assert used
    assert [item for item in sorted(used) if item[0] not in icons] == []


def test_templates_carry_nothing_that_the_content_security_policy_refuses() -> None:
    refused = re.compile(r"\sstyle=|\son[a-z]+=|<style|javascript:|<script>", re.IGNORECASE)
    no_pages = {"pdf", "emails", "exports"}  # printed, mailed or saved: our policy does not apply to them
    pages = [path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] not in no_pages]
    offenders = [str(path.relative_to(TEMPLATES)) for path in pages if refused.search(path.read_text())]
    assert offenders == []


def test_raw_colours_live_in_few_places() -> None:
    """`tokens.css` holds the values; print needs black on white, and a toast stands out against any page."""
    for name in ("base.css", "layout.css", "controls.css", "lists.css", "overlays.css"):
        text = (STATIC / "css" / name).read_text()
        assert re.findall(r"#[0-9a-f]{3,8}\b", text) == []
