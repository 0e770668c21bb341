"""Predicate and queryset say the same for the whole cast."""

import pytest

from procedures.actions import drafts
from procedures.models import Audience, Revision
from sopdesk.lib.errors import Missing, NotPermitted
from tests.factories import make_revision
from training.models import Acknowledgement
from training.permissions import (
    acknowledgements_visible_to,
    can_acknowledge,
    get_acknowledged_for,
    revisions_acknowledgeable_by,
    sees_acknowledgements,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("audience", Audience.values)
def test_who_may_confirm(firm, audience):
    readers = {"audience_departments": [firm.finance], "audience_roles": [firm.clerk_role]}
    revision = make_revision(firm, audience=audience, **readers)
    allowed = {name for name, person in firm.people.items() if can_acknowledge(person, revision)}
    listed = {name for name, person in firm.people.items() if revision in revisions_acknowledgeable_by(person)}
    assert allowed == listed
    assert "auditor" not in allowed
    assert {"staff", "owner", "administrator"} <= allowed
    assert ("outsider" in allowed) == (audience == Audience.EVERYONE)


@pytest.mark.parametrize("is_invited", [False, True], ids=["", "with an invitation"])
def test_who_sees_who_has_confirmed(firm, confirm, is_invited):
    revision = make_revision(firm)
    if is_invited:
        drafts.change_procedure(
            revision.procedure, actor=firm.owner, fields={}, coauthors=[firm.coauthor], reason="She helps."
        )
    row = confirm(revision, firm.staff)
    for name, person in firm.people.items():
        is_listed = acknowledgements_visible_to(person).filter(pk=row.pk).exists()
        expected = sees_acknowledgements(person, revision.procedure) or person == firm.staff
        assert is_listed == expected, name
    assert sees_acknowledgements(firm.coauthor, revision.procedure) == is_invited
    assert not sees_acknowledgements(firm.staff, revision.procedure)


def test_the_door_is_shut_to_readers_and_does_not_exist_for_others(firm):
    revision = make_revision(firm, audience="departments", audience_departments=[firm.finance])
    code = revision.procedure.code
    assert get_acknowledged_for(firm.author, code) == revision.procedure
    with pytest.raises(NotPermitted):
        get_acknowledged_for(firm.staff, code)
    with pytest.raises(Missing):
        get_acknowledged_for(firm.outsider, code)


def test_the_database_holds_one_row_for_a_person_and_a_text(firm, confirm):
    from django.db import IntegrityError

    row = confirm(make_revision(firm), firm.staff)
    twin = Acknowledgement(
        person=row.person, revision=Revision.objects.get(pk=row.revision_id), content_hash=row.content_hash,
        person_name="x", acknowledged_at=row.acknowledged_at, seal="x", trail_seq=999_999,
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        twin.save()
