"""Places inside a text that is made once for everybody, and what one person sees at them.

A place is an HTML comment. No author can write one: `sopdesk.lib.markup` lets none through.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from procedures.reading.parts import AT_STEPS, NUMBER, UID, Place

EACH_STEP = re.compile(rf"<!--{Place.EACH_STEP}:([0-9a-f-]+):(\d+)-->")
STEP_TOOLS = re.compile(r'<div class="step-tools">(<a href="#step-(\d+)">.*?</a>)', re.S)


def marker(place: Place, step: str = "") -> str:
    return f"<!--{place}:{step}-->" if step else f"<!--{place}-->"


def with_step_places(html: str, content: Mapping) -> str:
    """The rendered document of `content` with the places of its steps."""
    uids = {str(step["number"]): step["uid"] for step in content["steps"]}

    def places(found: re.Match[str]) -> str:
        uid = uids.get(found[2])
        if uid is None:
            return found[0]
        inside, below = marker(Place.STEP, uid), marker(Place.STEP_TOOLS, uid)
        each = marker(Place.EACH_STEP, f"{uid}:{found[2]}")
        return f'{inside}<div class="step-tools">{found[1]}{each}{below}'

    return STEP_TOOLS.sub(places, html)


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
