"""Places inside a text that is made once for everybody, and what one person sees at them.

A place is an HTML comment. No author can write one: `sopdesk.lib.markup` lets none through.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from procedures.phrases import labels_language
from procedures.reading.parts import AT_STEPS, NUMBER, UID, Place

EACH_STEP = re.compile(rf"<!--{Place.EACH_STEP}:([0-9a-f-]+):(\d+)-->")
STEP_TOOLS = re.compile(r'<div class="step-tools">(<a href="#step-(\d+)">(<svg.*?</svg>)?.*?</a>)', re.S)


def marker(place: Place, step: str = "") -> str:
    return f"<!--{place}:{step}-->" if step else f"<!--{place}-->"


def with_step_places(html: str, content: dict) -> str:
    """The rendered document of `content` with the places of its steps.

    The document is in its own language; what is there to be pressed at a step is in that of the page, like the parts
    that come beside it.
    """
    uids = {str(step["number"]): step["uid"] for step in content["steps"]}
    is_foreign = (get_language() or "")[:2] not in ("", labels_language(content))

    def places(found: re.Match[str]) -> str:
        uid = uids.get(found[2])
        if uid is None:
            return found[0]
        inside, below = marker(Place.STEP, uid), marker(Place.STEP_TOOLS, uid)
        each = marker(Place.EACH_STEP, f"{uid}:{found[2]}")
        link = _link(found[2], found[3] or "") if is_foreign else found[1]
        return f'{inside}<div class="step-tools">{link}{each}{below}'

    return STEP_TOOLS.sub(places, html)


def _link(number: str, icon: str) -> str:
    """The link to a step in the language of the page; `icon` is out of the rendered document."""
    words, step = escape(_("Link")), escape(_("to step %(number)s") % {"number": number})
    hidden = f'<span class="visually-hidden"> {step}</span>'
    return f'<a href="#step-{number}" lang="{get_language()}">{icon}{words}{hidden}</a>'


def filled(html: str, parts: Iterable[tuple[Place, str, str]]) -> str:
    """`html` with parts of (place, uid of the step, HTML) at their places. What belongs to a step that the text does
    not have stands at the top: a warning is never lost."""
    found: dict[str, str] = defaultdict(str)
    each = ""
    for place, step, part in parts:
        if place == Place.EACH_STEP:
            each += part
            continue
        at = marker(place, step)
        found[at if place not in AT_STEPS or at in html else marker(Place.TOP)] += part
    for at, part in found.items():
        html = html.replace(at, part, 1)
    return EACH_STEP.sub(lambda step: each.replace(UID, step[1]).replace(NUMBER, step[2]), html)
