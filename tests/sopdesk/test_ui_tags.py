"""The template tags of the interface."""

import datetime

import pytest
import time_machine
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from django.utils.formats import date_format

from procedures.states import State
from sopdesk.lib.punctuation import labelled
from sopdesk.templatetags.sopdesk_ui import CHIPS, chip, icon, near_date


class StepForm(forms.Form):
    title = forms.CharField(help_text="Start with a verb.")
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3, "class": "wide"}), required=False)
    kind = forms.ChoiceField(choices=[("a", "Action"), ("d", "Decision")])
    letter = forms.ChoiceField(
        choices=[("r", "Responsible"), ("a", "Accountable")], widget=forms.RadioSelect, help_text="One per step."
    )
    confirmed = forms.BooleanField(required=False)

    def clean(self) -> dict:
        if self.cleaned_data.get("title") == "Pay":
            raise forms.ValidationError("Say what is paid.")
        return self.cleaned_data


def render(source: str, **context: object) -> str:
    return Template("{% load sopdesk_ui %}" + source).render(Context(context))


def test_icon_beside_a_word_is_hidden_from_screen_readers() -> None:
    assert icon("check") == '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#check"/></svg>'


def test_icon_that_stands_alone_has_an_escaped_label() -> None:
    html = icon("check", 'Done "now"')
    assert 'role="img" aria-label="Done &quot;now&quot;"' in html
    assert "aria-hidden" not in html


def test_every_state_of_a_revision_has_a_chip() -> None:
    assert {str(state) for state in State} <= CHIPS.keys()


def test_chip_carries_word_icon_and_css_state() -> None:
    html = chip("in_review")
    assert 'data-state="review"' in html
    assert "#eye" in html
    assert "In review</span>" in html


def test_chip_text_replaces_the_word_and_is_escaped() -> None:
    html = chip("due", "Due <4 Dec>")
    assert "Due &lt;4 Dec&gt;" in html


def test_unknown_chip_is_an_error() -> None:
    with pytest.raises(KeyError):
        chip("nearly")


def test_field_ties_label_hint_and_error_to_its_control() -> None:
    html = render("{% field form.title %}", form=StepForm({}))
    assert '<label for="id_title">Title</label>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext">Start with a verb.' in html
    assert 'id="id_title_error"' in html


def test_field_marks_what_is_optional_and_keeps_own_classes() -> None:
    html = render("{% field form.note %}", form=StepForm())
    assert "(optional)" in html
    assert 'class="textarea wide"' in html


def test_field_takes_a_hint_from_the_template_where_the_form_has_none() -> None:
    html = render("{% field form.kind hint='Decisions branch.' %}", form=StepForm())
    assert 'class="select"' in html
    assert 'aria-describedby="id_kind_helptext"' in html
    assert 'id="id_kind_helptext">Decisions branch.' in html


def test_group_of_choices_is_a_fieldset_with_legend() -> None:
    html = render("{% field form.letter %}", form=StepForm())
    assert '<fieldset class="field" id="id_letter" aria-describedby="id_letter_helptext">' in html
    assert "<legend>Letter</legend>" in html
    assert html.count('type="radio"') == 2


def test_checkbox_stands_before_its_word() -> None:
    html = render("{% field form.confirmed %}", form=StepForm())
    assert html.index("<input") < html.index("Confirmed")


def test_error_summary_links_every_error_to_its_field() -> None:
    html = render("{% error_summary form %}", form=StepForm({"kind": "x"}))
    assert "3 things to correct" in html
    assert 'href="#id_title"' in html
    assert 'href="#id_kind"' in html
    assert 'href="#id_letter"' in html
    assert "autofocus" in html


def test_error_summary_names_what_belongs_to_no_field() -> None:
    html = render("{% error_summary form %}", form=StepForm({"title": "Pay", "kind": "a", "letter": "r"}))
    assert "One thing to correct" in html
    assert "<li>Say what is paid.</li>" in html


def test_error_summary_is_silent_when_all_is_well() -> None:
    assert render("{% error_summary form %}", form=StepForm()).strip() == ""


def test_page_links_keep_the_rest_of_the_address() -> None:
    request = RequestFactory().get("/library/", {"q": "pay & co", "page": "2"})
    page = Paginator(range(100), 10).get_page(2)
    html = render("{% page_links page %}", page=page, request=request)
    assert 'href="?q=pay+%26+co&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1


def test_page_links_are_absent_on_a_single_page() -> None:
    request = RequestFactory().get("/library/")
    page = Paginator(range(3), 10).get_page(1)
    assert render("{% page_links page %}", page=page, request=request).strip() == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (5, "in 5 days"),
        (-3, "3 days ago"),
        (13, "in 13 days"),
        (14, "in 2 weeks"),
        (98, "in 14 weeks"),
        (182, "in 26 weeks"),
        (183, "in 6 months"),
        (-425, "14 months ago"),
        (1096, "in 3 years"),
    ],
)
def test_near_date_uses_the_unit_people_would_choose(days: int, words: str) -> None:
    assert near_date(timezone.localdate() + datetime.timedelta(days=days)) == words


def test_near_date_counts_days_of_the_local_calendar() -> None:
    with time_machine.travel("2026-11-21T22:30:00Z", tick=False):  # 23:30 in Paris
        assert near_date(datetime.datetime(2026, 11, 21, 23, 30, tzinfo=datetime.UTC)) == "tomorrow"


def test_near_date_of_nothing_is_empty() -> None:
    assert near_date(None) == ""


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "21 Nov 2026", "21 Nov 2026, 14:02"), ("fr", "21 nov. 2026", "21 nov. 2026, 14:02")],
)
def test_dates_are_written_as_the_language_does(language: str, day: str, moment: str) -> None:
    value = datetime.datetime(2026, 11, 21, 13, 2, tzinfo=datetime.UTC)
    with translation.override(language):
        assert render("{{ value|date }}", value=value) == day
        assert render("{{ value|date:'DATETIME_FORMAT' }}", value=value) == moment


@pytest.mark.parametrize("language", ["en", "fr"])
def test_date_fields_show_what_date_inputs_can_read(language: str) -> None:
    with translation.override(language):
        html = forms.DateField().widget.render("due", datetime.date(2026, 12, 4))
    assert 'value="2026-12-04"' in html


@pytest.mark.parametrize(
    ("language", "label", "words"),
    [
        ("en", "Reason", "Reason: Missing"),
        ("fr", "Motif", "Motif\N{NO-BREAK SPACE}: Missing"),
        ("fr", "Pourquoi\N{NO-BREAK SPACE}?", "Pourquoi\N{NO-BREAK SPACE}? Missing"),
    ],
)
def test_a_label_is_joined_to_what_it_says_as_the_language_does(language: str, label: str, words: str) -> None:
    with translation.override(language):
        assert render("{{ label }}{% colon label %} Missing", label=label) == words
        assert labelled(label, "Missing") == words


@pytest.mark.parametrize(
    ("language", "day", "words"),
    [("fr", 1, "1er déc. 2026"), ("fr", 2, "2 déc. 2026"), ("fr", 11, "11 déc. 2026"), ("en", 1, "1 Dec 2026")],
)
def test_french_counts_the_first_of_a_month(language: str, day: int, words: str) -> None:
    with translation.override(language):
        assert render("{{ day|date }}", day=datetime.date(2026, 12, day)) == words
        assert date_format(datetime.date(2026, 12, day), "DATE_FORMAT") == words
