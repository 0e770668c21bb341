"""What of a text is turned into vectors: the opening, and its steps a few at a time."""

from collections.abc import Iterator

from procedures.search.analysis import plain

MAX_WORDS = 90
"""Of one passage: longer ones blur."""

MAX_PASSAGES = 40
"""Of one text; the rest is found by its words only."""


def passages_of(content: dict) -> list[str]:
    """The passages of a content (see `procedures.content`), each under its title."""
    title = content["title"]
    found = [_cut(f"{title}. {content['category']}. {' '.join(content['tags'])}. {plain(content['purpose'])}")]
    for text in (content["scope"], content["outcome"], content["background"]):
        if text.strip():
            found.append(_cut(f"{title}. {plain(text)}"))
    found += [f"{title}. {group}" for group in _groups(content["steps"])]
    return found[:MAX_PASSAGES]


def _groups(steps: list[dict]) -> Iterator[str]:
    """The steps in order, as many together as fit into a passage."""
    group: list[str] = []
    for step in steps:
        words = plain(f"{step['title']}. {step['body']} {step['expected']}").split()[:MAX_WORDS]
        if group and len(group) + len(words) > MAX_WORDS:
            yield " ".join(group)
            group = []
        group += words
    if group:
        yield " ".join(group)


def _cut(text: str) -> str:
    return " ".join(text.split()[:MAX_WORDS])
