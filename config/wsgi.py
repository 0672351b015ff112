"""The web process. It always connects as the plain web role, and does not start as another."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["TONGCHOU_ROLE"] = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()


def _connect_once() -> None:
    """Refuse at start what `config.database.refuse_powerful_role` refuses; no database, no refusal:
    every later connection is asked again."""
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError:
        return
    connection.close()


_connect_once()
