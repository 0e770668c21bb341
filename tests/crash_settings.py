"""Settings of a process that a test starts and kills: those of the tests, on the database that the test names."""

import sys

sys.modules.setdefault("pytest", sys)  # the settings ask whether tests are running

from sopdesk.settings import *  # noqa: E402, F403
