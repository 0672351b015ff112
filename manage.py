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


def explained(words: list[str]) -> bool:
    """Answer `explain FILE`, which needs rules and parameter files alone.

    Loading every app and its screens took nine tenths of the time. What cannot be read is left to
    the command, which says what is wrong in the user's language.
    """
    if len(words) != 2 or words[0] != "explain" or words[1].startswith("-"):
        return False
    from config.explain.files import answer_file

    try:
        answer = answer_file(words[1])
    except (OSError, ValueError):
        return False
    sys.stdout.write(f"{answer}\n")
    return True


def main() -> None:
    """Run one management command under the plain database role that it needs."""
    if explained(sys.argv[1:]):
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("TONGCHOU_ROLE", ROLE_OF_COMMAND.get(command, "owner"))
    if command == "demo":
        os.environ["TONGCHOU_DEMO"] = "1"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
