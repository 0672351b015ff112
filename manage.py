#!/usr/bin/env python
"""Command line of Tongchou."""

import os
import sys

# Which database role a command connects as. What is not named here connects as the
# owner, who alone may change the schema; daily work never needs the owner's rights.
ROLE_OF_COMMAND = {
    "runserver": "web",
    "run_year": "worker",
    "take_changes": "worker",
    "import_file": "worker",
    "export_file": "worker",
}


def main() -> None:
    """Run one management command under the plain database role that it needs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("TONGCHOU_ROLE", ROLE_OF_COMMAND.get(command, "owner"))
    if command == "demo":
        os.environ["TONGCHOU_DEMO"] = "1"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
