"""The process that makes PDFs: it answers nobody's call to the outside, and ends with whatever it was given."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from procedures.pdf import RenderingFailed, render_pdf

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100"
    "18dd8db00000000049454e44ae426082"
)


def page(body: str, head: str = "") -> str:
    return f'<html lang="en"><head><title>Test</title><base href="https://sop.test/">{head}</head><body>{body}'


def run(*command: str, data: bytes) -> str:
    return subprocess.run([*command], input=data, capture_output=True, check=True).stdout.decode()


class Canary:
    """A listener that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                call, _address = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            call.sendall(b"HTTP/1.0 302 Found\r\nLocation: file:///etc/hostname\r\n\r\n")
            call.close()

    def close(self) -> None:
        # A thread that waits in accept() is woken by a call only.
        calls = self.calls
        socket.create_connection(self._socket.getsockname()).close()
        self._socket.close()
        self.calls = calls


@pytest.fixture
def canary():
    listener = Canary()
    yield listener
    listener.close()


def test_nothing_is_fetched_and_nothing_is_attached(canary, tmp_path):
    secret = "a sentence that stands in no font and in no compressed stream"
    file = tmp_path / "secret.txt"
    file.write_text(secret)
    head = (
        f'<link rel="stylesheet" href="{canary.url}/a.css"><link rel="attachment" href="{canary.url}/b">'
        f'<link rel="attachment" href="file://{file}"><link rel="icon" href="{canary.url}/c">'
        f"<style>@import url({canary.url}/d.css); @font-face {{ font-family: x; src: url({canary.url}/e.ttf) }}"
        f"body {{ font-family: x; background: url({canary.url}/f.png) }} li {{ list-style: url({canary.url}/g.png) }}"
        f"p::before {{ content: url({canary.url}/h.png) }} @page {{ background: url({canary.url}/i.png) }}</style>"
    )
    body = (
        f'<p>Text<li>One<img src="{canary.url}/j.png" alt="x"><img src="file://{file}" alt="x">'
        f'<object data="{canary.url}/k"></object><embed src="{canary.url}/l"><iframe src="{canary.url}/m"></iframe>'
        f'<svg width="9" height="9"><image href="{canary.url}/n.png" width="9" height="9"/>'
        f'<use href="{canary.url}/o.svg#x"/></svg><a rel="attachment" href="{canary.url}/p">file</a>'
        f'<img alt="x" src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22>'
        f'<image href=%22{canary.url}/q.png%22/></svg>">'
    )
    data = render_pdf(page(body, head))
    assert canary.calls == 0
    assert secret.encode() not in data
    assert run("pdftotext", "-", "-", data=data).split()[0] == "Text"


def test_no_file_is_attached(tmp_path):
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(render_pdf(page("<p>Text", '<link rel="attachment" href="file:///etc/hostname">')))
    listing = subprocess.run(["pdfdetach", "-list", pdf], capture_output=True, text=True, check=True).stdout
    assert listing.strip() == "0 embedded files"


def test_pictures_that_come_along_are_shown(tmp_path):
    html = page('<p>Text <img alt="A pixel" src="/files/a/"> <img alt="Another" src="/files/b/">')
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(render_pdf(html, files={"https://sop.test/files/a/": ("image/png", PIXEL)}))
    listing = subprocess.run(["pdfimages", "-list", pdf], capture_output=True, text=True, check=True).stdout
    assert len(listing.splitlines()) == 2 + 1  # two lines of heading


def test_the_same_document_gives_the_same_bytes():
    assert render_pdf(page("<h1>Pay</h1><p>Now")) == render_pdf(page("<h1>Pay</h1><p>Now"))


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<table>" + "<tr><td>cell" * 60_000, id="a table without end"),
        pytest.param("<div>" * 5_000, id="a well without bottom"),
        pytest.param('<table><tr><td colspan="1000000">x</table>' * 50, id="a cell without width"),
    ],
)
def test_a_document_that_would_not_end_is_ended(html):
    with pytest.raises(RenderingFailed):
        render_pdf(page(html), seconds=2)


def test_memory_is_limited():
    with pytest.raises(RenderingFailed):
        render_pdf(page("<p>Text"), memory=64 * 1024 * 1024)


def test_after_a_failure_the_next_document_is_made():
    with pytest.raises(RenderingFailed):
        render_pdf(page("<div>" * 5_000), seconds=2)
    assert render_pdf(page("<p>Text")).startswith(b"%PDF-")


def test_the_child_is_given_no_secrets(monkeypatch):
    """Asked of the operating system, since the child runs no code of ours that could tell."""
    from procedures.pdf import renderer

    monkeypatch.setenv("SECRET_KEY", "do-not-pass-on")
    renderer._child.stop()
    render_pdf(page("<p>Text"))
    environment = Path(f"/proc/{renderer._child._running.process.pid}/environ").read_bytes()
    assert b"do-not-pass-on" not in environment
    assert b"PATH=" in environment


def test_the_web_process_never_loads_weasyprint():
    code = (
        "import django, sys; django.setup(); from django.urls import reverse; reverse('home');"
        "from procedures import checks, tasks; checks.pdf_packages_are_there(None);"
        "sys.exit('weasyprint' in sys.modules)"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "sopdesk.settings",
        "SECRET_KEY": "x" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": "sqlite://:memory:",
    }
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
