"""What the server says to the service worker of a browser (`static/js/offline-worker.js`), in headers of pages."""

from django.conf import settings
from django.utils.crypto import salted_hmac

READER = "X-Reader"
"""Whose page this is, so that the worker forgets what somebody else has read in this browser."""
KEEP = "X-Keep-Offline"
"""The worker may keep this page for reading without a network."""


def reader_key(pk: int) -> str:
    """The same for one person for ever, and nothing to anybody else."""
    return salted_hmac("sopdesk.offline", str(pk)).hexdigest()[:16]


def is_offered() -> bool:
    """Whether this installation lets browsers keep texts; off where people share computers."""
    return settings.OFFLINE_READING
