"""Rules of our own that no linter knows: where rows are written, and what templates must not hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("sopdesk", "jobs", "audit", "notifications", "roles", "procedures", "runs", "training", "reports")
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
IDS = {"ids": lambda path: str(path.relative_to(ROOT))}

# Writing rows ------------------------------------------------------------------------------------------------

ALWAYS_WRITES = {"save", "delete", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
"""`update` writes too, but only on a queryset: sets, dictionaries and hashes have it as well."""

QUERYSET = re.compile(r"\bobjects\b|\)$")

WRITERS = {
    "audit/checkpoints.py": "keeps what was signed; no decision of anybody",
    "audit/trail.py": "the trail writes itself, in the transaction of the change",
    "notifications/outbox.py": "the outbox writes itself, in the transaction of the event",
    "jobs/enqueueing.py": "the rows of the task queue, in the transaction of whoever enqueues",
    "notifications/delivery.py": "notes what became of a mail",
    "jobs/clock.py": "mirrors the schedule of the settings and notes the last run",
    "jobs/lease.py": "takes and gives back tasks",
    "jobs/tasks.py": "forgets workers that died long ago",
    "jobs/worker.py": "the worker's sign of life",
    "roles/adapters.py": "the password that somebody has chosen, when allauth has checked it",
    "roles/firm.py": "an action beside those of `roles.actions`, with its own row in the table of faults",
    "procedures/manuals/building.py": "what became of making a manual, in the worker",
    "roles/signing.py": "accepted statements, and tries that failed, which must stay when nothing is signed",
    "procedures/keeping.py": "the row of a file, for the actions and the PDFs",
    "procedures/search/meaning/learning.py": "keeps what was learnt of frozen texts; no decision of anybody",
    "procedures/linkchecking.py": "notes what became of asking an address",
    "procedures/mermaid/keeping.py": "keeps what was drawn; no decision of anybody",
    "procedures/pdf/storing.py": "keeps what was rendered; no decision of anybody",
    "procedures/exporting/wordparts.py": "saves a Word document into memory, no row",
    "procedures/search/indexing.py": "index rows, written by the actions in their transaction",
    "procedures/search/vocabulary.py": "index rows, written by the actions in their transaction",
    "procedures/seeding/firm.py": "firms of thousands of procedures for load tests",
    "procedures/seeding/writer.py": "firms of thousands of procedures for load tests",
    "procedures/management/commands/searchquality.py": "documents of a measurement that is rolled back",
    "procedures/demo/loader.py": "passwords of the demo firm, which people choose for themselves elsewhere",
}
"""Modules that write rows although they are neither actions nor models, each with the reason."""


def modules() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            # sopdesk.lib has no models (import-linter sees to it): what it saves are files and pictures.
            if "migrations" not in parts and parts[:2] != ("sopdesk", "lib"):
                yield path


def may_write(path: Path) -> bool:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "actions" in parts or "models" in parts


def writes_of(source: str) -> list[int]:
    """The lines of calls that write rows."""
    lines = []
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        name, receiver = call.func.attr, ast.unparse(call.func.value)
        if name in ALWAYS_WRITES or (name == "update" and QUERYSET.search(receiver) and receiver != "vars()"):
            lines.append(call.lineno)
    return lines


def test_the_check_itself_finds_writes():
    found = writes_of(
        "row.save()\nRevision.objects.filter(pk=1).update(state='x')\nrevision.steps.create(position=1)\nrow.delete()"
    )
    assert sorted(found) == [1, 2, 3, 4]
    assert writes_of("seen.update(other)\nvars().update(config)\nsteps.order_by('position')") == []


def test_rows_are_written_by_actions_and_named_exceptions_only():
    elsewhere = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if not may_write(path) and (lines := writes_of(path.read_text(encoding="utf-8")))
    }
    assert {name: lines for name, lines in elsewhere.items() if name not in WRITERS} == {}
    assert set(WRITERS) <= set(elsewhere), "an exception that is no longer needed goes"


MOVES_MANUALS = {"procedures/actions/manuals.py", "procedures/manuals/building.py"}
"""A manual has a state as well."""


def test_only_one_module_moves_the_state_of_a_revision():
    movers = {
        str(path.relative_to(ROOT))
        for path in modules()
        if path.relative_to(ROOT).parts[0] == "procedures"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "update"
        and any(keyword.arg == "state" for keyword in call.keywords)
    }
    assert movers - MOVES_MANUALS == {"procedures/actions/transitions.py"}


# Safe HTML ---------------------------------------------------------------------------------------------------

SAFE_MARKERS = {"mark_safe", "SafeString", "SafeText", "SafeData"}

MAKES_SAFE = {
    "sopdesk/lib/headings.py": "what was safe before, with other digits in its headings",
    "sopdesk/lib/markup.py": "what both sanitisers have let through",
    "procedures/flowchart/chart.py": "SVG of our own drawing; every word in it is escaped by `flowchart.svg`",
    "procedures/templatetags/procedures.py": "prints the stored document of a revision, which only `rendering` writes",
    "procedures/exporting/webpage.py": "the stored document with addresses of ours put in, and our own style",
}


def safe_makers(source: str) -> list[int]:
    """The lines that declare a text safe; an empty text needs no declaration."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) in SAFE_MARKERS
        and not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == "")
    ]


def test_only_these_modules_declare_text_safe():
    every_module = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    makers = {str(path.relative_to(ROOT)) for path in every_module if safe_makers(path.read_text(encoding="utf-8"))}
    assert makers == set(MAKES_SAFE)


@pytest.mark.parametrize("template", TEMPLATES, **IDS)
def test_templates_never_switch_escaping_off(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*(safe|safeseq)\b", text)
    is_plain_text = template.suffix == ".txt"
    assert is_plain_text or not re.search(r"{%\s*autoescape\s+off", text)


TRANSLATED = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|{% blocktranslate\b.*?{% endblocktranslate %}|{%.*?%}|{{.*?}}"
    r"|<style.*?</style>|<[a-zA-Z/][^>]*>",
    re.DOTALL,
)


@pytest.mark.parametrize("template", [path for path in TEMPLATES if path.suffix != ".css"], **IDS)
def test_a_colon_behind_a_value_is_that_of_the_language(template):
    """French has a space before it: it stands in a translated sentence, or comes from `{% colon %}`."""
    bare = TRANSLATED.sub(lambda found: "\0" * len(found[0]), template.read_text(encoding="utf-8"))
    assert not re.search(r":(?= \0)|(?<=\0):(?=\0*(\n|$))", bare)


# Content security policy -------------------------------------------------------------------------------------

INLINE = {
    "script": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"\s(?:on[a-z]+|hx-on[\w:-]*)\s*=", re.IGNORECASE),
    "address of a script": re.compile(r"javascript:", re.IGNORECASE),
}
NOT_PAGES = ("emails", "pdf", "exports")
"""Mail programs and WeasyPrint know no style sheets of ours and no policy; an exported file carries its own policy."""


def pages() -> list[Path]:
    relative = ((path, path.relative_to(ROOT / "templates")) for path in TEMPLATES)
    return [path for path, name in relative if path.suffix == ".html" and name.parts[0] not in NOT_PAGES]


@pytest.mark.parametrize("template", pages(), **IDS)
def test_pages_hold_nothing_that_the_policy_refuses(template):
    text = re.sub(
        r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    assert [name for name, pattern in INLINE.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    "markup",
    [
        "<script>go()</script>",
        '<p style="color:red">',
        "<style>p{}</style>",
        '<a onclick="go()">',
        '<a hx-on:click="x">',
    ],
)
def test_the_check_itself_finds_inline_code(markup):
    assert any(pattern.search(markup) for pattern in INLINE.values())


# Fragments that are kept -------------------------------------------------------------------------------------

KEPT = re.compile(r'{%\s*kept "([^"]+)"((?:\s+\w+=[^\s%]+)*)\s*%}')
INCLUDED = re.compile(r'{%\s*include "([^"]+)"')
NAME = r"(?<![\w.\"'|:=])([a-z_]\w*)(?![\w=(\"'])"
BOUND = re.compile(r"\bas (\w+)|\bfor (\w+)|\b(\w+)=|\basvar (\w+)")
TAGS = re.compile(
    r"{%\s*(?:if|elif|for|url|icon|chip|include|with|language_name|blocktranslate)\b(.*?)%}|{{(.*?)}}", re.S
)
WORDS = {"and", "or", "not", "in", "is", "as", "with", "only", "trimmed", "count", "asvar", "if", "else", "by"}


def names_asked(template: str) -> set[str]:
    """The variables of a template and of what it includes, those that it binds itself left out."""
    text = (ROOT / "templates" / template).read_text()
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", text, flags=re.S)
    bound = {name for found in BOUND.findall(text) for name in found if name}
    asked = {name for found in TAGS.findall(text) for part in found for name in re.findall(NAME, strings_out(part))}
    for other in INCLUDED.findall(text):
        asked |= names_asked(other) - bound
    return asked - bound - WORDS


def strings_out(text: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", "''", text)


FRAGMENTS = [
    (name, set(re.findall(r"(\w+)=", values))) for path in TEMPLATES for name, values in KEPT.findall(path.read_text())
]


@pytest.mark.parametrize(("template", "given"), FRAGMENTS, ids=[name for name, _given in FRAGMENTS])
def test_a_fragment_that_is_kept_is_given_all_that_it_shows(template, given):
    missing = names_asked(template) - given - {"forloop", "with_word"}
    assert missing == set(), f"{template} asks for {missing}, which is not given"


def test_the_check_itself_finds_what_is_not_given():
    assert {"card", "others"} <= names_asked("procedures/_library_row_facts.html")
