"""Writing the index: what publication puts in and supersession takes out, in their own transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from django.db.models import Q

from procedures.content import revision_content
from procedures.models import Revision, SearchRole
from procedures.search import vocabulary
from procedures.search.analysis import MAX_WORD_LENGTH, code_terms, fold, joined_words, plain, stem, words
from procedures.search.backend import backend
from procedures.search.terms import Entry
from procedures.standards.kinds import texts_of_part
from procedures.states import State

BATCH = 100
MAX_WORDS = 30_000  # of one field of one text; the rest is not found
MAX_SURFACES = 5_000  # of one text in the vocabulary; the rest is found only as it is spelt
STEP_FIELDS = ("body", "expected", "warning")
BODY_FIELDS = (
    "purpose", "scope", "outcome", "trigger", "prerequisites", "definitions", "background", "references", "contact",
)  # fmt: skip


def index(revision: Revision, *, instead_of: Revision | None = None) -> None:
    """Make `revision` searchable, from its frozen content. Indexing it again replaces what was there, and
    `instead_of` leaves the index: of two texts that are much alike the vocabulary takes note of the difference.

    Inside the caller's transaction, so that a roll-back leaves the index as it was. Who finds it is decided when
    somebody searches.
    """
    remove(revision)
    before: set[vocabulary.Surface] = set()
    if instead_of is not None and backend().remove(instead_of.pk):
        SearchRole.objects.filter(revision=instead_of).delete()
        before = _surfaces(revision_content(instead_of))
    after = _surfaces(revision_content(revision))
    _put([revision])
    vocabulary.unlearn(before - after)
    vocabulary.learn(dict.fromkeys(after - before, 1))


def remove(revision: Revision) -> None:
    """Take `revision` out of the index, inside the caller's transaction. Nothing happens when it is not there."""
    if backend().remove(revision.pk):
        SearchRole.objects.filter(revision=revision).delete()
        vocabulary.unlearn(_surfaces(revision_content(revision)))


def rebuild() -> int:
    """Make the whole index again from the revisions that readers may come to follow; return how many there are.

    Call it inside `atomic()`, so that nobody searches in half an index.
    """
    backend().clear()
    vocabulary.clear()
    followed = Q(state__in=[State.PUBLISHED, State.APPROVED]) | Q(emergency_until__isnull=False)
    wanted = Revision.objects.filter(followed).order_by("pk")
    return write_many(wanted.iterator(chunk_size=BATCH))


def write_many(revisions: Iterable[Revision]) -> int:
    """Make all of `revisions`, none of which is in the index, searchable; return how many there are."""
    surfaces: Counter[vocabulary.Surface] = Counter()
    count = 0
    for batch in _in_batches(revisions):
        _put(batch)
        for revision in batch:
            surfaces.update(_surfaces(revision_content(revision)))
        count += len(batch)
    vocabulary.learn(surfaces)
    return count


def _put(revisions: Iterable[Revision]) -> None:
    """The rows of `revisions` in the index, without the vocabulary."""
    contents = [(revision.pk, revision_content(revision)) for revision in revisions]
    backend().put([entry_of(pk, content) for pk, content in contents])
    SearchRole.objects.bulk_create(
        [SearchRole(revision_id=pk, role_id=role) for pk, content in contents for role in _roles(content)],
        ignore_conflicts=True,
    )


def _in_batches(revisions: Iterable[Revision]) -> Iterator[list[Revision]]:
    rest = iter(revisions)
    while batch := list(islice(rest, BATCH)):
        yield batch


def entry_of(revision_id: int, content: dict) -> Entry:
    """The analysed text of a content (see `procedures.content`), for the index row of `revision_id`."""
    language = content["language"]
    title, tags, steps, body = _texts(content)
    spelt = [*words(content["code"]), *code_terms(content["code"]), *words(title), *words(tags)]
    return Entry(
        revision_id=revision_id,
        code=code_terms(content["code"]),
        title=_terms(title, language),
        tags=[*_terms(tags, language), *(fold(word) for word in words(content["code"]))],
        steps=_terms(steps, language),
        body=_terms(body, language),
        spelt=[fold(word) for word in spelt],
    )


def _terms(text: str, language: str) -> list[str]:
    return [stem(word, language) for word in islice(chain(joined_words(text), words(text, with_ends=True)), MAX_WORDS)]


def _surfaces(content: dict) -> set[vocabulary.Surface]:
    """What the vocabulary learns from a content: its codes and words, titles first."""
    language = content["language"]
    codes = [*code_terms(content["code"]), *(fold(word) for word in words(content["code"]))]
    spelt = (word for text in _texts(content) for word in chain(joined_words(text), words(text, with_ends=True)))
    surfaces = dict.fromkeys((code, "", code) for code in codes)
    for word in spelt:
        surfaces[fold(word)[:MAX_WORD_LENGTH], language, stem(word, language)] = None
        if len(surfaces) == MAX_SURFACES:
            break
    return set(surfaces)


def _roles(content: dict) -> set[int]:
    """Ids of the roles that take part: in a step, by doing it or by a letter, or by a letter in the whole."""
    steps = content["steps"]
    rows = [*content["responsibilities"], *(row for step in steps for row in step["responsibilities"])]
    return {step["role"]["id"] for step in steps if step["role"]} | {row["role"]["id"] for row in rows}


def _texts(content: dict) -> tuple[str, str, str, str]:
    """Title, tags and category, titles of steps, and everything else of a content, as plain text."""
    steps = content["steps"]
    body = [content[name] for name in BODY_FIELDS]
    body += [step[name] for step in steps for name in STEP_FIELDS]
    body += [branch.get("label", "") for step in steps for branch in step["branches"]]
    body += [step["role"]["name"] for step in steps if step["role"]]
    body += [row["role"]["name"] for row in content["responsibilities"]]
    body += [f"{tool['name']}. {tool['note']}" for tool in content["tools"]]
    body += [f"{record['name']}. {record['place']}" for record in content["records"]]
    body += [benchmark["name"] for benchmark in content["benchmarks"]]
    body += [text for part in content["parts"] for text in texts_of_part(part)]
    return (
        content["title"],
        "\n".join([content["category"], *content["tags"]]),
        "\n".join(plain(f"{step['section']}\n{step['title']}") for step in steps),
        plain("\n".join(body)),
    )
