"""The list of one's own manuals."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procedures.actions.manuals import cancel_manual, request_manual
from procedures.manuals.building import build
from procedures.manuals.selecting import Selection
from procedures.models import Manual
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


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ("FIN-001, FIN001", "These are no codes: FIN001."),
        ("FIN-001 XYZ 002", "These are no codes: 002."),
        ("pay the wages", "There is no code in this."),
    ],
)
def test_what_is_perhaps_a_code_and_is_none_is_not_passed_over(firm, client, codes, said):
    make_revision(firm, code="FIN-001")
    client.force_login(firm.staff)
    response = client.post(reverse("manual-new"), {"title": "Mine", "codes": codes})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Manual.objects.exists()


def test_titles_may_stand_beside_codes(firm, client):
    make_revision(firm, code="FIN-001")
    client.force_login(firm.staff)
    client.post(reverse("manual-new"), {"title": "Mine", "codes": "FIN-001 Run the payroll"})
    assert Manual.objects.get().selection["codes"] == ["FIN-001"]


def test_the_page_of_a_role_leads_to_its_manual(firm, client):
    revision = make_revision(firm, code="FIN-001")
    role = revision.steps.exclude(role=None).first().role
    client.force_login(firm.staff)
    page = client.get(reverse("library-role", args=[role.pk])).content.decode()
    address = f"{reverse('manual-new')}?role={role.pk}"
    assert f'href="{address}"' in page
    assert "FIN-001" in client.get(address).content.decode()
