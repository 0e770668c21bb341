"""Pages that belong to no app: help, and the two addresses that monitoring asks."""

import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sopdesk.lib.files import check_storage
from sopdesk.lib.offline import is_offered

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """The user guide by role, the keys, the accessibility statement and the glossary."""
    return render(request, "help.html")


@login_not_required
@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """What a browser keeps, to be shown when there is no network."""
    return render(request, "offline.html")


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps texts in force for reading without a network, at the root because it serves every page;
    one that removes itself and what was kept where offline reading is off. Browsers ask for it anew each time."""
    path = finders.find("js/offline-worker.js" if is_offered() else "js/offline-off.js")
    response = HttpResponse(Path(str(path)).read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Alive: this process answers. Touches nothing else, so a slow database never gets it restarted."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready for traffic: 200, or 503 with `failed` at what does not work; the reason is in the log, not in public."""
    results = {name: _passes(name, check) for name, check in READINESS.items()}
    ready = all(results.values())
    body = {"status": "ok" if ready else "failed"}
    body |= {name: "ok" if passed else "failed" for name, passed in results.items()}
    return JsonResponse(body, status=200 if ready else 503)


def _passes(name: str, check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # whatever goes wrong here means "not ready"
        logger.exception("readyz: %s failed", name)
        return False
    return True


@lru_cache(maxsize=1)
def _newest_migrations() -> frozenset[tuple[str, str]]:
    """The last migration of each app in the code that runs; read from disk once per process."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _check_migrations() -> None:
    missing = _newest_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    if missing:
        raise RuntimeError(f"migrations not applied: {sorted(missing)}")


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        if cursor.fetchone() != (1,):
            raise RuntimeError("the database answers something else than it was asked")


READINESS: dict[str, Callable[[], None]] = {
    "database": _check_database,
    "migrations": _check_migrations,
    "storage": check_storage,
}
