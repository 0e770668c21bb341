"""Asking an address on the internet whether it is still there, without becoming a way into one's own network.

Nothing but this module opens a connection to an address that somebody typed. It asks hosts of a list only, connects to
the very IP address that was looked at (a name may answer differently the second time), refuses private ones, follows
redirects by the same rules, and reads no content.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit

MAX_REDIRECTS = 3
TIMEOUT = 5
"""Seconds for each wait; twice as many for a whole answer, which may come drop by drop."""

PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LASTING = frozenset({301, 308})
ASKED_DIFFERENTLY = frozenset({403, 404, 405, 501})
"""What servers that do not know HEAD answer to it."""
TRANSLATED = tuple(ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"))
"""IPv6 addresses that stand for IPv4 ones, private ones included (RFC 6052, RFC 8215, RFC 3056)."""

Resolve = Callable[[str, int], Sequence[str]]


class Reach(StrEnum):
    """What became of asking."""

    FOUND = "found"
    MOVED = "moved"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    FAILED = "failed"
    NOT_LISTED = "not_listed"
    PRIVATE = "private"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Reached:
    """The answer of an address. `status` is the last one over HTTP, 0 without any; `moved_to` goes with MOVED."""

    reach: Reach
    status: int = 0
    moved_to: str = ""


def is_listed(host: str, hosts: Sequence[str]) -> bool:
    """Whether `host` is one of `hosts`; ".example.org" stands for example.org and everything below it. There is no
    entry for all hosts."""
    host = host.lower().rstrip(".")
    for entry in (entry.strip().lower() for entry in hosts):
        if entry and (host == entry.lstrip(".") or (entry.startswith(".") and host.endswith(entry))):
            return True
    return False


def is_public(ip: str) -> bool:
    """Whether `ip` belongs to the open internet: not private, local, reserved, shared, multicast, or a translation."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if address.is_site_local or any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of `host`. Raises OSError when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def reach(address: str, *, hosts: Sequence[str], resolve: Resolve = resolve) -> Reached:
    """Ask `address` whether it is there, if its host is one of `hosts` (see `is_listed`). Never raises.

    A redirect that is meant to last is MOVED, with the address to write instead; one to a host that is not listed
    or is private is told as such.
    """
    at, lasting, status = address, True, 0
    for _hop in range(MAX_REDIRECTS + 1):
        refused = _refusal(at, hosts)
        if refused is not None:
            return Reached(refused, status)
        try:
            status, location = _ask(at, resolve)
        except _PrivateAddress:
            return Reached(Reach.PRIVATE, status)
        except (OSError, http.client.HTTPException, ValueError):
            return Reached(Reach.UNREACHABLE, status)
        if status not in REDIRECTS or not location:
            return _judge(status, address, at, lasting=lasting)
        lasting = lasting and status in LASTING
        at = urljoin(at, location)
    return Reached(Reach.FAILED, status)


class _PrivateAddress(Exception):
    """The name leads to an address that is not on the open internet."""


def _judge(status: int, address: str, at: str, *, lasting: bool) -> Reached:
    if 200 <= status < 300:
        return Reached(Reach.MOVED, status, at) if at != address and lasting else Reached(Reach.FOUND, status)
    if status in (401, 403):
        return Reached(Reach.FORBIDDEN, status)
    return Reached(Reach.GONE if status in (404, 410) else Reach.FAILED, status)


def _refusal(address: str, hosts: Sequence[str]) -> Reach | None:
    """Why `address` is not asked: of another scheme, with a name and password or a port of its own, not listed."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return Reach.UNREACHABLE
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        return Reach.NOT_LISTED
    if port not in (None, PORTS[parts.scheme]) or not is_listed(parts.hostname, hosts):
        return Reach.NOT_LISTED
    return None


def _ask(address: str, resolve: Resolve) -> tuple[int, str]:
    """Status and Location of `address`. Raises _PrivateAddress, OSError, HTTPException."""
    parts = urlsplit(address)
    host, port = str(parts.hostname), PORTS[parts.scheme]
    ips = resolve(host, port)
    if not ips or not all(is_public(ip) for ip in ips):
        raise _PrivateAddress
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    status, location = _request("HEAD", parts.scheme, host, ips[0], path)
    if status in ASKED_DIFFERENTLY:
        status, location = _request("GET", parts.scheme, host, ips[0], path)
    return status, location


def _request(method: str, scheme: str, host: str, ip: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(host, PORTS[scheme], timeout=TIMEOUT)
    connection.sock = _dial(scheme, host, ip)
    ender = threading.Timer(2 * TIMEOUT, _hang_up, [connection.sock])
    ender.start()
    try:
        connection.request(method, path, headers={"User-Agent": "sopdesk link check", "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.getheader("Location", "")
    finally:
        ender.cancel()
        connection.close()


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # it ended in this moment
        line.shutdown(socket.SHUT_RDWR)


def _dial(scheme: str, host: str, ip: str) -> socket.socket:
    """A connection to `ip`, under TLS for https with the certificate of `host`."""
    plain = socket.create_connection((ip, PORTS[scheme]), timeout=TIMEOUT)
    if scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise
