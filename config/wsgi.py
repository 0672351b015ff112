"""The web process. It always connects as the plain web role."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["TONGCHOU_ROLE"] = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
