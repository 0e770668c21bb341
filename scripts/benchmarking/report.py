"""The figures beside their budgets (design.md section 9), as a table of Markdown."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarking.scenarios import Cost, Result, quantile

HEAD = ("what", "CPU ms", "p95", "SQL", "limit", "ratio", "budget", "")
MIB = 1024 * 1024
NOTES = """\
CPU ms are the mean of the server's processes and, on PostgreSQL, of its connections; requests go one at a time.
*limit* is plain Django over the same tables in the same run (`scripts/bench_limit`), *ratio* is to it unless said
otherwise; its search page counts what can be filtered by, as ours does, but asks nobody's permission. *SQL* leaves
transaction control out and counts session and user. A budget against Wagtail is not checked here. Approving
includes the hash of the password that signs."""


@dataclass(frozen=True)
class Line:
    """One row of the table; `ok` is None where nothing is promised."""

    cells: tuple[str, ...]
    ok: bool | None

    @property
    def verdict(self) -> str:
        return {True: "ok", False: "**over**", None: ""}[self.ok]


@dataclass(frozen=True)
class Budget:
    """What is promised: a number of queries, a ratio, milliseconds at p95; None where nothing is."""

    queries: int | None = None
    ratio: float | None = None
    p95: float | None = None

    def __str__(self) -> str:
        parts = [
            f"≤ {self.queries} SQL" if self.queries else "",
            f"≤ {self.ratio:g} ×" if self.ratio else "",
            f"p95 ≤ {self.p95:g} ms" if self.p95 else "",
        ]
        return ", ".join(filter(None, parts))

    def holds(self, queries: int | None, ratio: float | None, p95: float) -> bool | None:
        checks = [
            found <= limit
            for found, limit in ((queries, self.queries), (ratio, self.ratio), (p95, self.p95))
            if found is not None and limit is not None
        ]
        return all(checks) if checks else None


BUDGETS = {
    "reader page": Budget(queries=6, ratio=1.3),
    "reader page, unchanged": Budget(queries=6, ratio=0.5),
    "library, first page": Budget(queries=8, ratio=1.4),
    "library, last page": Budget(queries=8, ratio=1.4),
    "search, one term": Budget(ratio=1.4),
    "search, two terms": Budget(ratio=1.4),
    "search, typo": Budget(ratio=1.4),
    "suggestion": Budget(p95=8),
    "PDF, stored": Budget(ratio=2),
    "submit": Budget(queries=40),
    "approve and publish": Budget(queries=40),
    "save of a step": Budget(queries=15, p95=25),
}
SEARCH_P95 = {"sqlite": 8.0, "postgres": 15.0}
SUGGEST_P95 = 8.0
BUDGETED_UP_TO = 10_000  # procedures; above, only the search itself has a budget
SEARCH_P95_ABOVE = 100.0
CHART_P95 = 20.0
REDLINE_P95 = 60.0
PDF_RATIO = 1.15
MEMORY_MORE = 60 * MIB


def table(result: Result) -> str:
    """Everything measured on one database, with a heading."""
    rows = [HEAD, tuple("---" for _ in HEAD)]
    rows += [(*line.cells, line.verdict) for line in lines(result)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return f"## {result.database.name}\n\n" + "\n".join(text) + "\n"


def lines(result: Result) -> Iterator[Line]:
    for name, budget in BUDGETS.items():
        yield _page(result, name, budget)
    yield from _searches(result)
    yield _times("flowchart of 60 steps", Cost(result.charts), Budget(p95=CHART_P95))
    yield _times("redline of two 60-step revisions", Cost(result.redlines), Budget(p95=REDLINE_P95))
    yield _pdf(result)
    yield _memory(result)


def _page(result: Result, name: str, budget: Budget) -> Line:
    ours, queries = result.ours[name], result.queries.get(name)
    compared, label = result.limit.get(name), ""
    if name == "reader page, unchanged":
        compared, label = result.ours["reader page"], " of the page"
    ratio = ours.mean / compared.mean if compared else None
    return Line(
        (
            name,
            f"{ours.mean:.1f}",
            f"{ours.p95:.1f}",
            str(queries or ""),
            f"{compared.mean:.1f}" if compared and not label else "",
            f"{ratio:.2f}{label}" if ratio is not None else "",
            str(budget),
        ),
        budget.holds(queries, ratio, ours.p95),
    )


def _searches(result: Result) -> Iterator[Line]:
    for name, times in result.search.items():
        limit = SUGGEST_P95 if name == "suggestion" else SEARCH_P95[result.database.kind]
        if result.database.size > BUDGETED_UP_TO:
            limit = None if name == "suggestion" else SEARCH_P95_ABOVE
        what = "suggestion alone" if name == "suggestion" else f"search alone, {name}"
        yield _times(what, Cost(times), Budget(p95=limit))


def _times(name: str, cost: Cost, budget: Budget) -> Line:
    cells = (name, f"{cost.mean:.1f}", f"{cost.p95:.1f}", "", "", "", str(budget))
    return Line(cells, budget.holds(None, None, cost.p95))


def _pdf(result: Result) -> Line:
    ours, bare = (quantile(result.pdf[name], 0.5) for name in ("ours", "bare"))
    cells = ("first PDF (limit: WeasyPrint)", f"{ours:.0f}", "", "", f"{bare:.0f}", f"{ours / bare:.2f}")
    return Line((*cells, f"≤ {PDF_RATIO:g} ×"), ours / bare <= PDF_RATIO)


def _memory(result: Result) -> Line:
    ours, limit = (result.memory[name] for name in ("sopdesk", "limit"))
    cells = (
        "memory of a worker, MiB",
        f"{ours / MIB:.0f}",
        "",
        "",
        f"{limit / MIB:.0f}",
        f"+{(ours - limit) / MIB:.0f}",
    )
    return Line((*cells, f"≤ limit + {MEMORY_MORE // MIB}"), ours <= limit + MEMORY_MORE)


def growth(results: list[Result]) -> str:
    """How the cost of a page grows from the smallest to the largest size of each database."""
    text = []
    for kind in dict.fromkeys(result.database.kind for result in results):
        of_kind = sorted((r for r in results if r.database.kind == kind), key=lambda result: result.database.size)
        small, large = of_kind[0], of_kind[-1]
        if small is large:
            continue
        pages = [name for name in BUDGETS if name.startswith(("reader page", "library", "search", "suggestion"))]
        found = (f"{name} {large.ours[name].mean / small.ours[name].mean:.2f}" for name in pages)
        text.append(f"{kind}, {large.database.size:,} against {small.database.size:,}: " + "; ".join(found) + ".")
    return "## Growth of CPU\n\n" + "\n\n".join(text) + "\n" if text else ""
