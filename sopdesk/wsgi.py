"""The WSGI entry point: granian, gunicorn and the like start from here."""

import os

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sopdesk.settings")
application = get_wsgi_application()

# `manage.py` runs the system checks by itself, a WSGI server does not.
if faults := [fault for fault in run_checks(tags=[Tags.security]) if fault.is_serious()]:
    raise ImproperlyConfigured("\n".join(map(str, faults)))
