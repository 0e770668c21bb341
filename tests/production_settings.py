"""Settings of a server that a test starts: those of production, its collected static files in a folder of the test."""

import os

from sopdesk.settings import *  # noqa: F403

STATIC_ROOT = os.environ["TEST_STATIC_ROOT"]
