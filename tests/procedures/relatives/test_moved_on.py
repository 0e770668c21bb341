"""The library and the master list find what follows a text that was revised since."""

import pytest
from django.test import Client

from procedures.models import Procedure, Revision
from procedures.permissions import library_revisions_for
from procedures.relatives.moved_on import texts_moved_on_from
from procedures.search import Facet
from procedures.search.facets import survey
from procedures.states import State
from roles.models import User
from roles.queries import today
from tests.procedures.relatives.conftest import Family, publish, translate_all


@pytest.fixture
def published(family: Family) -> Family:
    """The family with variant and translation in force, both of the parent's first revision."""
    publish(family.firm, family.variant)
    translate_all(family)
    publish(family.firm, family.translation)
    return family


def codes_behind(person: User) -> list[str]:
    """By the query; the SQL of the counts must say the same."""
    readable = library_revisions_for(person, today())
    found = readable.filter(pk__in=texts_moved_on_from(readable))
    counted = survey(readable, chosen={}).values[Facet.SOURCE]
    filtered = survey(readable, chosen={Facet.SOURCE: ["newer"]}, with_ids=True).ids
    assert [value.count for value in counted] == ([found.count()] if found else [])
    assert set(filtered) == set(found.values_list("pk", flat=True))
    return sorted(found.values_list("procedure__code", flat=True))


def listed(person: User, path: str, **parameters: str) -> list[str]:
    client = Client()
    client.force_login(person)
    page = client.get(path, {"source": "newer", **parameters}).content.decode()
    return sorted(code for code in ("FIN-100", "FIN-100-FR", "OPS-100") if f'href="/procedures/{code}/" lang=' in page)


def test_who_follows_a_text_that_was_revised_is_found_until_it_has_followed(published, change_parent):
    staff = published.firm.staff
    assert codes_behind(staff) == []
    assert "Parent or original revised since" not in library_of(staff)
    change_parent()
    assert codes_behind(staff) == ["FIN-100-FR", "OPS-100"]
    assert "Parent or original revised since" in library_of(staff)
    assert listed(staff, "/library/", language="fr") == ["FIN-100-FR"]
    assert listed(staff, "/library/list/") == ["FIN-100-FR", "OPS-100"]
    assert listed(staff, "/library/list/", q="site") == ["OPS-100"]
    newest = Revision.objects.get(procedure=published.parent, state=State.PUBLISHED)
    Revision.objects.filter(procedure=published.variant).update(source=newest)
    assert codes_behind(staff) == ["FIN-100-FR"]


def test_who_may_not_read_the_source_is_not_told_that_it_moved_on(published, change_parent):
    change_parent()
    Procedure.objects.filter(pk=published.parent.pk).update(audience="departments")
    published.parent.audience_departments.set([published.firm.finance])
    assert codes_behind(published.firm.outsider) == []
    assert codes_behind(published.firm.staff) == ["FIN-100-FR", "OPS-100"]


def test_an_emergency_issue_of_the_source_does_not_count(published, change_parent):
    change_parent()
    Revision.objects.filter(procedure=published.parent, state=State.PUBLISHED).update(
        state=State.IN_REVIEW, emergency_until=today()
    )
    assert codes_behind(published.firm.staff) == []


def library_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.get("/library/").content.decode()
