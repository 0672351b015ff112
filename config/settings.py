"""Settings. Everything that differs between two installations comes from the environment.

`TONGCHOU_HOME` names the folder of an instance; when no `DATABASE_URL` is given, the embedded
PostgreSQL and Valkey of that instance are started and their addresses used (config/embedded).
"""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = embedded.home()

# Addresses and secrets of the embedded instance; what the real environment gives is left alone.
os.environ.update(embedded.environment(HOME))
env = environ.FileAwareEnv()

SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("TONGCHOU_DEMO", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
INTERNAL_HTTPS = env.bool("TONGCHOU_HTTPS", default=False)

# Keys of the identity numbers, each 32 hexadecimal digits (128 bits), outside the database.
IDENTITY_ENCRYPTION_KEYS = env.list("IDENTITY_ENCRYPTION_KEYS")  # newest first, "id:key"
IDENTITY_DIGEST_KEY = env.str("IDENTITY_DIGEST_KEY")

INSTALLED_APPS = [
    "config.apps.TongchouAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "csp",
    "import_export",
    "django_celery_beat",
    "enrollment",
    "benefits",
    "funds",
    "config.apps.ConfigConfig",
]

MIDDLEWARE = [
    "config.middleware.RequestNumberMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.PlainTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.SessionLimitsMiddleware",
    "config.middleware.ScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "enrollment.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "django.template.context_processors.i18n",
                "config.site.branding",
            ],
            # Filters of the screens; no room of their own, they belong to the admin.
            "libraries": {"figures": "enrollment.admin.figures"},
        },
    },
]

# One database, three roles. The owner changes the schema, the web and the workers are plain roles
# without superuser or BYPASSRLS; the process says which one it is (manage.py, config/wsgi.py,
# config/worker.py).
ROLE = env.str("TONGCHOU_ROLE", default="owner")
ROLE_URLS = {"owner": "DATABASE_URL", "web": "DATABASE_URL_WEB", "worker": "DATABASE_URL_WORKER"}
DATABASES = {"default": env.db_url(ROLE_URLS[ROLE])}
DATABASES["default"].update(ATOMIC_REQUESTS=False, CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
DATABASE_ROLES = {
    "web": env.db_url("DATABASE_URL_WEB")["USER"],
    "worker": env.db_url("DATABASE_URL_WORKER")["USER"],
}
# What the statements are planned for goes with the connection (docs/adr/0057): a server as it is
# installed compiles each slice anew and reads in the order of keys as if it were at random.
PLANNED_FOR = "-c jit=off -c work_mem=64MB -c random_page_cost=1.1"
SERVER_OPTIONS = {
    "owner": PLANNED_FOR,
    # Starting parallel workers costs a small page more than it saves.
    "web": f"{PLANNED_FOR} -c max_parallel_workers_per_gather=0",
    # A worker that was killed must not leave its statement running and its shard held.
    "worker": f"{PLANNED_FOR} -c client_connection_check_interval=1000",
}
DATABASES["default"].setdefault("OPTIONS", {})["options"] = SERVER_OPTIONS[ROLE]

REDIS_URL = env.str("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL
CELERY_TIMEZONE = "Asia/Shanghai"

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "config.roles.DutyBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_LOCKOUT_CALLABLE = "config.views.locked"
AXES_RESET_ON_SUCCESS = True
# The lock ends when the page says so, whoever keeps trying meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False  # no user names or addresses in the log; the attempts are in the database

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = HOME / "files"

# Idle and absolute limit of a login, in seconds. Polling does not keep a session alive.
SESSION_IDLE_SECONDS = 15 * 60
SESSION_ABSOLUTE_SECONDS = 8 * 60 * 60
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = INTERNAL_HTTPS
SECURE_SSL_REDIRECT = INTERNAL_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if INTERNAL_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = INTERNAL_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# What comes with a case: one file a form, kept in memory alone, this many and this large.
FILE_UPLOAD_HANDLERS = ["config.uploads.BoundedInMemory"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1
CASE_FILES = env.int("TONGCHOU_CASE_FILES", default=20)
CASE_FILE_BYTES = env.int("TONGCHOU_CASE_FILE_MB", default=5) * 2**20
# A file that is sent by a screen to be imported, in memory alone too, and how long one that nobody
# decides about is kept.
IMPORT_FILE_BYTES = env.int("TONGCHOU_IMPORT_FILE_MB", default=64) * 2**20
IMPORT_WAITS_DAYS = env.int("TONGCHOU_IMPORT_WAITS_DAYS", default=30)
# A full list that drops more than this share of a department's people, and more than so many, is
# likely cut off or of another area: status moves by a few in a hundred a month. No number of law;
# whoever confirms such a list says that it is whole.
LIST_LEAVING_PERCENT = env.int("TONGCHOU_LIST_LEAVING_PERCENT", default=5)
LIST_LEAVING_LEAST = env.int("TONGCHOU_LIST_LEAVING_LEAST", default=20)
IMPORT_EXPORT_USE_TRANSACTIONS = True
SILENCED_SYSTEM_CHECKS: list[str] = []

# The agency that every page names beside the product.
AGENCY = env.str("TONGCHOU_AGENCY", default="") or _("Anhui medical security agency")

# The province that this deployment serves, as a 12-digit code.
PROVINCE = int(env.str("TONGCHOU_PROVINCE", default="340000").ljust(12, "0"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "masking": {
            "()": "config.logs.MaskingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "masking"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
