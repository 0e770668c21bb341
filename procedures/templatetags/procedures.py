"""Template tags of procedures: the stored document, signature times, words for the trail."""

import datetime
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from django import template
from django.conf.locale import LANG_INFO
from django.template import Context, Engine
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from procedures.content import revision_content
from procedures.mermaid import diagram_sources, draw_missing
from procedures.models import ImportedDocument, ProcedureTemplate, Revision
from procedures.queries import media_of
from procedures.reading.parts import Part
from procedures.reading.places import filled, with_step_places
from procedures.rendering import render_document, with_icons, with_role_labels
from procedures.search.snippets import Snippet
from sopdesk.lib.headings import headings_below
from sopdesk.lib.markup import SANITISER_VERSION
from sopdesk.templatetags.sopdesk_ui import CHIPS, icon

register = template.Library()


class Choice(Protocol):
    """A value to filter by."""

    value: str
    label: str
    count: int
    checked: bool


@register.simple_tag
def state_icon(state: str) -> SafeString:
    """The symbol of a revision's state standing alone, with the word for screen readers."""
    _css_state, name, word = CHIPS[state]
    return icon(name, label=str(word))


@register.simple_tag
def stored_document(revision: Revision) -> SafeString:
    """The document of `revision`: as it was stored on submission; a draft as its rows say now.

    A text that an older sanitiser let through is made again out of the frozen content.
    """
    rendered = revision.rendered
    if not rendered or revision.sanitiser_version != SANITISER_VERSION:
        content = revision_content(revision)
        draw_missing(diagram_sources(content))
        rendered = render_document(content, media=media_of(revision, content))
    return mark_safe(with_role_labels(with_icons(rendered)))  # noqa: S308  made by render_document alone  # nosec B308 B703


@register.simple_tag
def document_with_places(revision: Revision, content: dict) -> SafeString:
    """The same with the places at its steps, which `reading_text` fills."""
    return mark_safe(with_step_places(stored_document(revision), content))  # noqa: S308  as above  # nosec B308 B703


@register.simple_tag(takes_context=True)
def reading_text(context: Context, text: str, parts: list[Part]) -> SafeString:
    """The text of the reader page, with `parts` rendered in the context of the page and put in their places."""
    rendered = []
    for part in parts:
        with context.push(part=part.values):
            html = Engine.get_default().get_template(part.template).render(context)
        rendered.append((part.place, part.step, html))
    return mark_safe(filled(text, rendered))  # noqa: S308  made by templates alone  # nosec B308 B703


@register.simple_tag
def template_document(template: ProcedureTemplate) -> SafeString:
    """The text of a template as a document. It has no code yet, and its pictures no address of their own."""
    content = {**template.content, "code": "NEW-000"}
    rendered = render_document(content, media=lambda key: "")
    return mark_safe(with_role_labels(with_icons(rendered)))  # noqa: S308  made by render_document alone  # nosec B308 B703


@register.filter
def with_offset(moment: datetime.datetime) -> str:
    """A moment as a signature shows it, to the second and with its distance from UTC: 2026-08-24 15:02:10 +02:00."""
    return timezone.localtime(moment).isoformat(" ", "seconds").replace("+", " +")


@register.filter
def signing_time(moment: datetime.datetime) -> SafeString:
    """The same as a `<time>` that breaks only between the day and the time."""
    day, time = with_offset(moment).split(" ", 1)
    return format_html(
        '<time datetime="{}"><span class="nowrap">{}</span> <span class="nowrap">{}</span></time>',
        timezone.localtime(moment).isoformat(),
        day,
        time,
    )


@register.filter
def holds(numbers: set[int], number: int) -> bool:
    """Whether `number` is among `numbers`."""
    return number in numbers


@register.simple_tag
def filter_choices(name: str, choices: Iterable[Choice]) -> SafeString:
    """The checkboxes of one facet `name` of the library, each with its count; forty of them stand on the page."""
    language = get_language()
    made = (_filter_choice(name, one.value, one.label, one.count, one.checked, language) for one in choices)
    return mark_safe("".join(made))  # noqa: S308  made by format_html alone  # nosec B308 B703


@lru_cache(maxsize=4_000)
def _filter_choice(name: str, value: str, label: str, count: int, checked: bool, _language: str | None) -> SafeString:
    return format_html(
        '<label class="choice"><input type="checkbox" id="filter-{0}-{1}" name="{0}" value="{1}"{2}>'
        '<span>{3}</span><span class="count">{4}</span></label>',
        name,
        value,
        " checked" if checked else "",
        label,
        localize(count),
    )


@register.simple_tag
def step_snippets(address: str, snippets: Iterable[Snippet]) -> SafeString:
    """The quoted steps of a hit, each a link into its text at `address`. The number is in the language of the page."""
    language = get_language()
    return format_html_join(
        "",
        '<a href="{}#step-{}" data-step="{}"><b lang="{}">{}</b>{}</a>',
        (
            (address, one.number, one.uid, language, _("Step %(number)s.") % {"number": one.number}, one.html)
            for one in snippets
        ),
    )


@register.simple_tag
def language_name(code: str) -> str:
    """The name of a language in that language itself: "Français"; its code when it is not known."""
    return str(LANG_INFO.get(code, {}).get("name_local", code)).capitalize()


@register.simple_tag
def imported_source(document: ImportedDocument) -> SafeString:
    """The file as it was, beside what was recognised in it."""
    return mark_safe(document.source_html)  # noqa: S308  made by render_markdown alone  # nosec B308 B703


@register.filter
def below(html: SafeString, level: int) -> SafeString:
    """A text whose headings follow one of `level`."""
    return headings_below(html, level)
