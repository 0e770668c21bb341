import pytest

from jobs.worker import Worker


@pytest.fixture
def worker() -> Worker:
    """A worker that the test drives by hand, without its thread."""
    return Worker(queues=["default", "mail", "pdf"], interval=0.1)
