"""sopdesk as it is deployed: granian without debugging, hashed static files, the full policy on every answer."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from playwright.sync_api import Response, expect

from procedures.actions import approval
from tests.browser.conftest import Visitor
from tests.factories import PASSWORD, approve

START_SECONDS = 60
PAGES = [
    "/", "/library/", "/library/?q=payroll", "/procedures/FIN-100/", "/procedures/FIN-100/history/", "/reviews/",
    "/procedures/FIN-100/draft/", "/procedures/FIN-100/draft/submit/", "/procedures/new/", "/procedures/import/",
    "/procedures/FIN-100/settings/", "/notices/", "/settings/", "/accounts/password/change/", "/help/",
]  # fmt: skip
pytestmark = pytest.mark.xdist_group("production")  # static files are collected once

HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "object-src": "'none'",
    "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
}  # fmt: skip


def database_url() -> str:
    """The address of the database of this test."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**values)


@pytest.fixture(scope="session")
def static_root(tmp_path_factory) -> Path:
    """Static files as they are collected at a deployment."""
    folder = tmp_path_factory.mktemp("static")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=django_settings.BASE_DIR, env=environment(folder), check=True)
    return folder


def environment(static_root: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.production_settings",
        "TEST_STATIC_ROOT": str(static_root),
        "ENV_FILE": os.devnull,
        "SECRET_KEY": django_settings.SECRET_KEY,
        "ALLOWED_HOSTS": "localhost",
        **more,
    }


@pytest.fixture
def server(transactional_db, static_root, tmp_path) -> Iterator[str]:
    """The address of a server over the database of this test; sessions that the test begins are good there too."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [
        str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--blocking-threads", "4", "sopdesk.wsgi:application",
    ]  # fmt: skip
    surroundings = environment(
        static_root, DATABASE_URL=database_url(), BASE_URL=address, MEDIA_ROOT=str(django_settings.MEDIA_ROOT)
    )
    with (tmp_path / "granian.log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=django_settings.BASE_DIR, env=surroundings, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(10)


def wait_for(address: str, process: subprocess.Popen, log) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        except OSError:
            log.seek(0)
            assert process.poll() is None, log.read()
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)


@pytest.fixture
def author(world, server, visit_as) -> Visitor:
    visitor = visit_as(world.firm.author)
    visitor.base = server
    return visitor


def assert_guarded(response: Response) -> None:
    """The answer carries every header that keeps a page to itself."""
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, f"{response.url}: {name}"
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    assert POLICY.items() <= directives.items(), response.url


def test_every_page_keeps_to_the_policy(author):
    pages: list[Response] = []
    files: list[Response] = []
    author.page.on(
        "response",
        lambda response: (pages if response.request.resource_type == "document" else files).append(response),
    )
    for path in PAGES:
        author.go(path)
    author.go("/people/", status=404)
    author.go("/nowhere/", status=404)
    assert "urlconf" not in author.page.content().lower(), "the page of a debugging server"
    assert author.noise == []
    assert len(pages) == len(PAGES) + 2
    for response in pages:
        assert_guarded(response)
        assert "private" in response.headers["cache-control"]
    static = [response for response in files if "/static/" in response.url]
    assert len({response.url for response in static}) > 15
    for response in static:
        assert response.ok, response.url
        assert re.search(r"\.[0-9a-f]{12}\.(css|js|svg)$", response.url.split("#")[0]), response.url
        assert "immutable" in response.headers["cache-control"]


def test_htmx_and_the_editor_work_under_the_policy(world, author):
    page = author.page
    author.go("/library/")
    page.get_by_role("searchbox", name="Search the library").fill("supliers")
    expect(page.locator("[data-results] h3 a")).to_have_text(["Pay suppliers"])
    author.go("/procedures/FIN-100/draft/")
    page.locator("#outline").get_by_role("link", name="Check the difference report").click()
    page.get_by_role("heading", name="Step 2 of 5").wait_for()
    page.get_by_role("textbox", name="How to do it").fill("Look at every line.")
    page.get_by_role("button", name="Save step").click()
    expect(page.locator("#saving")).to_be_hidden()
    page.get_by_role("tab", name="Preview").click()
    expect(page.get_by_role("tabpanel", name="Preview")).to_contain_text("Look at every line.")
    author.check()
    assert world.draft.steps.get(position=2).body == "Look at every line."


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(server, firm, visit_as, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    firm.author.set_password(PASSWORD)
    firm.author.save(update_fields=["password"])
    visitor = visit_as(None)
    visitor.base = server
    visitor.go("/accounts/login/")
    visitor.page.get_by_label("Email").fill(firm.author.email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.get_by_role("heading", name="My work").wait_for()
    cookies = {cookie["name"]: cookie for cookie in visitor.page.context.cookies()}
    assert set(cookies) == {"session", "csrf"}
    for cookie in cookies.values():
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Lax"
    assert visitor.page.evaluate("document.cookie") == ""


def test_what_a_browser_has_is_not_sent_again(world, author):
    request = author.page.request
    author.go("/help/")  # the first page brings the token of the forms, which is part of the others
    page = request.get(f"{author.base}/procedures/FIN-100/")
    assert "no-cache" in page.headers["cache-control"]
    known = {"If-None-Match": page.headers["etag"]}
    again = request.get(f"{author.base}/procedures/FIN-100/", headers=known)
    assert (again.status, again.body()) == (304, b"")
    approval.submit(world.draft, actor=world.firm.author)
    approve(world.draft, by=world.firm.approver)
    newer = request.get(f"{author.base}/procedures/FIN-100/", headers=known)
    assert newer.status == 200
    assert "Revision 2" in newer.text()


def test_a_picture_is_only_a_picture(world, author):
    revision = world.in_force.revisions.get(number=1)
    address = f"{author.base}/procedures/FIN-100/1/files/{revision.attachments.get().key}/"
    picture = author.page.request.get(address)
    assert picture.status == 200
    assert picture.headers["content-type"].startswith("image/")
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["content-disposition"].startswith("inline")
    assert picture.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = author.page.request.get(address, headers={"If-None-Match": picture.headers["etag"]})
    assert (again.status, again.body()) == (304, b"")


def test_other_hosts_are_refused(server):
    request = urllib.request.Request(f"{server}/accounts/login/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=10)
    assert refusal.value.code == 400
    refusal.value.close()
