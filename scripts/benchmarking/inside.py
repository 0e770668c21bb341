"""Runs as a process of its own with sopdesk loaded: prepares drafts, counts queries, times what has no address.

Prints one JSON object, see `main`.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from weasyprint import HTML  # noqa: E402

from benchmarking.forms import filled, form_with  # noqa: E402
from benchmarking.processes import cpu_seconds, family_seconds  # noqa: E402
from benchmarking.words import questions  # noqa: E402
from procedures.actions import drafts, steps  # noqa: E402
from procedures.comparing import compare  # noqa: E402
from procedures.content import revision_content  # noqa: E402
from procedures.flowchart import chart_of  # noqa: E402
from procedures.models import Procedure, RenditionKind, Revision  # noqa: E402
from procedures.pdf import store_pdf  # noqa: E402
from procedures.pdf.document import build_html  # noqa: E402
from procedures.pdf.renderer import render_pdf  # noqa: E402
from procedures.permissions import library_revisions_for  # noqa: E402
from procedures.queries import open_round  # noqa: E402
from procedures.search import search, suggest  # noqa: E402
from procedures.seeding.firm import APPROVER, EDITOR, READER  # noqa: E402
from roles.models import Role, User  # noqa: E402

LONG_DRAFT_STEPS = 60
LONG_DRAFT_CODE = "FIN-LONG"
PAGE = 10
CHARTS = 10
CHART_ROLES, CHART_EVERY = 5, 6
REDLINES = 5
BODY_WORDS, VOCABULARY, REWORDED_EVERY = 100, 400, 12
# Transaction control, and what the log notes of `executemany` without rows.
NOT_A_QUESTION = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|0 times:)", re.IGNORECASE)


def make_long_draft(editor: User) -> Revision:
    revision = drafts.create_procedure(
        actor=editor, code=LONG_DRAFT_CODE, kind="procedure", department=editor.department, owner=editor,
        title="A draft of sixty steps",
    )  # fmt: skip
    role = Role.objects.filter(department=editor.department).first()
    for number in range(1, LONG_DRAFT_STEPS + 1):
        body = f"Do what step {number} says.\n\n- **First:** look.\n- **Then:** act and write down what you saw."
        steps.add_step(
            revision, actor=editor, fields={"title": f"Step {number} of a long draft", "body": body, "role": role}
        )
    return revision


# Queries -----------------------------------------------------------------------------------------------------


def signed_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def queries_of(ask: Callable[[], object], *, expect: int) -> int:
    """SQL statements of one request, transaction control left out. Raises RuntimeError for another answer."""
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    if response.status_code != expect:
        raise RuntimeError(f"{response.request['PATH_INFO']}: {response.status_code} instead of {expect}")
    return sum(not NOT_A_QUESTION.match(query["sql"]) for query in captured.captured_queries)


def count_queries(code: str, last_page: int) -> dict[str, int]:
    reader, editor, approver = map(signed_in, (READER, EDITOR, APPROVER))
    page = f"/procedures/{code}/"
    for path in (page, "/library/"):
        reader.get(path)  # what is read once per process is not counted
    etag = reader.get(page).headers.get("ETag", "")
    asked = {name: found[0] for name, found in questions().items()}
    counts = {
        "reader page": queries_of(lambda: reader.get(page), expect=200),
        "reader page, unchanged": queries_of(lambda: reader.get(page, headers={"If-None-Match": etag}), expect=304),
        "library, first page": queries_of(lambda: reader.get("/library/"), expect=200),
        "library, last page": queries_of(lambda: reader.get(f"/library/?page={last_page}"), expect=200),
        "suggestion": queries_of(lambda: reader.get("/library/suggest/", {"q": asked["suggestion"]}), expect=200),
        "PDF, stored": queries_of(lambda: reader.get(f"{page}pdf/"), expect=200),
    }
    for name in ("one term", "two terms", "typo"):
        counts[f"search, {name}"] = queries_of(
            lambda name=name: reader.get("/library/", {"q": asked[name]}), expect=200
        )
    counts |= count_queries_of_writes(code, editor, approver)
    return counts


def count_queries_of_writes(code: str, editor: Client, approver: Client) -> dict[str, int]:
    draft = f"/procedures/{code}/draft/"
    editor.post(f"{draft}start/")
    fields = dict(form_with(editor.get(f"{draft}submit/").content.decode(), "change_summary"))
    sent = fields | {"change_summary": "Counted.", "significance": "minor", "effective_on": ""}
    submit = queries_of(lambda: editor.post(f"{draft}submit/", sent), expect=302)
    round = open_round(Revision.objects.open().get(procedure__code=code))
    signed = {"content_hash": round.content_hash, "comment": "", "password": os.environ["BENCH_PASSWORD"]}
    approve = queries_of(lambda: approver.post(f"/reviews/{round.pk}/approve/", signed), expect=302)
    step = step_path()
    fields = form_with(editor.get(step).content.decode(), "body")
    data: dict[str, list[str]] = {}
    for name, value in filled(fields, body="Another text."):
        data.setdefault(name, []).append(value)
    headers = {"HX-Request": "true", "X-Autosave": "1"}
    save = queries_of(lambda: editor.post(step, data, headers=headers), expect=200)
    return {"submit": submit, "approve and publish": approve, "save of a step": save}


def step_path() -> str:
    step = Revision.objects.get(procedure__code=LONG_DRAFT_CODE).steps.order_by("position")[LONG_DRAFT_STEPS // 2]
    return f"/procedures/{LONG_DRAFT_CODE}/draft/steps/{step.uid}/"


# Times -------------------------------------------------------------------------------------------------------


def backend_pid() -> int | None:
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return pid if cpu_seconds(pid) else None


def cpu_ms(act: Callable[[], object], *, backend: int | None) -> float:
    """CPU of this process and of its database connection."""

    def spent() -> float:
        return time.process_time() + (cpu_seconds(backend) if backend else 0.0)

    before = spent()
    act()
    return (spent() - before) * 1000


def time_searches(turns: int) -> dict[str, list[float]]:
    readable = library_revisions_for(User.objects.get(email=READER))
    backend = backend_pid()
    times: dict[str, list[float]] = {}
    for name, queries in questions().items():
        for turn in range(turns + 1):
            for query in queries:
                if name == "suggestion":
                    spent = cpu_ms(lambda query=query: suggest(query, readable), backend=backend)
                else:
                    spent = cpu_ms(lambda query=query: search(query, queryset=readable, limit=PAGE), backend=backend)
                if turn:  # the first one warms the caches
                    times.setdefault(name, []).append(spent)
    return times


def time_pdfs(repeat: int) -> dict[str, list[float]]:
    """CPU ms of `render_pdf` with its processes, and of WeasyPrint alone on the same HTML in this process."""
    revisions = Revision.objects.filter(state="published").select_related("procedure").order_by("pk")[: repeat + 1]
    pages = [build_html(revision, kind=RenditionKind.PDF) for revision in revisions]
    ours, bare = [], []
    for page in pages:
        before = family_seconds()
        render_pdf(page)
        ours.append((family_seconds() - before) * 1000)
        before = time.process_time()
        HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
        bare.append((time.process_time() - before) * 1000)
    return {"ours": ours[1:], "bare": bare[1:]}  # the first one loads libraries and fonts


def with_decisions(content: dict) -> dict:
    """`content` with a decision at every sixth step: on, back and ahead; and with five roles."""
    steps = [dict(step) for step in content["steps"]]
    for place, step in enumerate(steps):
        step["role"] = {"id": place // 4 % CHART_ROLES, "name": f"Role {place // 4 % CHART_ROLES + 1}"}
        if place % CHART_EVERY == CHART_EVERY - 1:
            back, ahead = steps[max(place - 7, 0)], steps[min(place + 4, len(steps) - 1)]
            ways = {"Yes": "", "No, once more": back["uid"], "Above the limit": ahead["uid"]}
            step["kind"] = "decision"
            step["branches"] = [{"label": label, "target": target} for label, target in ways.items()]
    return {**content, "steps": steps}


def time_charts(turns: int) -> list[float]:
    """CPU ms of drawing the flowchart of sixty steps with ten decisions."""
    draft = Revision.objects.select_related("procedure").get(procedure__code=LONG_DRAFT_CODE)
    content = with_decisions(revision_content(draft))
    return [cpu_ms(lambda: chart_of(content), backend=None) for _turn in range(CHARTS * turns + 1)][1:]


def with_bodies(content: dict, *, reworded: bool) -> dict:
    """`content` with a hundred words in every step; `reworded` takes another one at each twelfth place, and moves a
    step."""
    steps = []
    for place, step in enumerate(content["steps"]):
        words = [f"word{(place * 31 + number * number) % VOCABULARY}" for number in range(BODY_WORDS)]
        if reworded:
            words[::REWORDED_EVERY] = [f"other{number % 9}" for number in range(len(words[::REWORDED_EVERY]))]
        steps.append({**step, "body": ". ".join(" ".join(words[at : at + 10]) for at in range(0, BODY_WORDS, 10))})
    if reworded:
        steps.insert(3, steps.pop(LONG_DRAFT_STEPS // 2))
    return {**content, "steps": [{**step, "number": number} for number, step in enumerate(steps, start=1)]}


def time_redlines(turns: int) -> list[float]:
    """CPU ms of comparing two revisions of sixty steps, every one of them reworded."""
    draft = Revision.objects.select_related("procedure").get(procedure__code=LONG_DRAFT_CODE)
    content = revision_content(draft)
    old, new = (with_bodies(content, reworded=reworded) for reworded in (False, True))
    return [cpu_ms(lambda: compare(old, new), backend=None) for _turn in range(REDLINES * turns + 1)][1:]


def main(turns: int, pdfs: int) -> None:
    editor = User.objects.select_related("department").get(email=EDITOR)
    make_long_draft(editor)
    readable = library_revisions_for(User.objects.get(email=READER))
    codes = list(Procedure.objects.filter(department__code="FIN", revisions__state="published").values_list(
        "code", flat=True
    ))  # fmt: skip
    for code in codes[:2]:
        store_pdf(Revision.objects.get(procedure__code=code), kind=RenditionKind.PDF)
    last_page = -(-readable.count() // 20)
    result = {
        "codes": codes,
        "last_page": last_page,
        "pdf_code": codes[1],
        "step": step_path(),
        "queries": count_queries(codes[0], last_page),
        "search": time_searches(turns),
        "pdf": time_pdfs(pdfs),
        "charts": time_charts(turns),
        "redlines": time_redlines(turns),
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
