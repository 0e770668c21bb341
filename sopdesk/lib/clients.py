"""Where a request without a log-in comes from: how often it may ask, and what is kept of its address."""

import ipaddress
import time
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import PermissionDenied

from sopdesk.lib.requests import HtmxRequest

ONE_HOME = {4: 32, 6: 64}
"""Bits of an address that count as one asker: IPv6 hands a whole /64 to each connection."""
ONE_AREA = {4: 24, 6: 48}
"""Bits of an address that are kept in a log: enough to tell the office from elsewhere, too few for one person."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` requests in each window of `seconds`, from one connection."""

    name: str
    times: int
    seconds: int


def exceeds(limit: Limit, request: HtmxRequest, *, about: str = "") -> bool:
    """Count this request, and say whether it is one too many for where it comes from (and for what it is `about`).

    The count is in the cache: exact with one that all processes share, per process with the default one.
    """
    window = int(time.time() // limit.seconds)
    key = f"limit:{limit.name}:{window}:{network_of(request, ONE_HOME)}:{about}"
    cache.add(key, 0, limit.seconds)
    try:
        return cache.incr(key) > limit.times
    except ValueError:  # the window ended in between
        return False


def network_of(request: HtmxRequest, bits: dict[int, int] = ONE_AREA) -> str:
    """The network that the request comes from ("192.0.2.0/24"), behind the proxies that we trust; empty when nobody
    can say."""
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except (PermissionDenied, ValueError):
        return ""
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, bits[address.version]), strict=False))
