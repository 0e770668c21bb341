"""Writing advice on a whole content: which rules are asked of which field, and what comes of it.

Pure: no models, no requests. `advise` reads the value of `procedures.content`.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from procedures.advice import sentences as rules
from procedures.advice.abbreviations import Abbreviations
from procedures.advice.findings import Advice, Find, Rule, Sentence, Suggestion
from procedures.advice.messages import why
from procedures.advice.prose import OPAQUE, Prose, read_line, read_markdown
from procedures.advice.reading import HARD, reading_ease
from procedures.advice.structure import lacks_description, step_findings
from procedures.advice.wordlists import word_lists

WITH_VERB = ("action", "checklist")
STEP_FIELDS = ("title", "body", "expected", "warning", "items")
DETAILS = ("purpose", "scope", "outcome", "trigger", "prerequisites", "background")
FIELDS = (*DETAILS, *STEP_FIELDS, "role", "branches")
"""Every field that advice may be about."""
STATES = ("outcome", "trigger", "prerequisites", "expected", "warning", "items")
"""Fields that say what is or may happen, where a passive is the natural form."""
_IF_TITLE = re.compile(
    r"(?:if|in case|si|s['’]ils?|en cas)\b(?!\s+(?:necessary|needed|required|applicable|possible|you|using|desired"
    r"|nécessaire|besoin|vous|on|requis)\b)",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"\b(?:otherwise|if not|else|in any other case|sinon|dans le cas contraire|autrement)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Field:
    """One text of the content, read. `number` is that of its step."""

    name: str
    step: dict | None
    text: str
    prose: Prose
    row: int | None = None

    @property
    def is_title(self) -> bool:
        return self.name == "title"


def advise(
    content: dict, *, glossary: Collection[str] = (), kept: Collection[tuple[str, str]] = frozenset()
) -> list[Advice]:
    """The advice on `content`, facts first, then step by step.

    glossary: terms that the firm uses without explaining them. kept: (rule, key) of advice that was turned down.
    A language other than English and French is judged by the rules without language only.
    """
    return [advice for advice in _advise(content, glossary) if (advice.rule.value, advice.key) not in kept]


def count_sentences(content: dict) -> int:
    """How many sentences the advice reads in `content`."""
    return sum(len(field.prose.sentences) for field in _fields(content))


def sentence_key(text: str) -> str:
    """By what advice on a sentence is remembered; blanks and capitals do not count."""
    return hashlib.sha256(" ".join(text.split()).casefold().encode()).hexdigest()


def _advise(content: dict, glossary: Collection[str]) -> Iterator[Advice]:
    grammar = rules.grammar_of(content["language"])
    fields = list(_fields(content))
    judge = _Judge(content, grammar, fields, glossary) if grammar else None
    step = None
    for field in fields:
        if field.step is not None and field.step is not step:
            step = field.step
            yield from _structure(step)
        yield from _pictures(field)
        if judge:
            yield from judge.advice_on(field)
    if judge:
        yield from judge.reading_level(fields)


def _fields(content: dict) -> Iterator[_Field]:
    for name in DETAILS:
        yield _Field(name, None, content[name], read_markdown(content[name]))
    for step in content["steps"]:
        yield _Field("title", step, step["title"], read_line(step["title"]))
        for name in ("body", "expected", "warning"):
            yield _Field(name, step, step[name], read_markdown(step[name]))
        for row, item in enumerate(step["items"]):
            yield _Field("items", step, item, read_line(item), row)


def _structure(step: dict) -> Iterator[Advice]:
    for rule, field in step_findings(step):
        yield Advice(rule, field, step["uid"], "", why(rule), sentence_key(step["uid"]), number=step["number"])


def _pictures(field: _Field) -> Iterator[Advice]:
    for alternative, start, end in field.prose.pictures:
        if lacks_description(alternative):
            words = field.text[start:end]
            yield _advice_of(field, Rule.PICTURE_TEXT, start, end, parts=("", words, ""), why=why(Rule.PICTURE_TEXT))


def _advice_of(
    field: _Field,
    rule: Rule,
    start: int,
    end: int,
    *,
    parts: tuple[str, str, str],
    why: str,
    key: str = "",
    suggestion: Suggestion | None = None,
) -> Advice:
    """parts: the sentence before the words concerned, these words, and behind them."""
    sentence = "".join(parts)
    before, words, behind = (part.replace(OPAQUE, "…") for part in parts)
    return Advice(
        rule=rule,
        field=field.name,
        step=field.step["uid"] if field.step else "",
        sentence=before + words + behind,
        why=why,
        key=sentence_key(key or sentence),
        row=field.row,
        start=start,
        end=end,
        words=words,
        before=before,
        behind=behind,
        suggestion=suggestion,
        number=field.step["number"] if field.step else 0,
    )


def _wants_verb(field: _Field) -> bool:
    """Whether `field` is the title of a step that somebody carries out."""
    return field.is_title and field.step is not None and field.step["kind"] in WITH_VERB


class _Judge:
    """The rules of one language over one content."""

    def __init__(self, content: dict, grammar: rules.Grammar, fields: list[_Field], glossary: Collection[str]) -> None:
        self._grammar = grammar
        self._roles = frozenset(step["role"]["name"].lower() for step in content["steps"] if step["role"])
        self._terms = frozenset(term.lower() for term in glossary)
        named = [row["name"] for row in (*content["tools"], *content["records"])]
        named += [step[name] for step in content["steps"] for name in ("tool", "record")]
        roles = [row["role"]["name"] for row in content["responsibilities"]]
        texts = [content["title"], *(field.text for field in fields)]
        self._abbreviations = Abbreviations(
            word_lists(grammar.language),
            accepted=[*glossary, *named, *roles, *self._role_names(content)],
            explaining=content["definitions"],
            texts=texts,
        )
        self._as_infinitive = self._prefers_infinitive(fields)

    def _role_names(self, content: dict) -> list[str]:
        return [step["role"]["name"] for step in content["steps"] if step["role"]]

    def _prefers_infinitive(self, fields: Iterable[_Field]) -> bool:
        """Whether the French titles are infinitives, « Vérifier », rather than « Vérifiez »."""
        first = [field.text.split(maxsplit=1)[0].lower() for field in fields if field.is_title and field.text.strip()]
        return sum(word.endswith("ez") for word in first) * 2 <= len(first)

    def advice_on(self, field: _Field) -> Iterator[Advice]:
        for sentence in field.prose.sentences:
            finds = list(self._finds(field, sentence))
            # A passive title has no verb at its start either; one of the two says it.
            if any(find.rule == Rule.PASSIVE for find in finds):
                finds = [find for find in finds if find.rule != Rule.ACTION_VERB]
            for find in finds:
                yield self._advice(field, sentence, self._fit_for_title(find) if _wants_verb(field) else find)
        if _wants_verb(field) and self._lacks_otherwise(field):
            yield _advice_of(
                field, Rule.NO_OTHERWISE, 0, len(field.text), parts=("", field.text, ""),
                why=why(Rule.NO_OTHERWISE, in_title=True),
            )  # fmt: skip

    def _fit_for_title(self, find: Find) -> Find:
        """Without a rewrite that would be advised against in its turn: "The director pays the bill" as a title."""
        if find.rewrite is None or not find.whole or self._grammar.starts_with_verb(find.rewrite):
            return find
        return replace(find, rewrite=None)

    def _finds(self, field: _Field, sentence: Sentence) -> Iterator[Find]:
        grammar = self._grammar
        role = field.step["role"]["name"] if field.step and field.step["role"] else ""
        if field.name not in STATES:
            yield from rules.passive(
                grammar, sentence, role=role, roles=self._roles, in_step=field.step is not None,
                as_infinitive=self._as_infinitive,
            )  # fmt: skip
        if _wants_verb(field):
            before = field.prose.sentences[: field.prose.sentences.index(sentence)]
            if not before:
                yield from rules.action_verb(grammar, sentence, role=role, as_infinitive=self._as_infinitive)
            yield from rules.several_actions(grammar, sentence, in_title=True, before=before)
        elif field.name == "body":
            yield from rules.several_actions(grammar, sentence, in_title=False)
        yield from rules.long_sentence(grammar, sentence)
        yield from rules.vague(grammar, sentence)
        yield from rules.plain_words(grammar, sentence, accepted=self._terms)
        yield from self._abbreviations.finds(sentence)

    def _advice(self, field: _Field, sentence: Sentence, find: Find) -> Advice:
        start, end = sentence.place(find.start, find.end)
        text = sentence.text
        parts = (text[: find.start], text[find.start : find.end], text[find.end :])
        explanation = why(
            find.rule, detail=find.detail, words=parts[1], limit=self._grammar.longest_sentence, in_title=field.is_title
        )
        return _advice_of(
            field, find.rule, start, end, parts=parts, why=explanation,
            key=parts[1] if find.rule == Rule.ABBREVIATION else text,
            suggestion=_suggestion(field.text, sentence, find),
        )  # fmt: skip

    def _lacks_otherwise(self, field: _Field) -> bool:
        body = field.step["body"] if field.step else ""
        return bool(_IF_TITLE.match(field.text)) and not _OTHERWISE.search(f"{field.text}\n{body}")

    def reading_level(self, fields: list[_Field]) -> Iterator[Advice]:
        """One piece of advice for each text that is long enough to judge: facts and purpose, and each step."""
        language = self._grammar.language
        places: dict[str, list[_Field]] = {}
        for field in fields:
            places.setdefault(field.step["uid"] if field.step else "", []).append(field)
        for uid, group in places.items():
            score = reading_ease([sentence for field in group for sentence in field.prose.sentences], language)
            if score is None or score >= HARD[language]:
                continue
            longest = max(group, key=lambda field: len(field.text))
            explanation = why(Rule.READING_LEVEL, detail=str(max(0, round(score))))
            number = group[0].step["number"] if group[0].step else 0
            yield Advice(Rule.READING_LEVEL, longest.name, uid, "", explanation, sentence_key(uid), number=number)


def _suggestion(text: str, sentence: Sentence, find: Find) -> Suggestion | None:
    """The rewrite in the place where it belongs; None when marks of Markdown stand in that place."""
    if find.rewrite is None:
        return None
    first, last = (0, len(sentence.text)) if find.whole else (find.start, find.end)
    start, end = sentence.place(first, last)
    if " ".join(text[start:end].split()) != sentence.text[first:last]:
        return None
    reads = sentence.text[:first] + find.rewrite + sentence.text[last:]
    if find.rewrite.endswith(" ") and sentence.text[last : last + 1] == " ":
        return None
    return Suggestion(start, end, find.rewrite, reads.replace(OPAQUE, "…"))
