"""The list of one's own manuals."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions.manuals import cancel_manual, request_manual
from procedures.manuals.building import build
from procedures.manuals.selecting import Selection
from tests.factories import make_revision

pytestmark = pytest.mark.django_db

ALL = Selection("", {})


def test_the_list_asks_as_much_for_many_manuals_as_for_one(firm, client):
    make_revision(firm)
    client.force_login(firm.staff)
    counts = []
    for number in range(4):
        manual = request_manual(actor=firm.staff, title=f"Manual {number}", selection=ALL)
        if number == 0:
            build(manual.pk)
        else:
            cancel_manual(manual, actor=firm.staff)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("manuals")).content.decode()
        counts.append(len(queries))
    assert page.count('<li class="row">') == 4
    assert counts[0] == counts[-1] <= 5, counts
