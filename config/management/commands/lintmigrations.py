"""`manage.py lintmigrations`: look for migrations that lock a table or break the last version.

The linter is a tool of `make check` and no installed app: as one it would also replace
`makemigrations` in production.
"""

from django_migration_linter.management.commands.lintmigrations import Command

__all__ = ["Command"]
