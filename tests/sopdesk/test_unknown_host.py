"""Requests under a host name that is not ours: refused before anybody is signed in, with a page all the same."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/healthz", "/accounts/login/"])
def test_unknown_host_is_refused_with_a_page(client, address):
    response = client.get(address, HTTP_HOST="somewhere.else.test")
    assert response.status_code == 400
    assert "did not understand" in response.content.decode()
