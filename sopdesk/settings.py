"""Settings of sopdesk, read from the environment; the defaults are those of a safe production server.

Names and meaning of the variables: docs/operations.md. A development machine differs only by the `.env`
that `make run` writes. `sopdesk/checks.py` refuses to start with unsafe values.
"""

import os
import sys
import tempfile
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules

env = environ.Env()
if not TESTING:
    env.read_env(env.str("ENV_FILE", str(BASE_DIR / ".env")))

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")
SECURE = BASE_URL.startswith("https://")
if TESTING:
    SECRET_KEY = "only-for-the-tests-" + "x" * 40
    ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

INSTALLED_APPS = [
    "sopdesk",
    "reports",
    "training",
    "runs",
    "procedures",
    "roles",
    "notifications",
    "audit",
    "jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "simple_history",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sopdesk.middleware.PersonMiddleware",
    "sopdesk.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sopdesk.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "sopdesk.urls"
WSGI_APPLICATION = "sopdesk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sopdesk.context.shell",
            ],
            "builtins": ["sopdesk.templatetags.punctuation"],
        },
    }
]

# Databases ---------------------------------------------------------------------------------------------------

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
    "PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;"
)


NEVER_BY_ITSELF = 1_000_000_000  # psycopg prepares what asks for it, unless the threshold is None


def database(url: str) -> dict:
    """Django's description of the database at `url`, with the options that sopdesk relies on."""
    config = environ.Env.db_url_config(url)
    if "sqlite" in config["ENGINE"]:
        name = Path(config["NAME"])
        config["ENGINE"] = "sopdesk.db.sqlite"
        config["NAME"] = str(name) if name.is_absolute() or str(name) == ":memory:" else str(BASE_DIR / name)
        # IMMEDIATE: a read that turns into a write inside a deferred transaction fails at once with "locked".
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
    else:
        config["ENGINE"] = "sopdesk.db.postgres"
        config["OPTIONS"] = {
            # Search vectors live outside the heap, so the planner would wrongly prefer sequential scans. What is
            # prepared is written so that one plan fits all values: planned once, not five times and compared.
            "options": "-c random_page_cost=1.1 -c jit=off -c plan_cache_mode=force_generic_plan",
            "connect_timeout": 5,
            "prepare_threshold": NEVER_BY_ITSELF,
        }
        config["CONN_HEALTH_CHECKS"] = True
    config["CONN_MAX_AGE"] = 60
    return config


# Off behind a pool of connections that changes them between transactions, as old PgBouncers do
DATABASE_PREPARES = env.bool("DATABASE_PREPARES", True)
DATABASES = {"default": database(env.str("DATABASE_URL", "sqlite:///db.sqlite3"))}
if TESTING:
    # A file on SQLite: threads of one test then meet as people do, which an in-memory database forbids.
    TEST_DATABASE = f"test_sopdesk_{env.str('TEST_DB_SUFFIX', '')}{os.getpid()}"
    if "sqlite" in DATABASES["default"]["ENGINE"]:
        TEST_DATABASE = str(Path(tempfile.gettempdir()) / f"{TEST_DATABASE}.sqlite3")
    else:  # nothing of it must survive a power cut
        DATABASES["default"]["OPTIONS"]["options"] += " -c synchronous_commit=off"
    DATABASES["default"]["TEST"] = {"NAME": TEST_DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# Background work ---------------------------------------------------------------------------------------------

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "mail", "pdf"],
    }
}
SCHEDULE = [
    {"name": "publish due revisions", "task": "procedures.scheduled.publish_due", "every": 60},
    {"name": "end emergency issues", "task": "procedures.scheduled.end_emergencies", "every": 600},
    {"name": "end temporary deviations", "task": "procedures.scheduled.end_deviations", "every": 600},
    {"name": "deliver waiting notices", "task": "notifications.tasks.deliver_waiting", "every": 300},
    {"name": "send digests", "task": "notifications.tasks.send_digests", "daily_at": "07:00"},
    {"name": "end accesses", "task": "roles.scheduled.end_accesses", "every": 3600},
    {"name": "checkpoint of the trail", "task": "reports.scheduled.make_checkpoint", "every": 300},
    {"name": "verify everything", "task": "reports.scheduled.verify_everything", "daily_at": "02:30"},
    {"name": "send reminders", "task": "procedures.scheduled.send_reminders", "daily_at": "06:30"},
    {"name": "learn meanings", "task": "procedures.scheduled.learn_meanings", "every": 60},
    {"name": "clear ended sessions", "task": "sopdesk.tasks.clear_sessions", "every": 24 * 3600},
    {"name": "remove old imports", "task": "procedures.scheduled.remove_old_imports", "every": 24 * 3600},
    {"name": "remove old manuals", "task": "procedures.scheduled.remove_old_manuals", "every": 24 * 3600},
    {"name": "forget who searched", "task": "procedures.scheduled.forget_searchers", "daily_at": "03:40"},
    {"name": "forget openings of links", "task": "procedures.scheduled.forget_openings", "daily_at": "03:45"},
    {"name": "remove old link checks", "task": "procedures.scheduled.remove_old_link_checks", "daily_at": "03:50"},
    {"name": "prune finished tasks", "task": "jobs.tasks.prune_results", "every": 24 * 3600},
]

# Reminders of decisions; days are those of TIME_ZONE
REMIND_DAYS_BEFORE = env.int("REMIND_DAYS_BEFORE", 1)
REMIND_EVERY_DAYS = max(env.int("REMIND_EVERY_DAYS", 2), 1)
ESCALATE_AFTER_DAYS = env.int("ESCALATE_AFTER_DAYS", 3)

# What the form of an emergency issue proposes; 30 days are the most that it takes
EMERGENCY_DAYS = env.int("EMERGENCY_DAYS", 14)

# Search by meaning, where the extra `sopdesk[meaning]` is installed
SEARCH_MEANING = env.bool("SEARCH_MEANING", True)

# Sites whose links may be asked whether they still lead somewhere; ".example.org" stands for everything below, too
LINK_CHECK_HOSTS = env.list("LINK_CHECK_HOSTS", default=[])

# How many days a temporary deviation from a step may hold at most
DEVIATION_DAYS = max(env.int("DEVIATION_DAYS", 30), 1)

# Links for people without an account: the last day that the form proposes, and the latest that it takes, in days
SHARE_DAYS = env.int("SHARE_DAYS", 14)
SHARE_MAX_DAYS = max(env.int("SHARE_MAX_DAYS", 90), 1)

# Whether browsers keep texts in force that somebody has opened, to be read without a network; off on shared computers
OFFLINE_READING = env.bool("OFFLINE_READING", True)

# How long is kept what nobody needs for ever, in days: who searched and what was searched for, visits of share links,
# what asking external links has brought. The trail, signatures and confirmations stay for good.
SEARCH_PERSON_DAYS = max(env.int("SEARCH_PERSON_DAYS", 30), 1)
SEARCH_DAYS = max(env.int("SEARCH_DAYS", 400), 1)
SHARE_LOG_DAYS = max(env.int("SHARE_LOG_DAYS", 400), 1)
LINK_CHECK_DAYS = max(env.int("LINK_CHECK_DAYS", 90), 1)

# How long a manual is kept
MANUAL_DAYS = env.int("MANUAL_DAYS", 14)

# What happens in the transaction in which somebody is deactivated: functions of apps above `roles`
AFTER_DEACTIVATION = ["procedures.actions.overdue.tell_of_empty_places"]

# The same for the transaction in which readers get another text to follow, by publication or in an emergency:
# functions of apps above `procedures`
AFTER_PUBLICATION = ["training.tasks.ask_after_publication"]

# What else happened in the demo firm: functions of apps above `procedures`
DEMO_LIVES = ["training.demo.life.life", "runs.demo.life.life"]

# People and log-in -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "roles.User"
AUTHENTICATION_BACKENDS = ["roles.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "roles.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # administrators create accounts and vouch for the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_USER_DISPLAY = "roles.models.user.display_name"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# Language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["sopdesk.formats"]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Paris")
USE_TZ = True

# Files -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = env.str("MEDIA_ROOT", str(BASE_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "sopdesk.storage.StaticFiles"},
}
if TESTING or DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Mail --------------------------------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://localhost:25")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "sopdesk <sopdesk@localhost>")

# Checkpoints of the trail ------------------------------------------------------------------------------------

CHECKPOINT_KEY = env.str("CHECKPOINT_KEY", "")
CHECKPOINT_OLD_KEYS = env.list("CHECKPOINT_OLD_KEYS", default=[])
CHECKPOINT_FILE = env.str("CHECKPOINT_FILE", f"{CHECKPOINT_KEY}.checkpoints")
CHECKPOINT_MAIL_TO = env.list("CHECKPOINT_MAIL_TO", default=[])
CHECKPOINT_ENTRIES = env.int("CHECKPOINT_ENTRIES", 1000)
CHECKPOINT_SECONDS = env.int("CHECKPOINT_SECONDS", 3600)

# Security ----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_ENGINE = "roles.sessions"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE and env.bool("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", 1)

# Logging -----------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"weasyprint": {"level": "ERROR"}, "fontTools": {"level": "WARNING"}},
}

DEMO_PASSWORD = env.str("DEMO_PASSWORD", "demo-sopdesk")
