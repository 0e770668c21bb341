"""The WSGI entry point: granian, gunicorn and the like start from here."""

import gc
import os

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopdesk.settings")
application = get_wsgi_application()

# `manage.py` runs the system checks by itself, a WSGI server does not.
if faults := [fault for fault in run_checks(tags=[Tags.security]) if fault.is_serious()]:
    raise ImproperlyConfigured("\n".join(map(str, faults)))

# What is loaded now stays for good. The collector need not walk through it again, 70 ms in the middle of somebody's
# request, and nobody's first page waits for the views to be imported.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
