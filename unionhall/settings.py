"""Settings. Everything that differs between two installations comes from the environment; see docs/operations.md."""

import json
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlparse

import django_stubs_ext

from unionhall.foundation import federations
from unionhall.foundation.keys import load_keys
from unionhall.foundation.outside import load_provider
from unionhall.foundation.postgres import connection as embedded_connection

django_stubs_ext.monkeypatch()  # Django classes become subscriptable, as their stubs are.

BASE_DIR = Path(__file__).resolve().parent.parent
# The database server and collected files are shared by federations of one home; HOME is this federation's own.
SERVER_HOME = Path(os.environ.get("UNIONHALL_HOME", BASE_DIR / "var")).resolve()
FEDERATION = federations.chosen(os.environ)
JOBS_SCHEMA = federations.jobs_schema(os.environ)
HOME = federations.house(SERVER_HOME, FEDERATION)
DEMO = os.environ.get("UNIONHALL_DEMO") == "1"
DEBUG = os.environ.get("UNIONHALL_DEBUG") == "1"
SITE_ADDRESS = os.environ.get("UNIONHALL_ADDRESS", "http://localhost:8000").rstrip("/")
SCHEMES_DIR = Path(os.environ.get("UNIONHALL_SCHEMES", BASE_DIR / "schemes"))
#: Versions published on the desk stand beside the files; tests that publish none never ask for them.
SCHEMES_PUBLISHED = True
FILES_DIR = HOME / "files"

KEYS = load_keys(HOME, os.environ)
SECRET_KEY, SECRET_KEY_FALLBACKS = KEYS.secret, list(KEYS.secrets)
ALLOWED_HOSTS = os.environ.get(
    "UNIONHALL_HOSTS", "*" if DEMO or DEBUG else "localhost,127.0.0.1,[::1]"
).split(",")
CSRF_TRUSTED_ORIGINS = [SITE_ADDRESS] if SITE_ADDRESS.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "template_partials",
    "procrastinate.contrib.django",
    "unionhall.foundation",
    "unionhall.records",
    "unionhall.indicators",
    "unionhall.organisations",
    "unionhall.access",
    "unionhall.members",
    "unionhall.network",
    "unionhall.rulebook",
    "unionhall.reviews",
    "unionhall.ledger",
    "unionhall.bulletins",
    "unionhall.organising",
    "unionhall.benefits",
    "unionhall.cases",
    "unionhall.outreach",
    "unionhall.insights",
    "unionhall.window",
    "unionhall.portal",
    "unionhall.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "unionhall.api.middleware.ProblemMiddleware",
    "unionhall.foundation.middleware.TraceMiddleware",
    "unionhall.portal.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "unionhall.foundation.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "unionhall.foundation.middleware.ZeroByteMiddleware",
    "unionhall.access.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "unionhall.access.middleware.AccessMiddleware",
]

ROOT_URLCONF = "unionhall.urls"
WSGI_APPLICATION = "unionhall.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "unionhall.foundation.context.page",
            ],
            "builtins": [
                "django.templatetags.static",
                "unionhall.foundation.templatetags.ui",
            ],
        },
    }
]
FORM_RENDERER = "unionhall.foundation.renderer.Renderer"


def _database() -> dict[str, object]:
    address = os.environ.get("DATABASE_URL")
    if address:
        url = urlparse(address)
        where = {
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": unquote(url.hostname or ""),
            "PORT": str(url.port or ""),
        }
    else:
        found = embedded_connection(SERVER_HOME)
        where = {
            "NAME": found["dbname"],
            "USER": found["user"],
            "HOST": found["host"],
            "PORT": str(found["port"]),
        }
    return {
        "ENGINE": "unionhall.foundation.engine",
        **where,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # The federation's own schema first: everything is created and found there; extensions live in public.
        "OPTIONS": {
            # Known to foundation.reindexing, which cuts these connections when the index key changes.
            "application_name": f"unionhall {FEDERATION}",
            "options": f"-c search_path={federations.search_path(os.environ)} -c statement_timeout=0",
            "connect_timeout": 10,
        },
        # pytest-xdist and side-by-side checkouts each get a database of their own.
        "TEST": {"NAME": os.environ.get("UNIONHALL_TEST_DATABASE", "test_unionhall")},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Account"
AUTHENTICATION_BACKENDS = ["unionhall.access.backends.DeskBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "desk_home"
LOGOUT_REDIRECT_URL = "public_home"
# Cookies know no port and no schema: two federations on one host sign people in side by side.
# Behind https no other host, and no page without https, can set them (the browser holds `__Host-` to that).
_COOKIE = f"{'__Host-' if SITE_ADDRESS.startswith('https://') else ''}{FEDERATION}"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_COOKIE}_session", f"{_COOKIE}_csrf"
DEVICE_COOKIE_NAME = f"{_COOKIE}_device"
SESSION_ENGINE = "unionhall.access.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_ADDRESS.startswith("https://")
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("UNIONHALL_BEHIND_PROXY") else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 180 * 24 * 3600 if SITE_ADDRESS.startswith("https://") else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "unionhall.foundation.errors.csrf_failure"

# A desk session ends when nothing was asked of it for so long; a worker's phone does not (access/sessions.py).
DESK_IDLE = timedelta(minutes=int(os.environ.get("UNIONHALL_DESK_IDLE_MINUTES", "60")))
# A phone silent for so long may have a new holder: signing in then asks for the document's last four.
PHONE_DORMANT = timedelta(days=int(os.environ.get("UNIONHALL_PHONE_DORMANT_DAYS", "180")))
# How many ID, phone, member and card numbers one account may look up in an hour.
LOOKUPS_HOURLY = int(os.environ.get("UNIONHALL_LOOKUPS_PER_HOUR", "200"))
# Where the window's pages find the ID-card reader on the clerk's own machine (docs/card-reader.md); none by default.
CARD_READER = os.environ.get("UNIONHALL_CARD_READER", "/window/card-reader/" if DEMO else "")
# Desk roles sign in by name and password with TOTP (off in demo mode); workers by SMS code.
TOTP_REQUIRED = os.environ.get("UNIONHALL_TOTP", "0" if DEMO else "1") == "1"
ACCOUNT_ADAPTER = "unionhall.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "职工之家 UnionHall"
MFA_ADAPTER = "unionhall.access.adapters.MFAAdapter"

# Desk roles may sign in by the organisation's identity provider (access/providers.py); off unless all three are given.
OIDC = load_provider(os.environ)
SOCIALACCOUNT_ADAPTER = "unionhall.access.providers.AdapterOfApps"

# Text messages: "demo" keeps them in an outbox that the demo page shows; see unionhall/access/sms/.
SMS_BACKEND = os.environ.get("UNIONHALL_SMS", "demo" if DEMO else "none")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["unionhall.foundation.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = SERVER_HOME / "static"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    (prefix, NODE_MODULES / package)
    for prefix, package in (("vendor/htmx", "htmx.org/dist"), ("vendor/echarts", "echarts/dist"))
    if (NODE_MODULES / package).is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["unionhall.foundation.receiving.BoundedUploads"]
# Addresses that take rosters or banks' answers, from who holds the permission somewhere (the call: from who has
# passed the gate); every other takes a document of ten megabytes at most.
LARGE_UPLOADS = {
    "/desk/imports/upload/": "members.intake",
    "/desk/payments/returns/": "ledger.make",
    "/desk/medical/upload/": "benefits.medical_files",
}
LARGE_CALLS = "/api/v1/rosters"
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOADS_DIR = HOME / "tmp" / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
#: The virus scanner that looks at uploads: empty, "clamscan", or where clamd listens (records.scanning).
SCANNER = os.environ.get("UNIONHALL_SCANNER", "").strip()
#: Federations to which cases are transferred, each with the key shared with it (64 hexadecimal digits).
TRANSFER_KEYS: dict[str, str] = json.loads(os.environ.get("UNIONHALL_TRANSFER_KEYS") or "{}")
INTAKE_MAX_BYTES = int(os.environ.get("UNIONHALL_INTAKE_MAX_MB", "512")) * 1024 * 1024

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# Readable lines, or JSON; neither carries personal data (foundation/logs.py). Every request has a line in JSON, and in
# readable form only the slow and the failed.
LOG_JSON = os.environ.get("UNIONHALL_LOG_FORMAT") == "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": f"unionhall.foundation.logs.{'JsonFormatter' if LOG_JSON else 'LineFormatter'}"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("UNIONHALL_LOG", "WARNING")},
    "loggers": {
        # Nothing is mailed, and Django prints nothing past our formatter.
        "django": {"handlers": []},
        "django.server": {"handlers": [], "propagate": True},
        "unionhall": {"level": os.environ.get("UNIONHALL_LOG", "INFO")},
        "unionhall.requests": {"level": os.environ.get("UNIONHALL_LOG", "INFO" if LOG_JSON else "WARNING")},
    },
}
DEFAULT_EXCEPTION_REPORTER = "unionhall.foundation.logs.WithoutVariables"
# Who may read /metrics: whoever says this, or without it only a program on this machine.
METRICS_TOKEN = os.environ.get("UNIONHALL_METRICS_TOKEN", "")
SILENCED_SYSTEM_CHECKS: list[str] = []
TEST_RUNNER = "django.test.runner.DiscoverRunner"
