"""Asking addresses on the internet without becoming a way into one's own network."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sopdesk.lib import reaching
from sopdesk.lib.reaching import Reach, Reached, is_listed, is_public, reach

HOSTS = ["docs.example.org", ".gouv.example"]
PUBLIC = "93.184.216.34"


class Site(BaseHTTPRequestHandler):
    """A site whose answers are in its paths: /404, /to?https://…, /head."""

    asked: list[tuple[str, str, str]] = []

    def answer(self) -> None:
        Site.asked.append((self.command, self.headers["Host"], self.path))
        what, _, target = self.path.lstrip("/").partition("?")
        status = int(what) if what.isdigit() else 200
        self.send_response(405 if what == "head" and self.command == "HEAD" else status)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET = answer

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site(monkeypatch) -> Iterator[list[str]]:
    """Yields the IP addresses that were dialled; behind each of them is `Site`."""
    Site.asked = []
    server = HTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    dialled: list[str] = []

    def dial(scheme: str, host: str, ip: str) -> socket.socket:
        dialled.append(ip)
        return socket.create_connection(server.server_address, timeout=2)

    monkeypatch.setattr(reaching, "_dial", dial)
    yield dialled
    server.shutdown()
    thread.join()
    server.server_close()


def ask(address: str, *ips: str) -> Reached:
    return reach(address, hosts=HOSTS, resolve=lambda host, port: list(ips or (PUBLIC,)))


@pytest.mark.parametrize(
    ("host", "listed"),
    [
        ("docs.example.org", True), ("DOCS.example.org.", True), ("evil.docs.example.org", False),
        ("example.org", False), ("docs.example.org.evil.test", False), ("gouv.example", True),
        ("impots.gouv.example", True), ("evilgouv.example", False), ("", False),
    ],
)  # fmt: skip
def test_a_host_is_listed_by_its_whole_name_and_below_a_dot(host, listed):
    assert is_listed(host, HOSTS) is listed


def test_no_entry_stands_for_every_host():
    assert not is_listed("example.org", ["*", "", " ", "."])


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1",
        "fec0::1", "ff0e::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_private_local_reserved_and_translated_addresses_are_not_public(ip):
    assert not is_public(ip)


@pytest.mark.parametrize("ip", [PUBLIC, "2606:4700::1111", "::ffff:93.184.216.34"])
def test_addresses_on_the_internet_are_public(ip):
    assert is_public(ip)


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example.org/", "ftp://docs.example.org/", "file:///etc/passwd", "https://docs.example.org:8443/",
        "https://user@docs.example.org/", "https://user:word@docs.example.org/", "https:///path", "javascript:alert(1)",
        "https://docs.example.org@evil.test/", "https://169.254.169.254/latest", "//docs.example.org/",
    ],
)  # fmt: skip
def test_what_is_not_listed_is_never_dialled(site, address):
    assert ask(address).reach == Reach.NOT_LISTED
    assert site == []


@pytest.mark.parametrize("address", ["https://[::1", "https://docs.example.org:notaport/"])
def test_an_address_that_is_none_is_unreachable(site, address):
    assert ask(address).reach == Reach.UNREACHABLE
    assert site == []


def test_a_listed_name_that_leads_into_a_private_network_is_never_dialled(site):
    assert ask("https://docs.example.org/", "10.0.0.7").reach == Reach.PRIVATE
    assert ask("https://docs.example.org/", PUBLIC, "127.0.0.1").reach == Reach.PRIVATE
    assert site == []


def test_the_address_that_was_looked_at_is_the_one_that_is_dialled(site):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    reached = reach("http://docs.example.org/200", hosts=HOSTS, resolve=lambda host, port: next(answers))
    assert reached == Reached(Reach.FOUND, 200)
    assert site == [PUBLIC]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("200", Reached(Reach.FOUND, 200)), ("204", Reached(Reach.FOUND, 204)), ("404", Reached(Reach.GONE, 404)),
        ("410", Reached(Reach.GONE, 410)), ("401", Reached(Reach.FORBIDDEN, 401)),
        ("403", Reached(Reach.FORBIDDEN, 403)), ("500", Reached(Reach.FAILED, 500)),
        ("304", Reached(Reach.FAILED, 304)), ("head", Reached(Reach.FOUND, 200)),
    ],
)  # fmt: skip
def test_what_the_answers_mean(site, path, expected):
    assert ask(f"http://docs.example.org/{path}") == expected


def test_servers_that_do_not_know_head_are_asked_with_get(site):
    ask("http://docs.example.org/head?")
    assert [command for command, _host, _path in Site.asked] == ["HEAD", "GET"]


def test_the_site_is_asked_by_its_name_with_the_query(site):
    ask("http://docs.example.org/200?")
    ask("http://docs.example.org/a%20b")
    assert [(host, path) for _command, host, path in Site.asked] == [
        ("docs.example.org", "/200"), ("docs.example.org", "/a%20b"),
    ]  # fmt: skip


def test_a_lasting_redirect_names_the_new_address(site):
    moved = ask("http://docs.example.org/301?/200")
    assert moved == Reached(Reach.MOVED, 200, "http://docs.example.org/200")


def test_a_passing_redirect_is_no_move(site):
    assert ask("http://docs.example.org/302?/200") == Reached(Reach.FOUND, 200)


@pytest.mark.parametrize(
    "target", ["http://evil.test/", "http://127.0.0.1/", "https://docs.example.org:22/", "gopher:x"]
)
def test_a_redirect_to_what_is_not_listed_is_not_followed(site, target):
    assert ask(f"http://docs.example.org/302?{target}") == Reached(Reach.NOT_LISTED, 302)
    assert len(site) == 1


def test_a_redirect_into_a_private_network_is_not_followed(site):
    answers = iter([[PUBLIC], ["10.0.0.1"]])
    reached = reach("http://docs.example.org/302?/200", hosts=HOSTS, resolve=lambda host, port: next(answers))
    assert reached == Reached(Reach.PRIVATE, 302)
    assert site == [PUBLIC]


def test_redirects_in_a_circle_come_to_an_end(site):
    assert ask("http://docs.example.org/302?/302?/302").reach == Reach.FAILED
    assert len(site) <= reaching.MAX_REDIRECTS + 1


def test_a_name_that_is_not_known_is_unreachable(site):
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror

    assert reach("https://docs.example.org/", hosts=HOSTS, resolve=unknown).reach == Reach.UNREACHABLE


def test_a_server_that_says_nothing_is_hung_up_on(monkeypatch):
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(reaching, "_dial", lambda *args: ours)
    monkeypatch.setattr(reaching, "TIMEOUT", 0.05)
    assert ask("http://docs.example.org/").reach == Reach.UNREACHABLE
    theirs.close()
