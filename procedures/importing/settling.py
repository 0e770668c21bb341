"""What was recognised, as its uploader settles it before anything is saved: steps merged, split, made text and back.

The state is plain JSON: what `state_of` gives goes into the database and comes back the same.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import takewhile
from typing import Any

from django.utils.translation import gettext as _

from procedures.importing.blocks import Block, Item, markdown_of
from procedures.importing.document import MAX_STEPS, LossReport, Note, ParsedProcedure, ParsedStep
from procedures.importing.rich.inline import escaped
from procedures.importing.source import Source
from procedures.importing.stepmaking import StepMaker
from procedures.importing.tokens import blocks_of, plain_text

MAX_UNDO = 10
EXCERPT = 160
_LEFT_OUT = frozenset({"report", "pictures", "source"})

State = dict[str, Any]


class NotPossible(ValueError):
    """The change does not fit what is there; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A paragraph or an entry of a list where a step can begin: "2" or "2.4"."""

    at: str
    excerpt: str
    entries: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What has happened, as a sentence, and the number of the step to look at, from 0; None when it is none."""

    told: str
    step: int | None


def state_of(parsed: ParsedProcedure) -> State:
    """Everything but the report and the pictures themselves, as JSON; nothing undone yet."""
    kept = {field.name: getattr(parsed, field.name) for field in fields(parsed) if field.name not in _LEFT_OUT}
    kept["steps"] = [asdict(step) for step in parsed.steps]
    kept["roles"] = [list(pair) for pair in parsed.roles]
    kept["history"] = list(parsed.history)
    kept["picture_names"] = dict(parsed.picture_names)
    return {"parsed": kept, "source": parsed.source, "undo": []}


def report_data(report: LossReport) -> dict[str, Any]:
    return asdict(report)


def report_from(data: dict[str, Any]) -> LossReport:
    """The report as it was before it became JSON."""
    notes = {name: tuple(Note(**note) for note in data[name]) for name in ("dropped", "unresolved", "notes")}
    return LossReport(**{**data, **notes, "missing_words": tuple(data["missing_words"])})


def parsed_from(state: State, report: LossReport) -> ParsedProcedure:
    """The procedure as it stands now."""
    data = dict(state["parsed"])
    data["steps"] = tuple(ParsedStep(**step) for step in data["steps"])
    data["roles"] = tuple((name, duty) for name, duty in data["roles"])
    data["history"] = tuple(data["history"])
    return ParsedProcedure(**data, report=report, source=state["source"])


def merge(state: State, step: int) -> Change:
    """Put a step into the one before it. Raises NotPossible."""
    steps = _steps(state, step)
    if not step:
        raise NotPossible(_("There is no step before the first."))
    _remember(state)
    first, second = steps[step - 1], steps[step]
    steps[step - 1 : step + 1] = [
        replace(
            first,
            body=_joined(first.body, escaped(second.title), second.body),
            warning=_joined(first.warning, second.warning),
            expected=_joined(first.expected, second.expected),
            role=first.role or second.role,
            minutes=_sum(first.minutes, second.minutes),
            tool=first.tool or second.tool,
            record=first.record or second.record,
        )
    ]
    _store(state, steps)
    return Change(_("Step %(second)d is now part of step %(first)d.") % {"second": step + 1, "first": step}, step - 1)


def demote(state: State, step: int) -> Change:
    """Make a step plain text: of the step before it, or of the background when it is the first."""
    steps = _steps(state, step)
    _remember(state)
    gone = steps.pop(step)
    text = _joined(
        escaped(gone.title),
        gone.body,
        f"**{_('Warning')}:** {gone.warning}" if gone.warning else "",
        f"**{_('Expected result')}:** {gone.expected}" if gone.expected else "",
        f"**{_('Role')}:** {gone.role}" if gone.role else "",
    )
    if step:
        steps[step - 1] = replace(steps[step - 1], body=_joined(steps[step - 1].body, text))
        told = _("Step %(number)d is now text of the step before it.") % {"number": step + 1}
    else:
        state["parsed"]["background"] = _joined(state["parsed"]["background"], text)
        told = _("The first step is now text under “Background”.")
    _store(state, steps)
    return Change(told, step - 1 if step else None)


def split(state: State, step: int, at: str) -> Change:
    """Begin a new step at a paragraph or entry of a step's text; what follows goes with it."""
    steps = _steps(state, step)
    before, opening, after = _cut(_blocks(steps[step].body), at)
    _remember(state)
    new = _made(opening, after, steps[step])
    steps[step : step + 1] = [replace(steps[step], body=markdown_of(before)), *new]
    _store(state, steps)
    return Change(_("Step %(number)d begins here now.") % {"number": step + 2}, step + 1)


def split_list(state: State, step: int, at: str) -> Change:
    """Make every entry of a list in a step's text a step of its own."""
    steps = _steps(state, step)
    blocks = _blocks(steps[step].body)
    block, _entry = _at(blocks, at)
    if not blocks[block].items:
        raise NotPossible(_("This is no list."))
    _remember(state)
    items = blocks[block].items
    new = [made for item in items[:-1] for made in _made(item.blocks, (), steps[step])]
    new += _made(items[-1].blocks, blocks[block + 1 :], steps[step])
    steps[step : step + 1] = [replace(steps[step], body=markdown_of(blocks[:block])), *new]
    _store(state, steps)
    return Change(_("%(count)d entries are steps of their own now.") % {"count": len(items)}, step + 1)


def promote(state: State, at: str) -> Change:
    """Make a step of a paragraph, or steps of the entries of a list, under “Background”: at its place in the file."""
    blocks = _blocks(state["parsed"]["background"])
    block, entry = _at(blocks, at)
    found = blocks[block]
    template = ParsedStep("", "", "typed", 0)
    steps = _steps(state)
    _remember(state)
    if found.items and entry < 0:
        new = [made for item in found.items for made in _made(item.blocks, (), template)]
        left = [*blocks[:block], *blocks[block + 1 :]]
    elif found.items:
        new = _made(found.items[entry].blocks, (), template)
        rest = replace(found, items=(*found.items[:entry], *found.items[entry + 1 :]))
        left = [*blocks[:block], *([rest] if rest.items else []), *blocks[block + 1 :]]
    else:
        new = _made((found,), (), template)
        left = [*blocks[:block], *blocks[block + 1 :]]
    place = _place_of(state["source"], plain_text(new[0].title) if new else "", steps)
    steps[place:place] = new
    state["parsed"]["background"] = markdown_of(left)
    _store(state, steps)
    return Change(_("This is step %(number)d now.") % {"number": place + 1}, place)


def undo(state: State) -> Change:
    """Take the last change back."""
    if not state["undo"]:
        raise NotPossible(_("There is nothing to undo."))
    last = state["undo"].pop()
    pairs = zip(state["parsed"]["steps"], last["steps"], strict=False)
    same = sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], pairs))
    state["parsed"]["steps"], state["parsed"]["background"] = last["steps"], last["background"]
    return Change(_("The last change is undone."), same if same < len(last["steps"]) else None)


def places_in(markdown: str) -> list[Place]:
    """Where a step can begin in a text, with the first words of each place."""
    places = []
    for at, block in enumerate(_blocks(markdown)):
        if block.kind == "rule":
            continue
        places.append(Place(str(at), _excerpt((block,)), len(block.items)))
        places += [Place(f"{at}.{entry}", _excerpt(item.blocks)) for entry, item in enumerate(block.items)]
    return places


def _blocks(markdown: str) -> tuple[Block, ...]:
    return blocks_of(Source.of(markdown)) if markdown.strip() else ()


def _steps(state: State, step: int = -1) -> list[ParsedStep]:
    steps = [ParsedStep(**row) for row in state["parsed"]["steps"]]
    if step >= len(steps):
        raise NotPossible(_("There is no such step any more."))
    return steps


def _store(state: State, steps: Sequence[ParsedStep]) -> None:
    if len(steps) > MAX_STEPS:
        state["undo"].pop()
        raise NotPossible(_("A procedure has at most %(count)d steps. Split it in two.") % {"count": MAX_STEPS})
    state["parsed"]["steps"] = [asdict(step) for step in steps]


def _remember(state: State) -> None:
    now = {"steps": state["parsed"]["steps"], "background": state["parsed"]["background"]}
    state["undo"] = [*state["undo"], now][-MAX_UNDO:]


def _at(blocks: Sequence[Block], at: str) -> tuple[int, int]:
    """The numbers of the block and of the entry, -1 for the block as a whole."""
    block, _dot, entry = at.partition(".")
    numbers = int(block) if block.isdecimal() else -1, int(entry) if entry.isdecimal() else -1
    if not 0 <= numbers[0] < len(blocks) or numbers[1] >= max(len(blocks[numbers[0]].items), 0):
        raise NotPossible(_("This place is not there any more."))
    return numbers


def _cut(blocks: Sequence[Block], at: str) -> tuple[list[Block], Sequence[Block], list[Block]]:
    """What stands before the place, what the new step opens with, and what follows it."""
    block, entry = _at(blocks, at)
    found = blocks[block]
    before, after = list(blocks[:block]), list(blocks[block + 1 :])
    if not found.items:
        return before, (found,), after
    entry = max(entry, 0)
    item: Item = found.items[entry]
    if entry:
        before.append(replace(found, items=found.items[:entry]))
    if found.items[entry + 1 :]:
        after.insert(0, replace(found, items=found.items[entry + 1 :]))
    return before, item.blocks, after


def _made(opening: Sequence[Block], after: Sequence[Block], like: ParsedStep) -> list[ParsedStep]:
    """A step from blocks; the first paragraph says what to do."""
    maker = StepMaker([])
    blocks = [*opening, *after]
    first = blocks[0] if blocks and blocks[0].kind in ("paragraph", "heading") else None
    if first is not None:
        text = first.text.lstrip("#").strip() if first.kind == "heading" else first.text
        first = replace(first, kind="paragraph", text=text, plain=plain_text(text))
        blocks = blocks[1:]
    step = maker.from_paragraph(first, blocks, source="typed", line=like.line, section=like.section)
    if not step.title:
        raise NotPossible(_("There are no words for a title here."))
    return maker.fitted(step)


def _place_of(source: str, title: str, steps: Sequence[ParsedStep]) -> int:
    """Before the first step that comes later in the file; at the end where that cannot be told."""
    whole = " ".join(source.split())
    position = whole.find(title[:40]) if title else -1
    if position < 0:
        return len(steps)
    later = (at for at, step in enumerate(steps) if whole.find(step.title[:40]) > position)
    return next(later, len(steps))


def _excerpt(blocks: Sequence[Block]) -> str:
    words = " ".join(plain_text(markdown_of(blocks)[: 4 * EXCERPT]).split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _sum(first: int | None, second: int | None) -> int | None:
    return (first or 0) + (second or 0) if first is not None or second is not None else None
