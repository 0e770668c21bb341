"""The SQL of what somebody may read is composed once; whoever it is composed for must not get somebody else's."""

import datetime

import pytest
from django.db import connection
from django.db.models import Choices

from procedures.models.revision import RevisionQuerySet
from procedures.permissions import library_revisions_for
from procedures.search.questions import _composed_once, sql_of
from procedures.states import State
from roles.models import Access
from roles.queries import today
from tests.factories import approve, make_next, make_revision


@pytest.fixture
def hidden(firm):
    return make_revision(firm, audience="departments", audience_departments=[firm.finance])


def found(readable: RevisionQuerySet) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(*sql_of(readable))
        return {pk for (pk,) in cursor.fetchall()}


def test_the_same_question_is_composed_once(firm, django_assert_num_queries):
    _composed_once.cache_clear()
    with django_assert_num_queries(0):
        assert sql_of(library_revisions_for(firm.staff)) == sql_of(library_revisions_for(firm.staff))
    assert _composed_once.cache_info().currsize == 1


def test_what_is_composed_answers_as_the_question_does(firm, hidden):
    for person in firm.people.values():
        assert found(library_revisions_for(person)) == set(
            library_revisions_for(person).values_list("pk", flat=True)
        ), person


def test_who_leaves_the_department_or_gets_another_access_is_answered_anew(firm, hidden):
    assert found(library_revisions_for(firm.staff)) == {hidden.pk}
    firm.staff.department = firm.operations
    assert found(library_revisions_for(firm.staff)) == set()
    firm.staff.access = Access.AUDITOR
    assert found(library_revisions_for(firm.staff)) == {hidden.pk}


def test_a_question_that_is_narrowed_down_is_not_taken_for_the_whole(firm, hidden):
    sql_of(library_revisions_for(firm.staff))
    narrowed = library_revisions_for(firm.staff).exclude(pk=hidden.pk)
    assert narrowed.known_as is None
    assert found(narrowed) == set()


def test_each_day_has_its_own(firm, hidden):
    tomorrow = today() + datetime.timedelta(days=1)
    later = make_next(firm, hidden.procedure, state="in_review", effective_on=tomorrow)
    approve(later, by=firm.approver)
    assert found(library_revisions_for(firm.staff, today())) == {hidden.pk}
    assert found(library_revisions_for(firm.staff, tomorrow)) == {later.pk}


def test_states_are_written_out_and_what_somebody_typed_is_not(firm, hidden):
    typed = "en' OR 'a' = 'a"
    sql, params = sql_of(library_revisions_for(firm.staff).filter(language=typed, state=State.PUBLISHED))

    assert "'published'" in sql
    assert typed in params and typed not in sql
    assert not any(isinstance(value, Choices) for value in params)
    assert found(library_revisions_for(firm.staff).filter(language=typed)) == set()
    assert found(library_revisions_for(firm.staff).filter(state=State.PUBLISHED)) == {hidden.pk}
