"""Where the numbers of law stand: one folder an app, the documents with the lowest."""

from django.conf import settings

ROOTS = [settings.BASE_DIR / app / "parameters" for app in ("enrollment", "benefits", "funds")]
