"""System checks that stop an unsafe start: `manage.py`, the server and the worker all run them."""

from pathlib import Path

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

EXAMPLE_KEYS = ("change-me", "insecure", "example", "secret-key", "django-insecure")
MINIMUM_KEY_LENGTH = 50


@register(Tags.security)
def secret_key_is_secret(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """An example key or a short one would let anybody forge sessions and reset links."""
    key = settings.SECRET_KEY
    if len(key) < MINIMUM_KEY_LENGTH or len(set(key)) < 5 or any(word in key.lower() for word in EXAMPLE_KEYS):
        return [
            Error(
                "SECRET_KEY is missing, short or an example.",
                hint='Set SECRET_KEY to the output of: python3 -c "import secrets; print(secrets.token_urlsafe(60))"',
                id="sopdesk.E001",
            )
        ]
    return []


@register(Tags.security)
def hosts_are_named(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without host names Django refuses every request; with `*` it believes every one."""
    if settings.DEBUG:
        return []
    if not settings.ALLOWED_HOSTS:
        return [Error("ALLOWED_HOSTS is empty.", hint="Set ALLOWED_HOSTS=sop.example.org", id="sopdesk.E002")]
    if "*" in settings.ALLOWED_HOSTS:
        return [Error("ALLOWED_HOSTS lets every host in.", hint="Name the hosts one by one.", id="sopdesk.E003")]
    return []


@register(Tags.security, deploy=True)
def checkpoints_are_signed(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without checkpoints, whoever owns the database can write the whole trail anew unseen."""
    hint = "Set CHECKPOINT_KEY to a path outside of the database and run: manage.py makecheckpointkey"
    if not settings.CHECKPOINT_KEY:
        return [Warning("The trail has no checkpoints: CHECKPOINT_KEY is not set.", hint=hint, id="sopdesk.W002")]
    path = Path(settings.CHECKPOINT_KEY)
    if not path.is_file():
        return [Warning(f"The trail has no checkpoints: there is no {path}.", hint=hint, id="sopdesk.W002")]
    if path.stat().st_mode & 0o077:
        hint = f"chmod 600 {path}"
        return [Warning("Others than its owner may use the key of the checkpoints.", hint=hint, id="sopdesk.W003")]
    return []


@register(Tags.security, deploy=True)
def debug_is_off(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """A debugging server shows its settings to whoever provokes an error."""
    if settings.DEBUG:
        return [Error("DEBUG is on.", hint="Remove DEBUG from the environment.", id="sopdesk.E004")]
    return []


@register(Tags.security)
def base_url_fits_hosts(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Links in mails lead to BASE_URL; unencrypted it is for one's own machine only."""
    local = ("http://localhost", "http://127.0.0.1", "http://[::1]")
    if not settings.BASE_URL.startswith("https://") and not settings.BASE_URL.startswith(local):
        return [
            Warning(
                "BASE_URL is not https: passwords and sessions travel in the clear.",
                hint="Put a TLS proxy in front and set BASE_URL=https://…",
                id="sopdesk.W001",
            )
        ]
    return []
