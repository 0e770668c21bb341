"""One database at one size: both servers up, one request at a time, sopdesk and the limit in turns."""

import json
import re
import statistics
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from benchmarking.browser import Browser
from benchmarking.databases import Database
from benchmarking.forms import Fields, filled, form_with
from benchmarking.processes import Server, cpu_seconds, start, stop
from benchmarking.words import questions

READER, EDITOR, APPROVER = (f"{name}@bench.sopdesk.test" for name in ("reader", "editor", "approver"))
WRITES = 10
ROUND = re.compile(r'href="(/reviews/[0-9]+/)"')
AUTOSAVE = {"HX-Request": "true", "X-Autosave": "1"}


@dataclass(frozen=True)
class Effort:
    """How often to repeat: requests of a page, saves of a step, turns through the searches, PDFs."""

    warm_up: int
    requests: int
    saves: int
    turns: int
    pdfs: int


FULL = Effort(warm_up=40, requests=120, saves=60, turns=5, pdfs=4)
QUICK = Effort(warm_up=8, requests=16, saves=8, turns=1, pdfs=1)


@dataclass
class Cost:
    """CPU ms of every request, that of PostgreSQL included."""

    cpu: list[float] = field(default_factory=list)

    def add(self, spent: float | None) -> None:
        if spent is not None:
            self.cpu.append(spent)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.cpu)

    @property
    def p95(self) -> float:
        return quantile(self.cpu, 0.95)


@dataclass
class Result:
    """What was measured: scenario → cost, of sopdesk and, where there is one, of the limit."""

    database: Database
    ours: dict[str, Cost] = field(default_factory=dict)
    limit: dict[str, Cost] = field(default_factory=dict)
    queries: dict[str, int] = field(default_factory=dict)
    search: dict[str, list[float]] = field(default_factory=dict)
    pdf: dict[str, list[float]] = field(default_factory=dict)
    charts: list[float] = field(default_factory=list)
    redlines: list[float] = field(default_factory=list)
    memory: dict[str, int] = field(default_factory=dict)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Meter:
    """CPU time of a server and of its database connection."""

    def __init__(self, server: Server, database: Database) -> None:
        self._server, self._database = server, database
        self._look_up()

    def cost_ms(self, act: Callable[[], object]) -> float | None:
        """What `act` cost; None when Django has just opened its connection anew, as it does every minute: then one
        does not know whose time is whose."""
        before = self._spent()
        act()
        after = self._spent()
        if before is None or after is None or self._doubtful:
            self._look_up(doubtful=after is None)
            return None
        return (after - before) * 1000

    def _look_up(self, *, doubtful: bool = False) -> None:
        self._pids = [*self._server.pids(), *self._database.backends(self._server.name)]
        self._doubtful = doubtful  # the old connection has gone, the new one comes with the next request

    def _spent(self) -> float | None:
        times = [cpu_seconds(pid) for pid in self._pids]
        return sum(times) if all(times) else None


def look_inside(database: Database, effort: Effort) -> dict:
    """What `inside.py` finds. Raises CalledProcessError."""
    env = {**database.env, "DJANGO_SETTINGS_MODULE": "sopdesk.settings"}
    process = start(
        "scripts/benchmarking/inside.py", str(effort.turns), str(effort.pdfs), env=env, stdout=subprocess.PIPE
    )
    try:
        output, _ = process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, "inside.py")
        return json.loads(output)
    finally:
        stop(process)


def measure(database: Database, effort: Effort) -> Result:
    facts = look_inside(database, effort)
    result = Result(
        database, queries=facts["queries"], search=facts["search"], pdf=facts["pdf"], charts=facts["charts"],
        redlines=facts["redlines"],
    )  # fmt: skip
    with ExitStack() as stack:
        environments = {"sopdesk": "sopdesk.settings", "limit": "bench_limit.settings"}
        servers = {
            name: Server(f"bench-{name}", env={**database.env, "DJANGO_SETTINGS_MODULE": settings})
            for name, settings in environments.items()
        }
        for server in servers.values():
            stack.callback(server.stop)
        servers["sopdesk"].wait_until_ready("/healthz")
        servers["limit"].wait_until_ready("/library/")
        _Bench(database, effort, servers, facts, result).run(stack)
        result.memory = {name: server.worker_pss() for name, server in servers.items()}
    return result


class _Bench:
    def __init__(
        self, database: Database, effort: Effort, servers: dict[str, Server], facts: dict, result: Result
    ) -> None:
        self.database, self.effort, self.servers, self.facts, self.result = database, effort, servers, facts, result
        self.codes: list[str] = facts["codes"]

    def run(self, stack: ExitStack) -> None:
        reader = self._signed_in(READER, stack)
        # One session serves both: they share table and secret key.
        limit = Browser(self.servers["limit"].port, cookies=reader.cookies)
        stack.callback(limit.close)
        self._read(reader, limit)
        editor, approver = self._signed_in(EDITOR, stack), self._signed_in(APPROVER, stack)
        self._save_steps(editor)
        self._approve(editor, approver)

    def _signed_in(self, email: str, stack: ExitStack) -> Browser:
        browser = Browser(self.servers["sopdesk"].port)
        stack.callback(browser.close)
        browser.sign_in(email, self.database.env["BENCH_PASSWORD"])
        return browser

    def _read(self, reader: Browser, limit: Browser) -> None:
        page = self._pages()
        self._compare("reader page", lambda at: reader.get(page(at)), lambda at: limit.get(page(at)))
        etags = {path: reader.get(path).headers.get("ETag", "") for path in map(page, range(self.effort.requests))}
        self._compare(
            "reader page, unchanged",
            lambda at: reader.get(page(at), headers={"If-None-Match": etags[page(at)]}, expect=304),
        )
        last = f"/library/?page={self.facts['last_page']}"
        for name, path in (("library, first page", "/library/"), ("library, last page", last)):
            self._compare(name, lambda at, path=path: reader.get(path), lambda at, path=path: limit.get(path))
        asked = questions()
        for name in ("one term", "two terms", "typo"):
            self._compare(
                f"search, {name}",
                lambda at, name=name: reader.get(_query("/library/", asked[name], at)),
                # What is mistyped finds nothing without help, so the limit gets the words as they should be.
                lambda at, name=name: limit.get(_query("/search/", asked[name if name != "typo" else "one term"], at)),
            )
        self._compare("suggestion", lambda at: reader.get(_query("/library/suggest/", asked["suggestion"], at)))
        pdf = f"/procedures/{self.facts['pdf_code']}/pdf/"
        self._compare("PDF, stored", lambda at: reader.get(pdf), lambda at: limit.get(pdf))

    def _pages(self) -> Callable[[int], str]:
        """Different pages in turn, a few dozen of them: neither one hot row nor a cold start each."""
        codes = self.codes[1:40]
        return lambda at: f"/procedures/{codes[at % len(codes)]}/"

    def _compare(self, name: str, ours: Callable[[int], object], limit: Callable[[int], object] | None = None) -> None:
        asked = {"sopdesk": ours} | ({"limit": limit} if limit else {})
        for at in range(self.effort.warm_up):
            for ask in asked.values():
                ask(at)
        meters = {which: Meter(self.servers[which], self.database) for which in asked}
        costs = {which: Cost() for which in asked}
        for at in range(self.effort.requests):
            for which, ask in asked.items():
                costs[which].add(meters[which].cost_ms(lambda ask=ask, at=at: ask(at)))
        self.result.ours[name] = costs["sopdesk"]
        if limit:
            self.result.limit[name] = costs["limit"]

    # Writing ---------------------------------------------------------------------------------------------------

    def _save_steps(self, editor: Browser) -> None:
        path = self.facts["step"]
        cost, meter = Cost(), None
        for at, fields in enumerate(self._forms_of_step(editor, path)):
            if at == self.effort.warm_up // 4:
                meter = Meter(self.servers["sopdesk"], self.database)
            save = partial(editor.post, path, fields, headers=AUTOSAVE, expect=200)
            cost.add(meter.cost_ms(save)) if meter else save()
        self.result.ours["save of a step"] = cost

    def _forms_of_step(self, editor: Browser, path: str) -> Iterator[Fields]:
        for number in range(self.effort.warm_up // 4 + self.effort.saves):
            yield filled(form_with(editor.get(path).text, "body"), body=f"Text number {number}.\n\n- one\n- two")

    def _approve(self, editor: Browser, approver: Browser) -> None:
        submitted, approved = Cost(), Cost()
        password = self.database.env["BENCH_PASSWORD"]
        for code in self.codes[2 : 2 + min(WRITES, self.effort.requests)]:
            draft = f"/procedures/{code}/draft/"
            editor.post(f"{draft}start/", [("csrfmiddlewaretoken", self._token(editor, "/procedures/new/"))])
            form = form_with(editor.get(f"{draft}submit/").text, "change_summary")
            form = filled(form, change_summary="A benchmark was here.", significance="minor", effective_on="")
            submitted.add(self._post_once(editor, f"{draft}submit/", form))
            review = self._review(approver)
            form = filled(form_with(approver.get(review).text, "password"), password=password)
            approved.add(self._post_once(approver, f"{review}approve/", form))
        self.result.ours |= {"submit": submitted, "approve and publish": approved}

    def _post_once(self, browser: Browser, path: str, form: Fields) -> float | None:
        return Meter(self.servers["sopdesk"], self.database).cost_ms(lambda: browser.post(path, form))

    def _token(self, browser: Browser, path: str) -> str:
        return dict(form_with(browser.get(path).text, "csrfmiddlewaretoken"))["csrfmiddlewaretoken"]

    def _review(self, approver: Browser) -> str:
        """The address of the one round that waits."""
        return ROUND.findall(approver.get("/reviews/").text)[0]


def _query(path: str, queries: list[str], at: int) -> str:
    return f"{path}?q={queries[at % len(queries)].replace(' ', '+')}"
