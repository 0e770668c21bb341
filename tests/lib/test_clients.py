"""What is kept of the address of a request, and counting requests."""

import pytest
from django.test import RequestFactory

from sopdesk.lib.clients import ONE_HOME, network_of


@pytest.mark.parametrize(
    ("address", "area", "home"),
    [
        ("192.0.2.77", "192.0.2.0/24", "192.0.2.77/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24", "192.0.2.77/32"),
        ("", "", ""),
        ("a socket", "", ""),
    ],
)
def test_an_address_is_shortened(address, area, home):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    assert (network_of(request), network_of(request, ONE_HOME)) == (area, home)
