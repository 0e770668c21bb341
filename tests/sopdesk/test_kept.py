"""The template tag `kept`: fragments whose HTML is kept by the values that they show."""

import pytest
from django.template import Context, Template
from django.test.utils import override_settings
from django.utils import translation
from django.utils.safestring import mark_safe

from roles.models import User
from sopdesk.templatetags.sopdesk_ui import _made_once, kept

STAR = "browsing/_star.html"


@pytest.fixture(autouse=True)
def _nothing_kept():
    _made_once.cache_clear()
    yield
    _made_once.cache_clear()


def test_equal_values_are_rendered_once():
    first, second = (kept(STAR, code="FIN-001", is_on=True) for _turn in range(2))
    assert first is second
    assert 'aria-pressed="true"' in first


def test_another_value_is_another_fragment():
    assert 'aria-pressed="false"' in kept(STAR, code="FIN-001", is_on=False)
    assert 'aria-pressed="true"' in kept(STAR, code="FIN-001", is_on=True)


def test_each_language_has_its_own():
    with translation.override("en"):
        english = kept(STAR, code="FIN-001", is_on=True)
    with translation.override("fr"):
        assert kept(STAR, code="FIN-001", is_on=True) != english


def test_markup_that_was_kept_as_safe_does_not_let_typed_markup_through():
    kept(STAR, code=mark_safe("<b>"), is_on=True)
    assert "<b>" not in kept(STAR, code="<b>", is_on=True)


def test_a_row_of_the_database_is_refused():
    with pytest.raises(TypeError, match="rows of the database"):
        kept(STAR, code="FIN-001", is_on=User(pk=1))


def test_a_fragment_sees_nothing_but_its_values():
    page = Template('{% load sopdesk_ui %}{% kept "browsing/_star.html" code="FIN-001" is_on=True %}')
    assert page.render(Context({"with_word": True})) == kept(STAR, code="FIN-001", is_on=True)


@override_settings(DEBUG=True)
def test_nothing_is_kept_while_somebody_works_on_the_templates():
    kept(STAR, code="FIN-001", is_on=True)
    assert _made_once.cache_info().currsize == 0
