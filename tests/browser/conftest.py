"""A real Chromium against a live server, under the production CSP; what `Visitor.check` sees goes through axe."""

import copy
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from roles.models import User
from tests.browser import axe
from tests.browser.world import World, make_world
from tests.factories import Firm, make_firm

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 30_000  # ms; the first page on a busy machine takes long, and who passes does not wait
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests meet real transactions. Each process of the suite takes some of them, in a Chromium of its own."""
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that Playwright has downloaded; the suite fails, not skips, without any."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread of the tests
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    expect.set_options(timeout=PATIENCE / 2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def firm(transactional_db) -> Firm:
    return make_firm()


class KeptWorld:
    """The world as it was made first, kept as a file: SQLite puts a whole database back in the time of ten of the two
    thousand queries that make it. PostgreSQL cannot, and makes it anew."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.world = folder, None

    def put_in_place(self, media: Path) -> World:
        if connection.vendor != "sqlite":
            return make_world(make_firm())
        if self.world is None:
            self.world = make_world(make_firm())
            self._copy(to_file=True)
            shutil.copytree(media, self.folder / "media")
        else:
            self._copy(to_file=False)
            shutil.copytree(self.folder / "media", media)
            cache.clear()  # the numbers of rows come again
        return copy.deepcopy(self.world)

    def _copy(self, *, to_file: bool) -> None:
        connection.ensure_connection()
        with closing(sqlite3.connect(self.folder / "world.sqlite3")) as file:
            if to_file:
                connection.connection.backup(file)
            else:
                file.backup(connection.connection)


@pytest.fixture(scope="session")
def kept_world(tmp_path_factory) -> KeptWorld:
    return KeptWorld(tmp_path_factory.mktemp("world"))


@pytest.fixture
def world(transactional_db, kept_world, settings) -> World:
    return kept_world.put_in_place(Path(settings.MEDIA_ROOT))


@dataclass
class Visitor:
    """Somebody at a browser. Console errors (a CSP report is one) and exceptions in scripts are collected."""

    page: Page
    base: str
    user: User | None
    noise: list[str] = field(default_factory=list)
    asks_axe: bool = True

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _hear(self, message: ConsoleMessage) -> None:
        # htmx reports as errors what `hx-sync` stops on purpose, because a newer request takes its place.
        if message.text.startswith(("htmx:sendAbort", "htmx:afterRequest")):
            return
        if message.type == "error" and "status of 4" not in message.text:
            self.noise.append(message.text)

    def go(self, path: str, *, status: int = 200) -> None:
        response = self.page.goto(self.base + path)
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"

    def check(self) -> None:
        """Nothing for axe to say, no sideways scrolling, no noise in the console."""
        self.page.wait_for_load_state()  # a click ends when the next page has begun, before it has a body
        if self.asks_axe:
            self._ask_axe()
        overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{self.page.url} scrolls sideways by {overflow} px"
        assert self.noise == [], f"{self.page.url}: {self.noise}"

    def _ask_axe(self) -> None:
        # What a sticky bar happens to cover would count as too small a target.
        self.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        found = axe.violations(self.page)
        assert found == [], f"{self.page.url}: {found}"

    def visit(self, path: str) -> None:
        self.go(path)
        self.check()


class RequestsUnderWay:
    """Waits at its end for requests that have begun and not ended, in whatever thread: a browser that has gone leaves
    some behind, and on PostgreSQL they and the emptying of the tables would wait for each other."""

    def __init__(self) -> None:
        self.lock, self.number = threading.Lock(), 0

    def _begin(self, **_about) -> None:
        with self.lock:
            self.number += 1

    def _end(self, **_about) -> None:
        with self.lock:
            self.number -= 1

    def __enter__(self) -> None:
        request_started.connect(self._begin)
        request_finished.connect(self._end)

    def __exit__(self, *_error) -> None:
        until = time.monotonic() + PATIENCE / 1000
        time.sleep(0.05)  # what has arrived and not begun
        while self.number > 0 and time.monotonic() < until:
            time.sleep(0.02)
        request_started.disconnect(self._begin)
        request_finished.disconnect(self._end)


@pytest.fixture
def visit_as(chromium, live_server) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser for a person (None for nobody), signed in, in a size and a colour scheme."""
    contexts = []

    def open_browser(user: User | None, *, size=DESKTOP, scheme="light", javascript=True) -> Visitor:
        context = chromium.new_context(
            viewport=size, color_scheme=scheme, java_script_enabled=javascript, accept_downloads=True,
            has_touch=size == PHONE,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}]
            )  # fmt: skip
        contexts.append(context)
        return Visitor(context.new_page(), live_server.url, user)

    with RequestsUnderWay():
        yield open_browser
        for context in contexts:
            context.close()
