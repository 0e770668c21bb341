"""Settings of the worker processes that the tests start: sopdesk without its scheduled tasks and without its pages."""

from sopdesk.settings import *  # noqa: F403

SCHEDULE = []
ROOT_URLCONF = "tests.jobs.site_settings"
urlpatterns = []
