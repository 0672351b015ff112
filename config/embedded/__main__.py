"""`python -m config.embedded start|stop|status|env`."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from config.embedded import EmbeddedServerError, environment, given, home, status, stop


def main(arguments: Sequence[str]) -> int:
    """Run one command. Exit status 0 done, 1 refused with a reason, 2 wrong usage."""
    commands = ("start", "stop", "status", "env")
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m config.embedded {'|'.join(commands)}", file=sys.stderr)
        return 2
    folder = home()
    try:
        match arguments[0]:
            case "start":
                environment(folder)
                _print_status(folder)
            case "stop":
                ended = stop(folder)
                print(f"Stopped: {', '.join(ended)}." if ended else "Nothing was running.")
            case "status":
                _print_status(folder)
            case "env":
                for name, value in environment(folder).items():
                    print(f"export {name}={shlex.quote(value)}")
    except EmbeddedServerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print_status(folder: Path) -> None:
    print(f"Home: {folder}")
    running = status(folder)
    for name, server in (("DATABASE_URL", "postgresql"), ("REDIS_URL", "valkey")):
        if given(name) and server not in running:
            running[server] = f"not ours, {name} is set"
    for name, what in running.items():
        print(f"  {name}: {what}")
    if not running:
        print("  Nothing is running.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
