"""A key for checkpoints in a folder of the test, and a firm with something on its trail."""

from pathlib import Path

import pytest

from audit.checkpoints import make_key
from procedures.models import Revision
from procedures.states import State
from tests.factories import make_revision


@pytest.fixture
def key(settings, tmp_path) -> Path:
    path = tmp_path / "checkpoints.key"
    make_key(path)
    settings.CHECKPOINT_KEY = str(path)
    settings.CHECKPOINT_FILE = str(tmp_path / "checkpoints.jsonl")
    return path


@pytest.fixture
def published(firm) -> Revision:
    return make_revision(firm, code="FIN-100")


@pytest.fixture
def in_review(firm) -> Revision:
    return make_revision(firm, code="FIN-200", state=State.IN_REVIEW)
