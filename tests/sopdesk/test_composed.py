"""What is composed once answers for its own values each time, as the queryset that it was made of would."""

import datetime

import pytest
from django.db.models import F
from django.utils import timezone

from roles.models import Holding, User
from roles.queries import today
from sopdesk.db.composed import Composed


def held_on(person: int, day: datetime.date):
    return Holding.objects.on(day).filter(user=person).select_related("role", "user__department").order_by("pk")


@pytest.fixture
def holdings():
    return Composed(held_on, person=int, day=datetime.date)


def test_it_answers_as_the_queryset_does_for_everybody_and_each_day(firm, holdings):
    ended = today() - datetime.timedelta(days=1)
    Holding.objects.filter(user=firm.staff).update(ends=ended)
    Holding.objects.create(user=firm.author, role=firm.clerk_role, starts=ended)
    seen = 0
    for person in User.objects.all():
        for day in (ended, today()):
            expected = list(held_on(person.pk, day))
            assert list(holdings.ask(person=person.pk, day=day)) == expected, (person, day)
            seen += len(expected)
    assert seen == 3


def test_an_instance_is_whole_and_brings_what_was_selected_with_it(firm, holdings, django_assert_num_queries):
    plain = held_on(firm.staff.pk, today()).first()
    with django_assert_num_queries(1):
        (holding,) = holdings.ask(person=firm.staff.pk, day=today())
        assert holding.role == plain.role
        assert holding.user.department.name == plain.user.department.name
    assert type(holding.starts) is datetime.date
    assert vars(holding).keys() == vars(plain).keys()
    assert holding.starts == plain.starts
    assert holding.user.is_active is True


def test_what_is_annotated_stands_on_the_instance(firm):
    named = Composed(lambda person: User.objects.filter(pk=person).annotate(place=F("department__name")), person=int)
    (person,) = named.ask(person=firm.staff.pk)
    assert person.place == firm.staff.department.name


def test_it_is_composed_once(firm):
    composed = []

    def compose(person: int):
        composed.append(person)
        return User.objects.filter(pk=person)

    people = Composed(compose, person=int)
    assert [list(people.ask(person=one.pk)) for one in (firm.staff, firm.author)] == [[firm.staff], [firm.author]]
    assert len(composed) == 1


def test_a_value_that_is_named_wrongly_or_left_out_is_told(firm, holdings):
    for values in ({}, {"person": 1}, {"person": 1, "day": today(), "more": 2}):
        with pytest.raises(TypeError, match="instead of"):
            holdings.ask(**values)


def test_a_queryset_that_forgets_a_value_is_told(firm):
    forgetful = Composed(lambda person, day: User.objects.filter(pk=person), person=int, day=datetime.date)
    with pytest.raises(ValueError, match="day"):
        forgetful.ask(person=1, day=today())


def test_a_kind_of_value_without_a_stand_in_is_told():
    with pytest.raises(TypeError, match="stand-in"):
        Composed(lambda people: User.objects.filter(pk__in=people), people=list)


def test_texts_and_moments_are_values_too(firm):
    moment = timezone.now()
    User.objects.filter(pk=firm.staff.pk).update(last_login=moment)
    seen = Composed(
        lambda name, since: User.objects.filter(full_name=name, last_login__gte=since),
        name=str, since=datetime.datetime,
    )  # fmt: skip
    tick = datetime.timedelta(microseconds=1)
    assert list(seen.ask(name=firm.staff.full_name, since=moment)) == [firm.staff]
    assert list(seen.ask(name=firm.staff.full_name, since=moment + tick)) == []
    assert list(seen.ask(name="Somebody else", since=moment)) == []


def test_a_row_that_is_not_there_is_none_of_its_instances(firm, holdings):
    assert list(holdings.ask(person=0, day=today())) == []
